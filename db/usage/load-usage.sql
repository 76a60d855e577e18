-- The data that decides whether usage of a contract's components is accepted, and the grids of its periods.
select
  c.starts_at as "startsAt", c.phase = 'ended' as ended,
  (
    select coalesce(jsonb_agg(jsonb_build_object('startsAt', iso(f.starts_at), 'endsAt', iso(f.next_at))), '[]')
    from (
      select kind, starts_at, lead(starts_at) over (order by starts_at, id) as next_at
      from contract_phases where merchant_id = c.merchant_id and contract_id = c.id
    ) f
    where f.kind = 'inactive'
  ) as pauses,
  -- Every span in which the components were booked; a subscription's spans end where the next revision begins.
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'subscriptionId', s.id, 'componentId', s.component_id, 'aggregation', v.aggregation,
      'startsAt', iso(i.effective_at), 'endsAt', iso(least(i.ends_at, i.superseded_at)), 'anchor', i.anchor_date,
      'interval', interval_of(v.interval_unit, v.interval_count)) order by s.id, i.revision), '[]')
    from (
      select *, min(effective_at) over (partition by subject order by revision
        rows between 1 following and unbounded following) as superseded_at
      from items where merchant_id = c.merchant_id and contract_id = c.id
    ) i
    join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
    join component_versions v on v.merchant_id = i.merchant_id and v.id = i.component_version_id
    where i.quantity is not null and s.component_id = any(:components)
  ) as booked,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'eventId', e.event_id, 'subscriptionId', e.subscription_id, 'at', iso(e.at), 'quantity', e.quantity::text,
      'value', e.value, 'reported', e.reported)), '[]')
    from usage_events e
    where e.merchant_id = c.merchant_id and e.contract_id = c.id and e.event_id = any(:events)
  ) as known,
  c.settled_through as "settledThrough", c.xmin::text as version, c.time_zone as zone,
  c.trial_ends_at as "trialEndsAt"
from contracts c
where c.merchant_id = :merchant and c.id = :contract
