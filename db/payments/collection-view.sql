-- A collection of an account as the API shows it, with its invoices, oldest first.
select
  l.id, l.account_id as account, l.cause, l.state, l.currency, l.notice_at, l.due_at, l.noticed_at, l.amount_minor, l.threshold_minor,
  (
    select coalesce(sum(c.amount_minor - c.reversed_minor), 0)::bigint
    from attempts t
    join payments p on p.merchant_id = t.merchant_id and p.attempt_id = t.id
    join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
    where t.merchant_id = l.merchant_id and t.collection_id = l.id
  ) as collected_minor,
  l.dunning_level,
  (
    select coalesce(json_agg(json_build_object(
      'invoice', d.id, 'number', d.number, 'amountMinor', x.amount_minor::text, 'openMinor', r.open_minor::text)
      order by r.effective_at, r.id), '[]')::text
    from collection_receivables x
    join receivables r on r.merchant_id = x.merchant_id and r.id = x.receivable_id
    join documents d on d.merchant_id = r.merchant_id and d.id = r.document_id
    where x.merchant_id = l.merchant_id and x.collection_id = l.id
  ) as receivables,
  (
    select coalesce(jsonb_agg(t.id order by t.n), '[]') from attempts t
    where t.merchant_id = l.merchant_id and t.collection_id = l.id
  ) as attempts,
  l.asked_at, l.ended_at
from collections l
where l.merchant_id = :merchant
