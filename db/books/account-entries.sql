-- The entries after a cursor that moved the customer's balance, oldest first, with the running balance. A debt is negative.
with before as (
  select coalesce(-sum(p.amount_minor), 0)::bigint as balance_minor
  from journal_entries e
  join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
  where e.merchant_id = :merchant and e.account_id = :account and (e.effective_at, e.id) <= (:afterAt, :afterId)
)
select
  iso(e.effective_at) || e.id as cursor_key, e.id, e.effective_at as at, e.text,
  coalesce(d.number, e.reference) as reference, d.id as document, m.amount_minor,
  (before.balance_minor + sum(m.amount_minor) over (order by e.effective_at, e.id))::bigint as balance_minor
from before
cross join journal_entries e
cross join lateral (
  select -sum(p.amount_minor)::bigint as amount_minor from postings p
  where p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
) m
left join documents d on d.merchant_id = e.merchant_id and d.id = e.reference and e.fact = 'document:' || d.id
where e.merchant_id = :merchant and e.account_id = :account and (e.effective_at, e.id) > (:afterAt, :afterId)
  and m.amount_minor <> 0
order by e.effective_at, e.id
limit :limit
