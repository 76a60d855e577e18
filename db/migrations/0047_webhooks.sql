-- Webhooks: the endpoints of merchants, the events that each endpoint is sent, and the log of tries.

create table webhook_endpoints (
  merchant_id text not null references merchants,
  id text not null,
  url text not null,
  description text,
  -- Null: all types.
  event_types text[],
  -- A disabled endpoint is sent nothing, and its events wait. A deleted one gets no events.
  state text not null default 'enabled' check (state in ('enabled', 'disabled', 'deleted')),
  disabled_because text check (disabled_because in ('failing', 'merchant')),
  -- Sealed under the master key. While a secret is rotated, both sign.
  sealed_secret bytea,
  sealed_old_secret bytea,
  old_secret_until timestamptz,
  -- Since the endpoint last accepted something: how many of its first tries failed, and when the first failed.
  failures integer not null default 0,
  failing_since timestamptz,
  resting_until timestamptz,
  -- Accurate to a minute.
  accepted_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  constraint secret_until_deleted check ((sealed_secret is null) = (state = 'deleted')),
  constraint disabled_for_a_reason check ((disabled_because is not null) = (state = 'disabled'))
) with (fillfactor = 50);

-- An event of an endpoint. There is no foreign key to the endpoint, because bills write these rows and relays lock endpoints.
create table webhook_deliveries (
  merchant_id text not null references merchants,
  endpoint_id text not null,
  event_id text not null,
  object_id text not null,
  sequence integer not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
  due_at timestamptz not null default clock_timestamp(),
  lease_until timestamptz,
  tries integer not null default 0,
  first_tried_at timestamptz,
  done_at timestamptz,
  primary key (merchant_id, endpoint_id, event_id)
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
create index webhook_deliveries_due on webhook_deliveries (merchant_id, endpoint_id, due_at) where state = 'waiting';
create index webhook_deliveries_of_object on webhook_deliveries (merchant_id, endpoint_id, object_id, sequence) where state = 'waiting';
create index webhook_deliveries_tried on webhook_deliveries (merchant_id, endpoint_id) where state = 'waiting' and tries > 0;
create index webhook_deliveries_undelivered on webhook_deliveries (merchant_id, endpoint_id, state, event_id) where state <> 'delivered';
create index webhook_deliveries_delivered on webhook_deliveries (done_at) where state = 'delivered';

create table webhook_attempts (
  merchant_id text not null references merchants,
  endpoint_id text not null,
  event_id text not null,
  id bigint generated always as identity,
  at timestamptz not null,
  duration_ms integer not null,
  status integer,
  error text,
  answer text,
  primary key (merchant_id, endpoint_id, event_id, id)
);
create index webhook_attempts_by_age on webhook_attempts (at);

create or replace function hand_out_events() returns trigger language plpgsql as $$
begin
  insert into webhook_deliveries (merchant_id, endpoint_id, event_id, object_id, sequence)
    select v.merchant_id, w.id, v.id, v.object_id, v.sequence
    from new_events v
    join webhook_endpoints w on w.merchant_id = v.merchant_id and w.state <> 'deleted'
      and case v.type when 'webhook.test' then w.id = v.object_id
        else w.event_types is null or v.type = any(w.event_types) end;
  insert into mails (merchant_id, id, event_id, purpose, customer_id, account_id, document_id, object_id, data)
    select e.merchant_id, 'mai_' || substr(e.id, 5), e.id, mail_purpose_of(e.type), e.customer_id, e.account_id,
      case when e.type like '%.finalised' then e.object_id else e.data->>'invoice' end, e.object_id,
      case when e.type like '%.finalised' then '{}' else e.data || jsonb_build_object('occurred_at', iso(e.occurred_at)) end
    from new_events e
    where mail_purpose_of(e.type) is not null and mail_is_wanted(e.merchant_id, mail_purpose_of(e.type), e.account_id);
  return null;
end $$;
