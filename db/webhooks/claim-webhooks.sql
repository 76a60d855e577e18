-- Claims due webhooks of endpoints, of each endpoint at most as many as its turn allows, and returns the data to send them. It reads
-- the first hundred due webhooks of an endpoint. If an earlier event of the same object waits, a webhook is not claimed and is postponed
-- to the time of the earlier one, so that the next claim does not read it again. It becomes due when the earlier one is delivered or
-- dead.
with
  endpoints as materialized (
    select e.merchant_id, e.id, t.most, e.url, e.sealed_secret,
      case when e.old_secret_until > statement_timestamp() then e.sealed_old_secret end as sealed_old_secret
    from unnest(:merchants, :endpoints, :most) t (merchant, endpoint, most)
    join webhook_endpoints e on e.merchant_id = t.merchant and e.id = t.endpoint and e.state = 'enabled'),
  looked as materialized (
    select d.*, e.most
    from endpoints e
    cross join lateral (
      select x.merchant_id, x.endpoint_id, x.event_id, x.object_id, x.sequence, x.due_at
      from webhook_deliveries x
      where x.merchant_id = e.merchant_id and x.endpoint_id = e.id and x.state = 'waiting' and x.due_at <= statement_timestamp()
        and (x.lease_until is null or x.lease_until <= statement_timestamp())
      order by x.due_at limit 100
      for no key update skip locked) d),
  placed as materialized (
    select l.*, earlier.until
    from looked l
    left join lateral (
      select greatest(b.due_at, b.lease_until, statement_timestamp() + make_interval(secs => :lease)) as until
      from webhook_deliveries b
      where b.merchant_id = l.merchant_id and b.endpoint_id = l.endpoint_id and b.object_id = l.object_id and b.state = 'waiting'
        and b.sequence < l.sequence
      order by b.sequence limit 1) earlier on true),
  heads as materialized (
    select p.*, row_number() over (partition by p.merchant_id, p.endpoint_id order by p.due_at, p.event_id) as place
    from placed p where p.until is null),
  -- The condition on `due_at` fails if the earlier one was delivered meanwhile, which made this one due.
  made_to_wait as (
    update webhook_deliveries d set due_at = p.until
    from placed p
    where p.until is not null and d.merchant_id = p.merchant_id and d.endpoint_id = p.endpoint_id and d.event_id = p.event_id
      and d.due_at = p.due_at
    returning 1),
  claimed as (
    update webhook_deliveries d
    set lease_until = statement_timestamp() + make_interval(secs => :lease), tries = d.tries + 1,
      first_tried_at = coalesce(d.first_tried_at, statement_timestamp())
    from heads h
    where h.place <= h.most and d.merchant_id = h.merchant_id and d.endpoint_id = h.endpoint_id and d.event_id = h.event_id
    returning d.merchant_id, d.endpoint_id, d.event_id, d.tries)
select c.merchant_id as merchant, c.endpoint_id as endpoint, c.event_id as event, c.tries, e.url, e.sealed_secret, e.sealed_old_secret
from claimed c
join endpoints e on e.merchant_id = c.merchant_id and e.id = c.endpoint_id
