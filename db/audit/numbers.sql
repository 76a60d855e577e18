-- Each document beside the one before it in its series. The first row of a slice is the last one of the slice before.
with neighbour as (
  select
    p.*,
    lag(counter) over (partition by merchant_id, issuer_id, kind, clock_id, period_key order by counter, id) as before,
    (merchant_id, issuer_id, kind, clock_id, period_key) = (:merchant, :issuer, :kind, :clock, :period) as continued,
    kind || ' of ' || issuer_id || case when period_key = '' then '' else ' in ' || period_key end
      || case when clock_id = '' then '' else ' on ' || clock_id end as series
  from part p
),
first as (
  select * from neighbour where before is null and not continued
)
select
  'series_gap' as check_name, merchant_id, id,
  'number ' || counter || ' follows ' || before || ' in ' || series as message
from neighbour
where counter > before + 1

union all
select
  'series_gap', f.merchant_id, f.issuer_id,
  'the first number is ' || f.counter || ' and not ' || s.first_counter || ' in ' || f.series
from first f
join number_series s using (merchant_id, issuer_id, kind)
where f.counter <> s.first_counter

union all
select 'series_gap', f.merchant_id, f.issuer_id, 'there is no counter for ' || f.series
from first f
where not exists (
  select from series_counters k
  where (k.merchant_id, k.issuer_id, k.kind, k.clock_id, k.period_key)
    = (f.merchant_id, f.issuer_id, f.kind, f.clock_id, f.period_key))

union all
select 'series_double', merchant_id, id, 'another document has the counter ' || counter || ' of ' || series
from neighbour
where counter = before
