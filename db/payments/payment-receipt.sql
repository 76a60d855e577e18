-- A payment with everything that its receipt prints: the documents that it paid at once, and the parties in their present versions.
select
  p.provider, p.reference, p.currency, p.amount_minor, p.effective_at, c.reversed_minor, a.time_zone, a.clock_id as clock, u.language,
  u.subject_id as recipient_subject_id, u.subject_version as recipient_version,
  i.subject_id as issuer_subject_id, i.subject_version as issuer_version,
  (
    select coalesce(json_agg(json_build_object(
      'number', d.number, 'issueDate', d.issue_date, 'amountMinor', l.amount_minor::text) order by d.issue_date, d.id), '[]')::text
    from allocations l
    join receivables r on r.merchant_id = l.merchant_id and r.id = l.receivable_id
    join documents d on d.merchant_id = r.merchant_id and d.id = r.document_id
    where l.merchant_id = c.merchant_id and l.credit_id = c.id and l.effective_at = p.effective_at and l.amount_minor > 0
  ) as paid
from payments p
join credits c on c.merchant_id = p.merchant_id and c.payment_id = p.id
join billing_accounts a on a.merchant_id = p.merchant_id and a.id = p.account_id
join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
where p.merchant_id = :merchant and p.id = :payment
