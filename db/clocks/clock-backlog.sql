-- The state of a clock, and all work that is open on it (rule 44).
select
  k.now_at, k.target_at, k.status,
  (
    select coalesce(jsonb_agg(jsonb_build_object('workflow_id', workflow_id, 'kind', kind, 'due_at', iso(due_at))
      order by place, due_at, workflow_id), '[]')
    from (
      select *, array_position(array['provider_event', 'contract', 'account', 'collection'], kind) as place
      from agenda
      where merchant_id = k.merchant_id and clock_id = k.id and due_at <= k.now_at
      order by place, due_at, workflow_id
      limit :most
    ) g
  ) as due,
  (
    select min(due_at) from agenda where merchant_id = k.merchant_id and clock_id = k.id and due_at > k.now_at
  ) as next_at,
  (
    select count(*)::int from outbox
    where merchant_id = k.merchant_id and clock_id = k.id and state in ('waiting', 'dead')
      and kind in ('start', 'wake', 'command')
  ) as messages,
  (
    select coalesce(jsonb_agg(jsonb_build_object('id', m.id, 'contract_id', m.contract_id) order by m.id), '[]')
    from commands m
    join contracts c on c.merchant_id = m.merchant_id and c.id = m.contract_id
    where m.merchant_id = k.merchant_id and m.state = 'pending' and c.clock_id = k.id
  ) as commands,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'contract_id', t.contract_id, 'n', t.n, 'state', t.state,
      'postponed', exists (
        select from agenda g where g.workflow_id = 'collection/' || coalesce(t.receivable_id, t.collection_id) and g.due_at > k.now_at))
      order by t.id), '[]')
    from attempts t
    join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id
    where t.merchant_id = k.merchant_id and t.state in ('planned', 'sent') and b.clock_id = k.id
  ) as attempts,
  (
    select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'workflow_id', i.workflow_id) order by i.id), '[]')
    from incidents i
    where i.merchant_id = k.merchant_id and i.closed_at is null and (
      exists (
        select from contracts c
        where c.merchant_id = i.merchant_id and c.id = split_part(i.workflow_id, '/', 2) and c.clock_id = k.id)
      or exists (
        select from billing_accounts b
        where b.merchant_id = i.merchant_id and b.id = split_part(i.workflow_id, '/', 2) and b.clock_id = k.id)
      or exists (
        select from receivables r
        join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
        where r.merchant_id = i.merchant_id and r.id = split_part(i.workflow_id, '/', 2) and b.clock_id = k.id)
      or exists (
        select from collections l
        join billing_accounts b on b.merchant_id = l.merchant_id and b.id = l.account_id
        where l.merchant_id = i.merchant_id and l.id = split_part(i.workflow_id, '/', 2) and b.clock_id = k.id))
  ) as incidents
from test_clocks k
where k.merchant_id = :merchant and k.id = :clock
