select
  c.merchant_id, c.id, c.time_zone as zone, c.anchor_date as anchor, c.trial_ends_at as "trialEndsAt",
  c.settled_through as "settledThrough", c.phase = 'ended' as ended,
  json_build_object(
    'feeInterval', interval_of(v.fee_interval_unit, v.fee_interval_count),
    'billingInterval', interval_of(v.billing_interval_unit, v.billing_interval_count)) as terms,
  -- The end of a term is a day in the contract's zone. An instant one day earlier is safe in every zone.
  least(
    (
      select min(x.due_at) from scheduled_changes x
      where x.merchant_id = c.merchant_id and x.contract_id = c.id and x.state = 'scheduled'),
    case when v.term_unit is not null and v.renewal_unit is null
      then (c.term_start + length_of(v.term_unit, v.term_count)) at time zone 'UTC' - interval '1 day' end) as "knownUntil",
  (
    select coalesce(json_agg(json_build_object('kind', p.kind, 'startsAt', iso(p.starts_at), 'proration', w.proration)
      order by p.starts_at, p.id), '[]')
    from contract_phases p
    join variant_versions w on w.merchant_id = p.merchant_id and w.id = p.variant_version_id
    where p.merchant_id = c.merchant_id and p.contract_id = c.id) as phases,
  (
    select coalesce(json_agg(json_build_object(
      'id', i.id, 'subject', i.subject, 'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at),
      'endsAt', iso(least(i.ends_at, i.superseded_at)),
      'pricing', json_build_object(
        'interval', case when m.id is null then interval_of(f.fee_interval_unit, f.fee_interval_count)
          else interval_of(m.interval_unit, m.interval_count) end,
        'mode', coalesce(m.payment_mode, 'pre_paid'), 'standalone', coalesce(m.standalone, false)))
      order by i.subject, i.revision), '[]')
    from (
      select *, min(effective_at) over (
        partition by subject order by revision rows between 1 following and unbounded following) as superseded_at
      from items
      where merchant_id = c.merchant_id and contract_id = c.id) i
    left join variant_versions f on f.merchant_id = i.merchant_id and f.id = i.variant_version_id
    left join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
    where i.quantity is not null and m.aggregation is null) as items,
  (
    select coalesce(json_agg(json_build_object(
      'id', l.id, 'subject', i.subject, 'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at),
      'credited', (
        select coalesce(json_agg(json_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at)) order by r.id), '[]')
        from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id))
      order by l.starts_at, l.id), '[]')
    from charges l
    join items i on i.merchant_id = l.merchant_id and i.id = l.item_id
    where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring' and l.part = 0) as lines
from part c
join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
order by c.merchant_id, c.id
