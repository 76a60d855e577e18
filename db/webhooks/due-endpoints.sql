-- The next enabled endpoints, in the order of (merchant, id), that do not rest and have a due webhook that no relay has claimed. Each
-- endpoint costs one look at an index, however many of its webhooks wait.
select w.merchant_id as merchant, w.id as endpoint, m.live_merchant_id is null as live, w.failing_since is not null as failing
from webhook_endpoints w
join merchants m on m.id = w.merchant_id
where w.state = 'enabled' and (w.merchant_id, w.id) > (:merchant, :endpoint) and w.id <> all (:busy)
  and (w.resting_until is null or w.resting_until <= statement_timestamp())
  and (w.paused_until is null or w.paused_until <= statement_timestamp())
  and exists (
    select from webhook_deliveries d
    where d.merchant_id = w.merchant_id and d.endpoint_id = w.id and d.state = 'waiting' and d.due_at <= statement_timestamp()
      and (d.lease_until is null or d.lease_until <= statement_timestamp()))
order by w.merchant_id, w.id
limit :limit
