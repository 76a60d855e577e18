-- Mails to customers and to the merchant's operators. Addresses are in the vault; a mail has only the version from which its
-- addresses were read. A mail refers to no issuer, account or customer, so that a bill that makes it locks none of their rows.

alter table issuers add column mail_enabled_at timestamptz;
alter table customers
  add column mail_off text[] not null default '{}',
  add column mail_off_changed_at timestamptz;

-- Where a merchant's operators get their mails. Their addresses are a subject of the vault.
create table mail_settings (
  merchant_id text primary key references merchants,
  language text not null,
  operators int not null check (operators >= 0),
  subject_id text not null,
  subject_version int not null,
  updated_at timestamptz not null default clock_timestamp()
);

create table mail_templates (
  merchant_id text not null references merchants,
  purpose text not null,
  language text not null,
  subject text not null,
  text text not null,
  html text not null,
  updated_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, purpose, language)
);

create table mails (
  merchant_id text not null references merchants,
  id text not null,
  event_id text,
  -- The mail that this one repeats.
  resend_of text,
  purpose text not null,
  customer_id text,
  account_id text,
  document_id text,
  -- The object of the event, such as an attempt, and the event's data.
  object_id text not null,
  data jsonb not null default '{}',
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'skipped', 'bounced')),
  -- Why it was not sent, or what the server that sent it back said.
  reason text,
  last_error text,
  due_at timestamptz not null default clock_timestamp(),
  tries int not null default 0,
  lease_until timestamptz,
  -- The version of the vault from which the last try read the recipients.
  subject_id text,
  subject_version int,
  created_at timestamptz not null default clock_timestamp(),
  sent_at timestamptz,
  bounced_at timestamptz,
  -- The instant at which it was not queued any more.
  done_at timestamptz,
  primary key (merchant_id, id),
  check ((state = 'queued') = (done_at is null))
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
create unique index mails_of_event on mails (merchant_id, event_id) where event_id is not null and resend_of is null;
create index mails_resent on mails (merchant_id, resend_of) where resend_of is not null;
create index mails_of_customer on mails (merchant_id, customer_id, id) where customer_id is not null;
create index mails_of_document on mails (merchant_id, document_id, id) where document_id is not null;
create index mails_by_state on mails (merchant_id, state, id);
create index mails_by_purpose on mails (merchant_id, purpose, id);
create index mails_queued on mails (due_at) where state = 'queued';
create index mails_queued_of_merchant on mails (merchant_id, due_at) where state = 'queued';
create index mails_by_mode on mails (mode_of(merchant_id), created_at) where state = 'queued';
create index mails_done on mails (done_at) where done_at is not null;

-- Tries to send a mail. One without an outcome was begun by a process that died, or is under way.
create table mail_attempts (
  merchant_id text not null,
  mail_id text not null,
  n int not null,
  at timestamptz not null default clock_timestamp(),
  outcome text check (outcome in ('accepted', 'refused', 'deferred', 'unreachable', 'skipped', 'error')),
  reply int,
  detail text,
  took_ms int,
  primary key (merchant_id, mail_id, n),
  foreign key (merchant_id, mail_id) references mails (merchant_id, id) on delete cascade
);

-- The purpose of the mail that an event makes; null if it makes none. `domain/mails/purposes.ts` has the same map.
create function mail_purpose_of(event_type text) returns text language sql immutable parallel safe as $$
  select case event_type
    when 'invoice.finalised' then 'invoice'
    when 'credit_note.finalised' then 'credit_note'
    when 'payment.succeeded' then 'receipt'
    when 'payment.received' then 'receipt'
    when 'payment.declined' then 'payment_failed'
    when 'payment.requires_action' then 'action_required'
    when 'webhook_endpoint.disabled' then 'webhook_disabled'
  end
$$;

-- Whether somebody should get a mail: the issuer of the account has mails switched on, and its customer has not switched the purpose
-- off. Mails to operators need only an address.
create function mail_is_wanted(merchant text, purpose text, account text) returns boolean language sql stable as $$
  select case when purpose = 'webhook_disabled'
    then exists (select from mail_settings s where s.merchant_id = merchant and s.operators > 0)
    else exists (
      select from billing_accounts a
      join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
      join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
      where a.merchant_id = merchant and a.id = account and i.mail_enabled_at is not null and purpose <> all (u.mail_off))
    end
$$;

-- A mail has the id of its event, with another prefix.
create or replace function hand_out_events() returns trigger language plpgsql as $$
begin
  insert into mails (merchant_id, id, event_id, purpose, customer_id, account_id, document_id, object_id, data)
    select e.merchant_id, 'mai_' || substr(e.id, 5), e.id, mail_purpose_of(e.type), e.customer_id, e.account_id,
      case when e.type like '%.finalised' then e.object_id else e.data->>'invoice' end, e.object_id,
      case when e.type like '%.finalised' then '{}' else e.data || jsonb_build_object('occurred_at', iso(e.occurred_at)) end
    from new_events e
    where mail_purpose_of(e.type) is not null and mail_is_wanted(e.merchant_id, mail_purpose_of(e.type), e.account_id);
  return null;
end $$;

create function event_from_mail() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, customer_id, occurred_at, data)
    values (new.merchant_id, 'mail.' || new.state, new.id, new.account_id, new.customer_id,
      time_on(new.merchant_id, (
        select a.clock_id from billing_accounts a where a.merchant_id = new.merchant_id and a.id = new.account_id)),
      jsonb_build_object('purpose', new.purpose, 'reason', new.reason, 'document', new.document_id, 'event', new.event_id));
  return null;
end $$;
create trigger makes_event after update of state on mails for each row
  when (old.state <> new.state and new.state in ('failed', 'bounced')) execute function event_from_mail();

-- The fields of a customer that changed now include the purposes that are switched off.
create or replace function event_from_customer() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, customer_id, occurred_at, data)
    values (new.merchant_id, case tg_op when 'INSERT' then 'customer.created' else 'customer.changed' end, new.id, new.id,
      time_on(new.merchant_id, new.clock_id),
      jsonb_build_object('external_id', new.external_id, 'parent', new.parent_id) || case tg_op
        when 'INSERT' then '{}'::jsonb
        else jsonb_build_object('fields', array_remove(array[
          case when new.external_id is distinct from old.external_id then 'external_id' end,
          case when new.subject_version is distinct from old.subject_version then 'party' end,
          case when new.country is distinct from old.country then 'country' end,
          case when new.language is distinct from old.language then 'language' end,
          case when new.payment_term_days is distinct from old.payment_term_days then 'payment_term_days' end,
          case when new.invoice_title is distinct from old.invoice_title then 'invoice_title' end,
          case when new.mail_off is distinct from old.mail_off then 'mail_off' end], null)) end);
  return null;
end $$;
