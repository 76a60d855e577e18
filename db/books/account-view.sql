-- A billing account as the API shows it.
select
  a.id, a.customer_id as customer, a.issuer_id as issuer, a.clock_id as clock, a.currency, a.name, a.kind, a.price_mode,
  case when a.run_unit is not null then json_build_object(
    'anchor', a.run_anchor, 'every', json_build_object('unit', a.run_unit, 'count', a.run_count)) end as calendar,
  a.next_run_at,
  a.is_default, a.payment_term_days, a.payment_method_id as payment_method, a.time_zone,
  balance_before(a.merchant_id, a.id, 'infinity', '') as balance_minor,
  a.created_at
from billing_accounts a
where a.merchant_id = :merchant
