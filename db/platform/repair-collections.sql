-- Collections that are late, and collections that should run. A collection should run once a receivable has more than a first
-- attempt that is planned or sent. Until then the contract's workflow makes the attempt, and the agenda row of the collection
-- starts it when it is due. Lateness and abandoned attempts are defined as in repair-contracts.sql.
with part as materialized (
  select merchant_id, id, account_id, open_minor, dunning_level
  from receivables
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  r.merchant_id, r.id, 'collection/' || r.id as workflow_id,
  array_remove(array[
    (
      select 'due since ' || iso(g.due_at) from agenda g
      where g.workflow_id = 'collection/' || r.id
        and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
          or k.status <> 'advancing' and g.due_at <= k.now_at)),
    (
      select 'attempt ' || t.id || ' is ' || t.state from attempts t
      where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.n > 1 and t.state in ('planned', 'sent')
        and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')
      order by t.id limit 1)
  ], null) as late,
  r.open_minor > 0 and r.dunning_level > 0
    or exists (
      select from agenda g
      where g.workflow_id = 'collection/' || r.id
        and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
          or k.status <> 'advancing' and g.due_at <= k.now_at))
    or exists (
      select from attempts t
      where t.merchant_id = r.merchant_id and t.receivable_id = r.id
        and t.state in ('planned', 'sent', 'unknown', 'pending', 'requires_action')
        and (t.state in ('unknown', 'pending', 'requires_action') and (t.state = 'unknown' or t.n > 1 or t.lookups > 0)
          or t.n > 1 and t.state in ('planned', 'sent')
            and (t.lease_until is null or t.lease_until <= clock_timestamp())
            and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds'))) as needed
from part r
join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
order by r.merchant_id, r.id
