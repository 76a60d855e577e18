select
  s.merchant_id, s.id, g.currency, c.time_zone as zone, c.anchor_date as anchor, c.trial_ends_at as "trialEndsAt",
  c.settled_through as "settledThrough", c.phase = 'ended' as ended,
  json_build_object(
    'feeInterval', interval_of(v.fee_interval_unit, v.fee_interval_count),
    'billingInterval', interval_of(v.billing_interval_unit, v.billing_interval_count)) as terms,
  case k.kind when 'metered' then (
    select json_agg(json_build_object(
      'id', i.id, 'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at),
      'endsAt', iso(least(i.ends_at, i.superseded_at)), 'included', coalesce(i.included, m.included)::text,
      'cap', m.cap::text, 'model', m.price_model,
      'pricing', json_build_object(
        'interval', interval_of(m.interval_unit, m.interval_count), 'mode', m.payment_mode, 'standalone', m.standalone))
      order by i.revision)
    from (
      select *, min(effective_at) over (
        partition by subject order by revision rows between 1 following and unbounded following) as superseded_at
      from items
      where merchant_id = c.merchant_id and contract_id = c.id) i
    join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
    where i.subscription_id = s.id and i.quantity is not null and m.aggregation is not null) end as items,
  case k.kind when 'metered' then (
    select coalesce(json_agg(json_build_object(
      'itemId', x.item_id, 'startsAt', iso(x.starts), 'endsAt', iso(x.ends), 'total', x.total::text,
      'counted', coalesce(add_up_usage(s.merchant_id, s.id, x.starts, x.ends, x.aggregation), 0)::text,
      'reopened', x.reopened,
      'billedMinor', (
        select coalesce(sum(l.amount_minor), 0)::text
        from charges l
        join items li on li.merchant_id = l.merchant_id and li.id = l.item_id
        where l.merchant_id = s.merchant_id and l.contract_id = s.contract_id and l.kind = 'usage'
          and l.starts_at = x.starts and li.subscription_id = s.id))
      order by x.starts), '[]')
    from (
      select p.item_id, p.starts_at as starts, p.ends_at as ends, p.total, p.reopened, m.aggregation
      from metered_periods p
      join items i on i.merchant_id = p.merchant_id and i.id = p.item_id
      join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
      where p.merchant_id = s.merchant_id and p.subscription_id = s.id) x)::text end as periods
from part s
join components k on k.merchant_id = s.merchant_id and k.id = s.component_id
join contracts c on c.merchant_id = s.merchant_id and c.id = s.contract_id
join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
order by s.merchant_id, s.id
