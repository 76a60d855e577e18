-- Takes the wanted tokens from a bucket, or as many as it has. A missing bucket is full.
insert into rate_buckets as b (merchant_id, holder, tokens, refilled_at, granted)
values (:merchant, :holder, :burst - least(:burst, :wanted), clock_timestamp(), least(:burst, :wanted))
on conflict (merchant_id, holder) do update set (tokens, refilled_at, granted) = (
  select held - got, now, got
  from (select clock_timestamp()) as clock (now),
    lateral (select extract(epoch from now - b.refilled_at)) as since (seconds),
    lateral (select least(:burst, b.tokens + :perSecond * greatest(0, seconds))) as refilled (held),
    lateral (select least(:wanted, floor(held)::integer)) as taken (got)
)
returning granted, floor(tokens)::integer as left
