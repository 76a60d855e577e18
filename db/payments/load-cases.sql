-- Locks receivables, oldest first, and returns all data that decides how they are collected.
select
  r.id, r.account_id as "accountId", a.customer_id as "customerId", r.contract_id as "contractId",
  coalesce(c.phase = 'ended', true) as "contractEnded", a.clock_id as "clockId", r.currency,
  r.open_minor as "openMinor", r.dunning_level as "dunningLevel", a.time_zone as "timeZone",
  a.deactivated_at is not null as "onHold", g.due_at as "agendaDue",
  m.id as "methodId", m.provider,
  coalesce(paused_for_dunning(c), false) as "pausedForDunning",
  exists (
    select from receivables o
    where o.merchant_id = r.merchant_id and o.contract_id = r.contract_id and o.id <> r.id and o.open_minor > 0
      and o.dunning_level >= :pauseLevel
  ) or exists (
    select from collections l
    where l.merchant_id = c.merchant_id and l.account_id = c.account_id
      and l.dunning_level >= :pauseLevel and l.ended_at is null
  ) as "othersDunned",
  a.collect_by = 'balance' as "byBalance",
  exists (
    select from collection_receivables x where x.merchant_id = r.merchant_id and x.receivable_id = r.id
  ) as "inCollection",
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'n', t.n, 'state', t.state, 'methodId', t.payment_method_id, 'provider', t.provider,
      'effectiveAt', iso(t.effective_at), 'sentAt', iso(t.sent_at), 'decidedAt', iso(t.decided_at),
      'lookups', t.lookups) order by t.n), '[]')
    from attempts t
    where t.merchant_id = r.merchant_id and t.receivable_id = r.id
  ) as attempts
from receivables r
join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
left join contracts c on c.merchant_id = r.merchant_id and c.id = r.contract_id
left join payment_methods m on m.merchant_id = r.merchant_id and m.removed_at is null
  and m.id = coalesce(c.payment_method_id, a.payment_method_id)
left join agenda g on g.workflow_id = 'collection/' || r.id
where r.merchant_id = :merchant and r.id = any(:receivables)
order by r.effective_at, r.id
for no key update of r
