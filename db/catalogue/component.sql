-- A component with its newest version.
select c.id, c.external_id, c.plan_group_id as plan_group, c.kind, c.tax_policy_id as tax_policy, c.created_at,
  jsonb_build_object(
    'id', v.id, 'version', v.version, 'name', v.name, 'description', v.description, 'price', v.price_model,
    'included', v.included::text, 'cap', v.cap::text, 'interval', interval_of(v.interval_unit, v.interval_count),
    'payment_mode', v.payment_mode, 'standalone', v.standalone, 'aggregation', v.aggregation,
    'published_at', iso(v.published_at)) as version
from components c
join lateral (
  select * from component_versions v
  where v.merchant_id = c.merchant_id and v.component_id = c.id
  order by version desc limit 1) v on true
where c.merchant_id = :merchant
