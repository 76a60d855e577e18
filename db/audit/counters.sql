select
  'series_gap' as check_name, merchant_id, issuer_id as id,
  'the counter stands at ' || last_counter || ', the last document has ' || coalesce(high::text, 'none') || ' in '
    || kind || ' of ' || issuer_id || case when period_key = '' then '' else ' in ' || period_key end
    || case when clock_id = '' then '' else ' on ' || clock_id end as message
from (
  select k.*, (
    select max(d.counter) from documents d
    where d.merchant_id = k.merchant_id and d.issuer_id = k.issuer_id and d.kind = k.kind
      and coalesce(d.clock_id, '') = k.clock_id and d.period_key = k.period_key) as high
  from part k
) k
where high is distinct from last_counter
