-- Claims commands whose decision is overdue: of each merchant as many as its turn allows, the longest overdue first.
with late as materialized (
  select q.id
  from unnest(:merchants, :most) t(merchant_id, most)
  cross join lateral (
    select o.id from commands o
    where o.state = 'pending' and o.merchant_id >= t.merchant_id
      and (o.merchant_id, greatest(o.recorded_at, o.held_until))
        <= (t.merchant_id, statement_timestamp() - make_interval(secs => :overdue))
    order by o.merchant_id, greatest(o.recorded_at, o.held_until)
    limit t.most for no key update skip locked
  ) q
)
update commands c
set looks = c.looks + 1,
  held_until = statement_timestamp()
    + make_interval(secs => least(:longest, :wait * power(2, least(c.looks, 30))) - :overdue)
where c.id = any(array(select id from late))
returning
  :prefix || c.contract_id as workflow_id, c.merchant_id, c.recorded_at as due_at, c.looks - 1 as looks,
  exists (
    select from incidents i where i.workflow_id = :prefix || c.contract_id and i.closed_at is null) as incident
