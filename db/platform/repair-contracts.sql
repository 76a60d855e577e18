-- The next thousand contracts: which of their workflows must run, and what is late about each. A workflow must run until its
-- contract has ended and every command and first attempt is answered. Rows younger than ten seconds are left to the process
-- that wrote them.
with part as materialized (
  select merchant_id, id, clock_id, phase
  from contracts
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  c.merchant_id, c.id, 'contract/' || c.id as workflow_id,
  array_remove(array[due.reason, undecided.reason, unstored.reason, undriven.reason], null) as late,
  c.phase <> 'ended'
    or undriven.reason is not null
    or exists (
      select from commands m
      where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending') as needed
from part c
left join test_clocks k on k.merchant_id = c.merchant_id and k.id = c.clock_id
-- The workflow should have taken this row from the agenda. An advancing test clock wakes its workflows itself.
left join lateral (
  select 'due since ' || iso(g.due_at) as reason from agenda g
  where g.workflow_id = 'contract/' || c.id
    and (g.clock_id is null and g.due_at <= clock_timestamp() - interval '10 seconds'
      or k.status <> 'advancing' and g.due_at <= k.now_at)) due on true
left join lateral (
  select 'command ' || m.id || ' is undecided' as reason from commands m
  where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending'
    and m.recorded_at <= clock_timestamp() - interval '10 seconds'
  order by m.seq limit 1) undecided on true
left join lateral (
  select 'a ' || (o.payload->>'kind') || ' by ' || split_part(o.payload->>'actor', ':', 1) || ' is not stored' as reason from outbox o
  where o.merchant_id = c.merchant_id and o.object = 'contract/' || c.id and o.kind = 'command' and o.state = 'waiting'
    and o.due_at <= clock_timestamp() - interval '10 seconds'
  order by o.id limit 1) unstored on true
-- A first attempt that was planned more than ten seconds ago, or whose sender's lease has ended.
left join lateral (
  select 'attempt ' || t.id || ' is ' || t.state as reason from attempts t
  where t.merchant_id = c.merchant_id and t.contract_id = c.id and t.n = 1 and t.state in ('planned', 'sent')
    and (t.lease_until is null or t.lease_until <= clock_timestamp())
    and t.effective_at <= coalesce(k.now_at, clock_timestamp() - interval '10 seconds')
  order by t.id limit 1) undriven on true
order by c.merchant_id, c.id
