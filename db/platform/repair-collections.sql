-- The next thousand receivables: which collections must run, and what is late about each. Until a receivable has more than a
-- first attempt, its contract drives it, and the agenda row of the collection starts the collection in time.
with part as materialized (
  select merchant_id, id, account_id, open_minor, dunning_level
  from receivables
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  r.merchant_id, r.id, 'collection/' || r.id as workflow_id,
  array_remove(array[due.reason, undriven.reason], null) as late,
  r.open_minor > 0 and r.dunning_level > 0
    or due.reason is not null
    or undriven.reason is not null
    or exists (
      select from attempts t
      where t.merchant_id = r.merchant_id and t.receivable_id = r.id
        and t.state in ('unknown', 'pending', 'requires_action')
        and (t.state = 'unknown' or t.n > 1 or t.lookups > 0)) as needed
from part r
join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
-- The workflow should have taken this row from the agenda. An advancing test clock wakes its workflows itself.
left join lateral (
  select 'due since ' || iso(g.due_at) as reason from agenda g
  where g.workflow_id = 'collection/' || r.id
    and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
      or k.status <> 'advancing' and g.due_at <= k.now_at)) due on true
-- An attempt after the first that was planned more than ten seconds ago, or whose sender's lease has ended.
left join lateral (
  select 'attempt ' || t.id || ' is ' || t.state as reason from attempts t
  where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.n > 1 and t.state in ('planned', 'sent')
    and (t.lease_until is null or t.lease_until <= clock_timestamp())
    and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')
  order by t.id limit 1) undriven on true
order by r.merchant_id, r.id
