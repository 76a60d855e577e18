-- A billing account as the API shows it.
select
  a.id, a.customer_id as customer, a.issuer_id as issuer, a.clock_id as clock, a.currency, a.name, a.kind, a.price_mode,
  case when a.run_unit is not null then json_build_object(
    'anchor', a.run_anchor, 'every', json_build_object('unit', a.run_unit, 'count', a.run_count)) end as calendar,
  a.next_run_at, a.deactivated_at,
  json_build_object('by', a.collect_by, 'thresholdMinor', a.collect_threshold_minor::text, 'notice_days', a.collect_notice_days,
    'anchor', a.collect_anchor, 'every', case when a.collect_unit is not null then
      json_build_object('unit', a.collect_unit, 'count', a.collect_count) end)::text as collection,
  (
    select l.due_at from collections l
    where l.merchant_id = a.merchant_id and l.account_id = a.id and l.state = 'planned' and l.cause = 'calendar'
  ) as next_collection,
  a.is_default, a.payment_term_days, a.payment_method_id as payment_method, a.time_zone,
  balance_before(a.merchant_id, a.id, 'infinity', '') as balance_minor,
  a.created_at
from billing_accounts a
where a.merchant_id = :merchant
