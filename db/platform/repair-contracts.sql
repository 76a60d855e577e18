-- Contracts that have not ended, and ended ones with a pending command or an abandoned attempt. Rows that are younger than ten
-- seconds are not late: the process that wrote them may still be working on them. An attempt is abandoned if it was planned
-- more than ten seconds ago, or sent by a process whose lease is over.
with part as materialized (
  select merchant_id, id, clock_id, phase
  from contracts
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  c.merchant_id, c.id, 'contract/' || c.id as workflow_id,
  array_remove(array[
    -- An agenda row that the workflow should have moved. A clock that advances settles the contracts on it by itself.
    (
      select 'due since ' || iso(g.due_at) from agenda g
      where g.workflow_id = 'contract/' || c.id
        and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
          or k.status <> 'advancing' and g.due_at <= k.now_at)),
    (
      select 'command ' || m.id || ' is undecided' from commands m
      where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending'
        and m.recorded_at <= clock_timestamp() - interval '10 seconds'
      order by m.seq limit 1),
    (
      select 'a ' || (o.payload->>'kind') || ' by collection is not stored' from outbox o
      where o.merchant_id = c.merchant_id and o.object = 'contract/' || c.id and o.kind = 'command' and o.state = 'waiting'
        and o.due_at <= clock_timestamp() - interval '10 seconds'
      order by o.id limit 1),
    (
      select 'attempt ' || t.id || ' is ' || t.state from attempts t
      where t.merchant_id = c.merchant_id and t.contract_id = c.id and t.n = 1 and t.state in ('planned', 'sent')
        and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')
      order by t.id limit 1)
  ], null) as late,
  c.phase <> 'ended'
    or exists (
      select from commands m where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending')
    or exists (
      select from attempts t
      where t.merchant_id = c.merchant_id and t.contract_id = c.id and t.n = 1 and t.state in ('planned', 'sent')
        and (t.lease_until is null or t.lease_until <= clock_timestamp())
        and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')) as needed
from part c
left join test_clocks k on k.merchant_id = c.merchant_id and k.id = c.clock_id
order by c.merchant_id, c.id
