-- Counts of the work that is open on a clock at its instant (rule 44).
select
  (
    select count(*)::int from agenda a
    join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
    where a.merchant_id = :merchant and a.clock_id = :clock and a.due_at <= k.now_at
  ) as due,
  (
    select count(*)::int from commands m
    join contracts c on c.merchant_id = m.merchant_id and c.id = m.contract_id
    where m.merchant_id = :merchant and m.state = 'pending' and c.clock_id = :clock
  ) as commands,
  (
    select count(*)::int from outbox
    where merchant_id = :merchant and clock_id = :clock and state in ('waiting', 'dead')
      and kind in ('start', 'wake', 'command')
  ) as messages,
  (
    select count(*)::int from attempts t
    join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id
    where t.merchant_id = :merchant and t.state in ('planned', 'sent') and b.clock_id = :clock
  ) as attempts,
  (
    select count(*)::int from incidents i
    where i.merchant_id = :merchant and i.closed_at is null and (
      exists (
        select from contracts c
        where c.merchant_id = i.merchant_id and c.clock_id = :clock and c.id = split_part(i.workflow_id, '/', 2))
      or exists (
        select from billing_accounts b
        where b.merchant_id = i.merchant_id and b.id = split_part(i.workflow_id, '/', 2) and b.clock_id = :clock)
      or exists (
        select from receivables r
        join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
        where r.merchant_id = i.merchant_id and b.clock_id = :clock and r.id = split_part(i.workflow_id, '/', 2)))
  ) as incidents
