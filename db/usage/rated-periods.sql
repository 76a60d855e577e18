-- The rated metered periods of a contract, each with the sum of its lines.
select
  iso(p.starts_at) || p.subscription_id as cursor_key, p.subscription_id as subscription, s.component_id as component,
  v.name, v.aggregation, p.starts_at, p.ends_at, p.total, p.reopened,
  (
    select coalesce(sum(l.amount_minor), 0)::bigint
    from items x
    join charges l on l.merchant_id = x.merchant_id and l.item_id = x.id and l.kind = 'usage'
      and l.starts_at = p.starts_at
    where x.merchant_id = p.merchant_id and x.contract_id = p.contract_id and x.subject = p.subscription_id
  ) as amount_minor
from metered_periods p
join component_subscriptions s on s.merchant_id = p.merchant_id and s.id = p.subscription_id
join items i on i.merchant_id = p.merchant_id and i.id = p.item_id
join component_versions v on v.merchant_id = i.merchant_id and v.id = i.component_version_id
where p.merchant_id = :merchant and p.contract_id = :contract
