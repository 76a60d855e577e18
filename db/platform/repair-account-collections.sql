-- The next thousand collections of accounts: which of their workflows must run, and what is late about each. A planned one is
-- started by its agenda row.
with part as materialized (
  select merchant_id, id, account_id, state
  from collections
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  l.merchant_id, l.id, 'collection/' || l.id as workflow_id,
  array_remove(array[due.reason, undriven.reason], null) as late,
  l.state in ('noticed', 'collecting', 'stopped') or due.reason is not null or undriven.reason is not null as needed
from part l
join billing_accounts a on a.merchant_id = l.merchant_id and a.id = l.account_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
-- The workflow should have taken this row from the agenda. An advancing test clock wakes its workflows itself.
left join lateral (
  select 'due since ' || iso(g.due_at) as reason from agenda g
  where g.workflow_id = 'collection/' || l.id
    and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
      or k.status <> 'advancing' and g.due_at <= k.now_at)) due on true
-- An attempt that was planned more than ten seconds ago, or whose sender's lease has ended.
left join lateral (
  select 'attempt ' || t.id || ' is ' || t.state as reason from attempts t
  where t.merchant_id = l.merchant_id and t.collection_id = l.id and t.state in ('planned', 'sent')
    and (t.lease_until is null or t.lease_until <= clock_timestamp())
    and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')
  order by t.id limit 1) undriven on true
order by l.merchant_id, l.id
