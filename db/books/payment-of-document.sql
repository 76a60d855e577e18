-- How an invoice was to be paid at the instant at which it was finalised. The transaction of an invoice writes all its rows with the
-- instant of the invoice. On a test clock, later receipts may have the same instant, but they are recorded at wall time.
select
  exists (
    select from attempts t
    where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.effective_at = d.effective_at)
  -- An account that collects its balance plans no attempt with the invoice, and charges it later.
  or (b.collect_by = 'balance' and b.payment_method_id is not null and r.open_minor > 0)
  or exists (
    select from collection_receivables x where x.merchant_id = r.merchant_id and x.receivable_id = r.id) as charged,
  (
    select coalesce(sum(a.amount_minor), 0)::bigint
    from allocations a
    where a.merchant_id = r.merchant_id and a.receivable_id = r.id
      and a.effective_at = d.effective_at and a.recorded_at = d.recorded_at
  ) as credited_minor
from documents d
join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
join billing_accounts b on b.merchant_id = d.merchant_id and b.id = d.account_id
where d.merchant_id = :merchant and d.id = :document
