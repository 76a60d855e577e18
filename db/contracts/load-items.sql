-- The component subscriptions of a contract, and its pauses. The statement looks back further than needed, because the domain
-- decides what is not billed yet.
with contract as (
  select
    c.merchant_id, c.id, c.time_zone, c.phase, c.settled_through, g.tax_policy_id,
    length_of(v.billing_interval_unit, v.billing_interval_count) as billing_length
  from contracts c
  join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
  join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  where c.merchant_id = :merchant and c.id = :contract
),
revision as (
  select
    i as item, i.subject, i.revision, i.quantity, i.effective_at, i.ends_at, s.component_id,
    coalesce(iv.payment_mode, 'pre_paid') as payment_mode,
    case when i.subject = 'fee' then pricing_of_fee(fv, k.tax_policy_id)
      else pricing_of_component(iv, coalesce(ic.tax_policy_id, k.tax_policy_id)) end as pricing,
    length_of(iv.interval_unit, iv.interval_count) as length,
    k.settled_through - interval '3 days'
      - greatest(length_of(iv.interval_unit, iv.interval_count), k.billing_length) as unbilled_since,
    min(i.effective_at) over (partition by i.subject order by i.revision
      rows between 1 following and unbounded following) as superseded_at,
    lead(i.recorded_at) over (partition by i.subject order by i.revision) as replaced_at
  from contract k
  join items i on i.merchant_id = k.merchant_id and i.contract_id = k.id
  left join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
  left join components ic on ic.merchant_id = s.merchant_id and ic.id = s.component_id
  left join component_versions iv on iv.merchant_id = i.merchant_id and iv.id = i.component_version_id
  left join variant_versions fv on fv.merchant_id = i.merchant_id and fv.id = i.variant_version_id
),
phase as (
  select
    h.id, h.kind, h.starts_at, v.proration, h.variant_version_id,
    lag(h.kind) over (order by h.starts_at, h.id) as kind_before
  from contract k
  join contract_phases h on h.merchant_id = k.merchant_id and h.contract_id = k.id
  join variant_versions v on v.merchant_id = h.merchant_id and v.id = h.variant_version_id
),
-- A phase that a change in a pause makes does not begin the pause again.
pause as (
  select
    id, kind, starts_at, proration,
    lead(starts_at) over (order by starts_at, id) as next_at,
    lead(proration) over (order by starts_at, id) as next_proration
  from phase
  where kind <> 'inactive' or kind_before is distinct from 'inactive'
),
-- The instant that was asked for as the beginning of the current pause.
paused as (
  select min(h.starts_at) as since
  from phase h
  where h.kind = 'inactive' and not exists (
    select from phase o where o.kind <> 'inactive' and (o.starts_at, o.id) > (h.starts_at, h.id))
)
select
  k.time_zone,
  json_build_object(
    'items', (
      select coalesce(json_agg(item_of(r.item, r.component_id, r.ends_at, r.pricing) order by r.subject), '[]')
      from revision r
      where r.subject <> 'fee' and r.superseded_at is null and r.quantity is not null
        and (r.ends_at is null or r.ends_at > r.unbilled_since)),
    -- Past revisions that are paid in arrears. Their last spans may not be billed yet.
    'past', (
      select coalesce(json_agg(
        item_of(r.item, r.component_id, least(r.ends_at, r.superseded_at), r.pricing) order by r.subject, r.revision), '[]')
      from revision r
      where r.subject <> 'fee' and r.superseded_at is not null and r.quantity is not null and r.payment_mode = 'post_paid'
        and least(r.ends_at, r.superseded_at) > greatest(r.effective_at, r.unbilled_since)),
    -- Revisions that are paid in advance and that a change in the pause has superseded or removed, each by its next revision.
    'suspended', (
      select coalesce(json_agg(item_of(r.item, r.component_id, r.ends_at, r.pricing) order by r.revision), '[]')
      from revision r, paused
      where k.phase = 'inactive' and r.quantity is not null and r.payment_mode <> 'post_paid'
        and r.replaced_at >= paused.since
        -- The proration of the variants in force just before that instant and just after it.
        and 'none' not in (
          coalesce((select h.proration from phase h where h.starts_at < r.replaced_at
            order by h.starts_at desc, h.id desc limit 1), ''),
          coalesce((select h.proration from phase h where h.starts_at <= r.replaced_at
            order by h.starts_at desc, h.id desc limit 1), ''))),
    -- Pauses that may reach into time that is not billed yet, each with the phase that ends it.
    'pauses', (
      select coalesce(json_agg(json_build_object(
        'from', json_build_object('startsAt', iso(f.starts_at), 'proration', f.proration),
        'to', case when f.next_at is not null
          then json_build_object('startsAt', iso(f.next_at), 'proration', f.next_proration) end)
        order by f.starts_at, f.id), '[]')
      from pause f
      where f.kind = 'inactive' and (f.next_at is null or f.next_at > k.settled_through - interval '3 days'
        - greatest(k.billing_length, (select max(r.length) from revision r)))),
    'reopened', (
      select coalesce(json_agg(json_build_object(
        'startsAt', iso(m.starts_at), 'endsAt', iso(m.ends_at),
        'reportedAt', iso(coalesce(
          (select t.reported_at from usage_totals t
            where t.merchant_id = m.merchant_id and t.subscription_id = m.subscription_id
              and t.starts_at = m.starts_at and t.ends_at = m.ends_at),
          (select max(e.recorded_at) from usage_events e
            where e.merchant_id = m.merchant_id and e.subscription_id = m.subscription_id
              and e.at >= m.starts_at and e.at < m.ends_at))),
        'item', item_of(i, s.component_id, null,
          pricing_of_component(iv, coalesce(ic.tax_policy_id, k.tax_policy_id))),
        -- The amount of all lines of each tier. The newest line gives the price, and the first one the tax.
        'parts', (
          select coalesce(json_agg(json_build_object(
            'part', t.part, 'quantity', t.quantity, 'unitPrice', t.unit_price, 'amountMinor', t.amount_minor::text,
            'tax', t.tax) order by t.part), '[]')
          from (
            select
              l.part, sum(l.amount_minor) as amount_minor,
              (array_agg(l.derivation->'part'->>'quantity' order by l.id desc))[1] as quantity,
              (array_agg(l.derivation->'part'->>'unitPrice' order by l.id desc))[1] as unit_price,
              (array_agg(tax_of_line(l) order by l.id))[1] as tax
            from items li
            join charges l on l.merchant_id = li.merchant_id and l.item_id = li.id
              and l.kind = 'usage' and l.starts_at = m.starts_at
            where li.merchant_id = m.merchant_id and li.contract_id = m.contract_id and li.subject = m.subscription_id
            group by l.part) t),
        'tax', m.tax) order by m.starts_at, m.subscription_id), '[]')
      from metered_periods m
      join items i on i.merchant_id = m.merchant_id and i.id = m.item_id
      join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
      join components ic on ic.merchant_id = s.merchant_id and ic.id = s.component_id
      left join component_versions iv on iv.merchant_id = i.merchant_id and iv.id = i.component_version_id
      where m.merchant_id = k.merchant_id and m.contract_id = k.id and m.reopened)
  )::text as booked
from contract k
