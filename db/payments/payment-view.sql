-- A payment as the API shows it, with the invoices that it has paid.
select
  p.id, p.account_id as account, p.attempt_id as attempt, p.provider, p.reference, p.currency, p.amount_minor,
  coalesce(c.left_minor, 0) as left_minor,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'invoice', r.document_id, 'amount_minor', a.amount_minor::text, 'at', iso(a.effective_at))
      order by a.effective_at, a.id), '[]')
    from allocations a
    join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
    where a.merchant_id = p.merchant_id and a.credit_id = c.id
  ) as allocations,
  p.effective_at
from payments p
left join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
where p.merchant_id = :merchant
