with allocated as (
  select r.merchant_id, r.id, r.amount_minor, r.open_minor, a.paid
  from part r
  cross join lateral (
    select sum(x.amount_minor) as paid from allocations x
    where x.merchant_id = r.merchant_id and x.receivable_id = r.id) a
)
select
  'open_differs' as check_name, merchant_id, id,
  'the open amount is ' || open_minor || ', amount less allocations is ' || amount_minor - coalesce(paid, 0) as message
from allocated
where open_minor <> amount_minor - coalesce(paid, 0)

union all
select
  'allocation_exceeds', merchant_id, id,
  paid || ' are allocated to a receivable of ' || amount_minor
from allocated
where paid not between 0 and amount_minor

union all
-- Columns that a row copies from the row that it belongs to. No foreign key checks them (ADR 25).
select 'copy_differs', r.merchant_id, r.id, 'its contract or account is not that of document ' || d.id
from part r
join documents d on d.merchant_id = r.merchant_id and d.id = r.document_id
where r.account_id <> d.account_id or r.contract_id is distinct from d.contract_id
