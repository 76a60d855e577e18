select s.merchant_id, s.id, (
  select coalesce(jsonb_agg(jsonb_build_object(
    'startsAt', iso(x.starts_at), 'endsAt', iso(x.ends_at), 'total', x.total::text, 'counted', x.counted::text,
    'value', x.value) order by x.starts_at), '[]')
  from (
    select
      t.*,
      add_up_usage(t.merchant_id, t.subscription_id, t.starts_at, t.ends_at, t.aggregation) as counted,
      -- The first value of a unique count whose stored quantity differs from its events.
      (
        select min(coalesce(v.value, w.value))
        from (
          select value, quantity from usage_values
          where merchant_id = t.merchant_id and subscription_id = t.subscription_id and starts_at = t.starts_at) v
        full join (
          select coalesce(e.value, '') as value, sum(e.quantity) as quantity
          from usage_events e
          where t.aggregation = 'unique' and e.merchant_id = t.merchant_id and e.subscription_id = t.subscription_id
            and e.at >= t.starts_at and e.at < t.ends_at
          group by 1) w on w.value = v.value
        where coalesce(v.quantity, 0) <> coalesce(w.quantity, 0)) as value
    from usage_totals t
    where t.merchant_id = s.merchant_id and t.subscription_id = s.id) x
  where coalesce(x.total, 0) <> coalesce(x.counted, 0) or x.value is not null) as differing
from part s
order by s.merchant_id, s.id
