-- The next thousand billing accounts: which of their workflows must run, and what is late about each. A workflow must run as long as
-- a run of its account is on the agenda.
with part as materialized (
  select merchant_id, id, clock_id
  from billing_accounts
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  a.merchant_id, a.id, 'account/' || a.id as workflow_id,
  array_remove(array[
    case when g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
        or k.status <> 'advancing' and g.due_at <= k.now_at
      then 'due since ' || iso(g.due_at) end], null) as late,
  g.workflow_id is not null as needed
from part a
-- An advancing test clock wakes its workflows itself.
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
left join agenda g on g.workflow_id = 'account/' || a.id
order by a.merchant_id, a.id
