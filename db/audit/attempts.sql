select
  'copy_differs' as check_name, t.merchant_id, t.id,
  'its contract or account is not that of receivable ' || r.id as message
from part t
join receivables r on r.merchant_id = t.merchant_id and r.id = t.receivable_id
where t.contract_id is distinct from r.contract_id or t.account_id <> r.account_id

union all
select 'copy_differs', t.merchant_id, t.id, 'there is no payment method ' || t.payment_method_id
from part t
where not exists (
  select from payment_methods m where m.merchant_id = t.merchant_id and m.id = t.payment_method_id)

union all
-- Each open attempt has an agenda row of its collection. Without the row, nothing would ask the provider about it.
select
  'attempt_orphaned', t.merchant_id, t.id,
  'it is ' || t.state || ', and the agenda has no row for ' || coalesce('receivable ' || t.receivable_id, 'collection ' || t.collection_id)
from part t
where t.state = any(:open) and (t.lease_until is null or t.lease_until <= clock_timestamp())
  and not exists (select from agenda g where g.workflow_id = :collection || coalesce(t.receivable_id, t.collection_id))

union all
-- An attempt may wait for the customer or a bank for weeks. One that is planned, sent or unknown may not.
select
  'attempt_without_outcome', t.merchant_id, t.id,
  'still ' || t.state || ', since ' || iso(coalesce(t.sent_at, t.effective_at))
from part t
join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
where t.state = any(:unanswered) and (t.lease_until is null or t.lease_until <= clock_timestamp())
  and coalesce(t.sent_at, t.effective_at) + make_interval(secs => :patience) <= coalesce(k.now_at, clock_timestamp())

union all
select
  'attempt_without_payment', t.merchant_id, t.id,
  'it succeeded, and no payment of ' || t.amount_minor || ' ' || t.currency || ' is recorded'
from part t
left join payments p on p.merchant_id = t.merchant_id and p.attempt_id = t.id
where t.state = 'succeeded' and (p.amount_minor, p.currency) is distinct from (t.amount_minor, t.currency)

union all
select
  'attempt_differs', t.merchant_id, t.id,
  'it is of ' || t.amount_minor || ' ' || t.currency || ', and its parts add up to ' || coalesce(x.amount, 0)
from part t
cross join lateral (
  select sum(p.amount_minor) as amount from attempt_receivables p
  where p.merchant_id = t.merchant_id and p.attempt_id = t.id) x
where t.collection_id is not null and t.amount_minor <> coalesce(x.amount, 0)

union all
-- A receivable has one open attempt at most, its own or one that collects it with others.
select 'attempt_double', t.merchant_id, t.id, 'it is open, and ' || o.id || ' collects receivable ' || p.receivable_id || ', too'
from part t
join attempt_receivables p on p.merchant_id = t.merchant_id and p.attempt_id = t.id
join attempts o on o.merchant_id = p.merchant_id and o.receivable_id = p.receivable_id and o.state = any(:open)
where t.state = any(:open)
