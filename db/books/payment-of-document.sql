-- How an invoice was to be paid at the instant at which it was finalised. The transaction of an invoice writes all its rows with the
-- instant of the invoice. On a test clock, later receipts may have the same instant, but they are recorded at wall time.
select
  exists (
    select from attempts t
    where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.effective_at = d.effective_at) as charged,
  (
    select coalesce(sum(a.amount_minor), 0)::bigint
    from allocations a
    where a.merchant_id = r.merchant_id and a.receivable_id = r.id
      and a.effective_at = d.effective_at and a.recorded_at = d.recorded_at
  ) as credited_minor
from documents d
join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
where d.merchant_id = :merchant and d.id = :document
