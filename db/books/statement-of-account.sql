-- The data of an account statement: the balance before its first instant, its entries, and the parties in their present versions.
-- A debt is negative. One entry more than the limit is read, which shows that there are too many.
select
  a.currency, a.name, a.time_zone, a.clock_id as clock,
  u.subject_id as recipient_subject_id, u.subject_version as recipient_version,
  i.subject_id as issuer_subject_id, i.subject_version as issuer_version,
  coalesce(k.now_at, date_trunc('milliseconds', clock_timestamp())) as now_at,
  balance_before(a.merchant_id, a.id, :fromAt, '') as opening_minor,
  (
    select coalesce(json_agg(json_build_object(
      'at', iso(x.effective_at), 'kind', x.kind, 'text', x.text, 'reference', x.reference, 'document', x.document,
      'amountMinor', x.amount_minor::text) order by x.effective_at, x.id), '[]')::text
    from (
      select e.effective_at, e.id, e.text, coalesce(d.number, e.reference) as reference, d.id as document,
        coalesce(d.kind, split_part(e.fact, ':', 1)) as kind, m.amount_minor
      from journal_entries e
      cross join lateral (
        select -sum(p.amount_minor)::bigint as amount_minor from postings p
        where p.merchant_id = e.merchant_id and p.entry_id = e.id and p.ledger_account = 'receivable'
      ) m
      left join documents d on d.merchant_id = e.merchant_id and d.id = e.reference and e.fact = 'document:' || d.id
      where e.merchant_id = a.merchant_id and e.account_id = a.id and e.effective_at >= :fromAt and e.effective_at < :toAt
        and m.amount_minor <> 0
      order by e.effective_at, e.id
      limit :most + 1
    ) x
  ) as entries
from billing_accounts a
join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
left join test_clocks k on k.merchant_id = a.merchant_id and k.id = a.clock_id
where a.merchant_id = :merchant and a.id = :account
