-- Stores usage in order of arrival. With a version of the contract's row, it stores nothing if the row has changed since, or if a
-- period of the usage is rated. Without a version, the caller has locked the contract. Two statements begin with this text, and add
-- a select of their own.
with e as (
  select x.n, j.*
  from jsonb_array_elements(:events) with ordinality x(event, n),
    jsonb_to_record(x.event)
      as j("eventId" text, "subscriptionId" text, at timestamptz, quantity numeric, value text, reported jsonb)
),
late as (
  select p.subscription_id, p.starts_at, p.reopened
  from metered_periods p
  where p.merchant_id = :merchant and p.contract_id = :contract and exists (
    select from e where e."subscriptionId" = p.subscription_id and e.at >= p.starts_at and e.at < p.ends_at)
),
free as (
  select from contracts c
  where c.merchant_id = :merchant and c.id = :contract
    and (:version is null or (c.xmin::text = :version and not exists (select from late)))
),
stored as (
  insert into usage_events
    (merchant_id, contract_id, event_id, subscription_id, at, quantity, value, reported, recorded_at)
  select :merchant, :contract, "eventId", "subscriptionId", at, quantity, value, reported, :now
  from e where exists (select from free)
  order by n
  on conflict do nothing
  returning 1
)
