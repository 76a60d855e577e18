-- Entries that moved the customer's balance, with the balance after each. A debt is negative. `db/books/entries.ts` makes the descending one of it.
with page as materialized (
  select e.id, e.effective_at, e.text, e.reference, e.fact, m.amount_minor
  from journal_entries e
  cross join lateral (
    select -sum(p.amount_minor)::bigint as amount_minor from postings p
    where p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
  ) m
  where e.merchant_id = :merchant and e.account_id = :account and m.amount_minor <> 0
    and (:from is null or e.effective_at >= :from) and (:before is null or e.effective_at < :before)
    and (:afterAt is null or (e.effective_at, e.id) > (:afterAt, :afterId))
  order by e.effective_at asc, e.id asc
  limit :limit
),
earlier as (
  select balance_before(:merchant, :account, f.effective_at, f.id) as balance_minor
  from page f order by f.effective_at, f.id limit 1
)
select
  iso(g.effective_at) || g.id as cursor_key, g.id, g.effective_at as at, g.text,
  coalesce(d.number, g.reference) as reference, d.id as document, g.amount_minor,
  (earlier.balance_minor + sum(g.amount_minor) over (order by g.effective_at, g.id))::bigint as balance_minor
from page g
cross join earlier
left join documents d on d.merchant_id = :merchant and d.id = g.reference and g.fact = 'document:' || d.id
order by g.effective_at asc, g.id asc
