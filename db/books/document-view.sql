-- An invoice or credit note as the API shows it: as it was finalised, with its open amount and its newest attempt.
select
  d.id, d.kind, d.number, d.title, d.account_id as account, d.contract_id as contract, b.customer_id as customer,
  u.language, d.issuer_id as issuer, d.clock_id as clock, d.issue_date, d.due_date, d.service_from, d.service_to,
  d.currency, d.price_mode, d.net_minor, d.tax_minor, d.gross_minor, s.open_minor,
  case when s.open_minor = 0 then coalesce(s.last_at, d.effective_at) end as paid_at,
  t.attempt,
  d.recipient_subject_id, d.recipient_version, d.issuer_subject_id, d.issuer_version, d.effective_at
from documents d
join billing_accounts b on b.merchant_id = d.merchant_id and b.id = d.account_id
join customers u on u.merchant_id = b.merchant_id and u.id = b.customer_id
left join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
left join credits c on c.merchant_id = d.merchant_id and c.document_id = d.id
cross join lateral (
  select
    coalesce(r.open_minor, -c.left_minor, 0) as open_minor,
    greatest(
      (select max(a.effective_at) from allocations a where a.merchant_id = d.merchant_id and a.receivable_id = r.id),
      (select max(a.effective_at) from allocations a where a.merchant_id = d.merchant_id and a.credit_id = c.id)
    ) as last_at
) s
left join lateral (
  select jsonb_build_object('id', x.id, 'state', x.state, 'reason', x.reason, 'action_url', x.action_url) as attempt
  from attempts x
  where x.merchant_id = d.merchant_id and x.receivable_id = r.id
  order by x.n desc
  limit 1
) t on true
where d.merchant_id = :merchant
