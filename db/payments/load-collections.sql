-- Collections of accounts with all data that decides their next step.
select
  l.id, l.account_id as "accountId", a.customer_id as "customerId", a.clock_id as "clockId", l.currency, l.cause, l.state,
  l.notice_at as "noticeAt", l.due_at as "dueAt", coalesce(l.threshold_minor, 0) as "thresholdMinor",
  l.dunning_level as "dunningLevel", a.time_zone as "timeZone", a.deactivated_at is not null as "onHold", g.due_at as "agendaDue", m.id as "methodId", m.provider,
  (
    select coalesce(json_agg(json_build_object(
      'id', r.id, 'amountMinor', x.amount_minor::text, 'openMinor', r.open_minor::text) order by r.effective_at, r.id), '[]')::text
    from collection_receivables x
    join receivables r on r.merchant_id = x.merchant_id and r.id = x.receivable_id
    where x.merchant_id = l.merchant_id and x.collection_id = l.id
  ) as receivables,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', t.id, 'n', t.n, 'state', t.state, 'methodId', t.payment_method_id, 'provider', t.provider,
      'effectiveAt', iso(t.effective_at), 'sentAt', iso(t.sent_at), 'decidedAt', iso(t.decided_at),
      'lookups', t.lookups) order by t.n), '[]')
    from attempts t
    where t.merchant_id = l.merchant_id and t.collection_id = l.id
  ) as attempts
from collections l
join billing_accounts a on a.merchant_id = l.merchant_id and a.id = l.account_id
left join payment_methods m on m.merchant_id = a.merchant_id and m.removed_at is null and m.id = a.payment_method_id
left join agenda g on g.workflow_id = 'collection/' || l.id
where l.merchant_id = :merchant and l.id = any(:collections)
order by l.id
