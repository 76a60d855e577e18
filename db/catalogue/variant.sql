-- A variant with its newest version.
select a.id, a.external_id, a.plan_id as plan, a.created_at,
  jsonb_build_object(
    'id', v.id, 'version', v.version, 'name', v.name, 'description', v.description, 'fee', v.fee::text,
    'fee_interval', interval_of(v.fee_interval_unit, v.fee_interval_count),
    'billing_interval', interval_of(v.billing_interval_unit, v.billing_interval_count),
    'setup_fee', v.setup_fee::text, 'trial', interval_of(v.trial_unit, v.trial_count),
    'term', interval_of(v.term_unit, v.term_count), 'renewal', interval_of(v.renewal_unit, v.renewal_count),
    'notice', interval_of(v.notice_unit, v.notice_count), 'proration', v.proration,
    'credit_on_pause', v.credit_on_pause, 'credit_on_cancel', v.credit_on_cancel,
    'components', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'component', component_id, 'rule', rule, 'quantity', quantity::text, 'included', included::text,
        'least', least::text, 'most', most::text) order by component_id), '[]')
      from variant_components vc where vc.merchant_id = v.merchant_id and vc.variant_version_id = v.id),
    'published_at', iso(v.published_at)) as version
from variants a
join lateral (
  select * from variant_versions v
  where v.merchant_id = a.merchant_id and v.variant_id = a.id
  order by version desc limit 1) v on true
where a.merchant_id = :merchant
