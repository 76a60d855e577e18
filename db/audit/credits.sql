with allocated as (
  select c.merchant_id, c.id, c.amount_minor - c.reversed_minor as amount_minor, c.left_minor, a.spent
  from part c
  cross join lateral (
    select sum(x.amount_minor) as spent from allocations x
    where x.merchant_id = c.merchant_id and x.credit_id = c.id) a
)
select
  'open_differs' as check_name, merchant_id, id,
  'the rest is ' || left_minor || ', amount less allocations and reversals is ' || amount_minor - coalesce(spent, 0) as message
from allocated
where left_minor <> amount_minor - coalesce(spent, 0)

union all
select
  'allocation_exceeds', merchant_id, id,
  spent || ' are allocated from a credit of ' || amount_minor
from allocated
where spent not between 0 and amount_minor

union all
select 'copy_differs', c.merchant_id, c.id, 'its account is not that of ' || coalesce(d.id, p.id)
from part c
left join documents d on d.merchant_id = c.merchant_id and d.id = c.document_id
left join payments p on p.merchant_id = c.merchant_id and p.id = c.payment_id
where c.account_id <> coalesce(d.account_id, p.account_id)
