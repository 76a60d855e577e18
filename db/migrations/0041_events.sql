-- Events: everything that a merchant must know, written in the transaction that made it, and never edited. The triggers of 0042
-- write them.

-- An id in the form of all ids. It begins with the instant, as a UUID of version 7 does.
create function event_id() returns text language sql volatile as $$
  select 'evt_' || substr(u, 1, 12) || substr(u, 14, 3) || substr(u, 18, 11) from replace(uuidv7()::text, '-', '') as u
$$;

-- It begins as if 1 were taken, so that `last_value` is a number that no event has, or the newest event's.
create sequence events_seq as bigint minvalue 1;
select setval('events_seq', 1);

create table events (
  merchant_id text not null references merchants,
  id text not null default event_id(),
  -- The order in which events were written. Two events of one object have the order of their transactions.
  seq bigint not null default nextval('events_seq'),
  type text not null,
  object_id text not null,
  -- 1, 2, 3, … of the object.
  sequence int not null default 0,
  customer_id text,
  account_id text,
  contract_id text,
  -- On the customer's clock.
  occurred_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  -- The object as it was. Amounts are texts in minor units whose keys end in `_minor`.
  data jsonb not null,
  primary key (merchant_id, id),
  constraint events_of_object unique (merchant_id, object_id, sequence)
);
create index events_in_order on events (merchant_id, seq);
create index events_of_type on events (merchant_id, type, seq);
create index events_of_customer on events (merchant_id, customer_id, seq) where customer_id is not null;
create index events_of_contract on events (merchant_id, contract_id, seq) where contract_id is not null;
create index events_by_age on events (recorded_at);

-- The keys of the locks by which `events_settled` finds the transactions that may still write events.
create function events_lock_base() returns bigint language sql immutable parallel safe as $$ select 1::bigint << 62 $$;

-- Before a transaction draws its first number, it takes a shared lock whose key has the newest number so far. It keeps the lock
-- until it ends, so all of its events have later numbers than the key.
create function begin_events() returns trigger language plpgsql as $$
begin
  if coalesce(current_setting('tenor.writes_events', true), '') = '' then
    perform set_config('tenor.writes_events', 'yes', true);
    perform pg_advisory_xact_lock_shared(events_lock_base() + s.last_value) from events_seq s;
  end if;
  return null;
end $$;

-- The number up to which all events are committed, or will never be. Whoever reads events onwards reads up to it, in a statement
-- after this one, and so misses no event of a transaction that commits late.
create function events_settled() returns bigint language plpgsql volatile as $$
declare
  newest bigint;
  unsettled bigint;
begin
  select s.last_value into newest from events_seq s;
  select min(((l.classid::bigint << 32) | l.objid::bigint) - events_lock_base()) into unsettled
    from pg_locks l
    where l.locktype = 'advisory' and l.objsubid = 1 and l.classid::bigint >= 1::bigint << 30
      and l.database = (select d.oid from pg_database d where d.datname = current_database());
  return least(newest, unsettled);
end $$;

-- Completes an event: its place in the events of its object, and whose it is. A transaction that writes an event has the lock of
-- its object, so no other can take the same place.
create function number_event() returns trigger language plpgsql as $$
begin
  select coalesce(max(e.sequence), 0) + 1 into new.sequence
    from events e where e.merchant_id = new.merchant_id and e.object_id = new.object_id;
  if new.contract_id is not null then
    select c.customer_id, c.account_id into new.customer_id, new.account_id
      from contracts c where c.merchant_id = new.merchant_id and c.id = new.contract_id;
  elsif new.account_id is not null then
    select a.customer_id into new.customer_id
      from billing_accounts a where a.merchant_id = new.merchant_id and a.id = new.account_id;
  end if;
  return new;
end $$;

-- Hands new events to those who send them.
create function hand_out_events() returns trigger language plpgsql as $$
begin
  return null;
end $$;

create function refuse_edit_of_event() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger begins before insert on events for each statement execute function begin_events();
create trigger is_numbered before insert on events for each row execute function number_event();
create trigger is_handed_out after insert on events referencing new table as new_events
  for each statement execute function hand_out_events();
create trigger is_never_edited before update on events for each row execute function refuse_edit_of_event();
create trigger never_truncated before truncate on events for each statement execute function refuse_loss();

-- The time on a clock; without one, wall time.
create function time_on(merchant text, clock text) returns timestamptz language sql volatile as $$
  select coalesce(
    (select k.now_at from test_clocks k where k.merchant_id = merchant and k.id = clock),
    date_trunc('milliseconds', clock_timestamp()))
$$;

-- The data of events, by their kinds of objects.

create function event_of_document(d documents, open bigint) returns jsonb language sql stable as $$
  select jsonb_strip_nulls(jsonb_build_object('number', d.number, 'currency', d.currency, 'price_mode', d.price_mode,
    'net_minor', d.net_minor::text, 'tax_minor', d.tax_minor::text, 'gross_minor', d.gross_minor::text,
    'open_minor', open::text, 'issue_date', d.issue_date, 'due_date', d.due_date,
    'service_from', d.service_from, 'service_to', d.service_to, 'issuer', d.issuer_id))
$$;

create function event_of_contract(c contracts) returns jsonb language sql stable as $$
  select jsonb_build_object('external_id', c.external_id, 'phase', c.phase, 'variant_version', c.variant_version_id,
    'pause_reasons', c.pause_reasons, 'start_date', c.start_date, 'trial_ends_at', iso(c.trial_ends_at),
    'ended_at', iso(c.ended_at),
    'components', (
      select coalesce(jsonb_agg(jsonb_build_object('subscription', s.id, 'component', s.component_id, 'quantity', i.quantity::text)
        order by s.id), '[]')
      from component_subscriptions s
      cross join lateral (
        select x.quantity from items x
        where x.merchant_id = s.merchant_id and x.contract_id = s.contract_id and x.subject = s.id
        order by x.revision desc limit 1) i
      where s.merchant_id = c.merchant_id and s.contract_id = c.id and i.quantity is not null))
$$;

create function event_of_attempt(t attempts) returns jsonb language sql stable as $$
  select jsonb_build_object('attempt', t.id, 'number', t.n, 'provider', t.provider, 'payment_method', t.payment_method_id,
    'currency', t.currency, 'amount_minor', t.amount_minor::text,
    'invoice', (select r.document_id from receivables r where r.merchant_id = t.merchant_id and r.id = t.receivable_id))
$$;

-- The functions of the triggers that write events, by their tables. Each writes the event of a row that was just stored.

create function event_from_document() returns trigger language plpgsql as $$
declare
  open bigint;
begin
  select r.open_minor into open from receivables r where r.merchant_id = new.merchant_id and r.document_id = new.id;
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    values (new.merchant_id, new.kind || '.finalised', new.id, new.account_id, new.contract_id, new.effective_at,
      event_of_document(new, case new.kind when 'invoice' then coalesce(open, 0) end));
  if new.kind = 'invoice' and coalesce(open, 0) = 0 then
    insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
      values (new.merchant_id, 'invoice.paid', new.id, new.account_id, new.contract_id, new.effective_at,
        event_of_document(new, 0));
  end if;
  return null;
end $$;

create function event_from_receivable() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select d.merchant_id,
      case
        when new.open_minor = 0 then 'invoice.paid'
        when old.open_minor = 0 then 'invoice.reopened'
        else 'invoice.collection_stopped'
      end,
      d.id, d.account_id, d.contract_id, time_on(d.merchant_id, d.clock_id), event_of_document(d, new.open_minor)
    from documents d where d.merchant_id = new.merchant_id and d.id = new.document_id;
  return null;
end $$;

create function event_from_attempt() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    values (new.merchant_id, 'payment.' || new.state, new.id, new.account_id, new.contract_id,
      coalesce(new.decided_at, date_trunc('milliseconds', clock_timestamp())), event_of_attempt(new) || case new.state
        when 'declined' then jsonb_build_object('reason', new.reason)
        when 'requires_action' then jsonb_build_object('action_url', new.action_url)
        else '{}' end);
  return null;
end $$;

create function event_from_payment() returns trigger language plpgsql as $$
begin
  if new.attempt_id is null then
    insert into events (merchant_id, type, object_id, account_id, occurred_at, data)
      values (new.merchant_id, 'payment.received', new.id, new.account_id, new.effective_at,
        jsonb_build_object('currency', new.currency, 'amount_minor', new.amount_minor::text));
  else
    insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
      select t.merchant_id, 'payment.succeeded', t.id, t.account_id, t.contract_id, new.effective_at,
        event_of_attempt(t) || jsonb_build_object('payment', new.id)
      from attempts t where t.merchant_id = new.merchant_id and t.id = new.attempt_id;
  end if;
  return null;
end $$;

create function event_from_credit() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select t.merchant_id, 'payment.charged_back', t.id, t.account_id, t.contract_id, time_on(a.merchant_id, a.clock_id),
      event_of_attempt(t) || jsonb_build_object('payment', p.id)
    from payments p
    join attempts t on t.merchant_id = p.merchant_id and t.id = p.attempt_id
    join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id
    where p.merchant_id = new.merchant_id and p.id = new.payment_id;
  return null;
end $$;

create function event_from_phase() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, contract_id, occurred_at, data)
    select c.merchant_id,
      case
        when new.kind = 'inactive' then 'contract.paused'
        when new.kind = 'ended' then 'contract.ended'
        when (
          select x.kind from contract_phases x
          where x.merchant_id = c.merchant_id and x.contract_id = c.id and x.starts_at <= new.starts_at and x.id < new.id
          order by x.starts_at desc, x.id desc limit 1) = 'inactive' then 'contract.resumed'
        else 'contract.phase_started'
      end,
      c.id, c.id, new.recorded_at,
      event_of_contract(c) || jsonb_build_object('phase', new.kind, 'phase_starts_at', iso(new.starts_at), 'command', new.command_id)
    from contracts c where c.merchant_id = new.merchant_id and c.id = new.contract_id;
  return null;
end $$;

create function event_from_command() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, contract_id, occurred_at, data)
    select c.merchant_id,
      case
        when new.state = 'refused' then 'command.refused'
        when new.kind = 'order' then 'order.accepted'
        when new.answer->>'scheduled_for' is not null then 'contract.change_scheduled'
        else 'contract.changed'
      end,
      c.id, c.id, new.decided_at,
      event_of_contract(c) || jsonb_build_object('command', new.id) || case
        when new.state = 'refused' then jsonb_build_object('kind', new.kind, 'code', new.answer->>'code')
        when new.answer->>'scheduled_for' is not null
          then jsonb_build_object('kind', new.kind, 'scheduled_for', new.answer->>'scheduled_for')
        else '{}' end
    from contracts c
    where c.merchant_id = new.merchant_id and c.id = new.contract_id
      -- Pauses, resumes, ends and withdrawals that were done at once have events of their own.
      and (new.state = 'refused' or new.kind in ('order', 'change') or new.answer->>'scheduled_for' is not null);
  return null;
end $$;

create function event_from_scheduled_change() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, contract_id, occurred_at, data)
    select c.merchant_id, case new.state when 'done' then 'contract.changed' else 'contract.change_withdrawn' end,
      c.id, c.id, greatest(c.settled_through, case new.state when 'done' then new.due_at end),
      event_of_contract(c) || jsonb_build_object('command', new.command_id) || case new.state
        when 'done' then '{}' else jsonb_build_object('kind', new.change->>'kind', 'scheduled_for', iso(new.due_at)) end
    from contracts c
    where c.merchant_id = new.merchant_id and c.id = new.contract_id
      and (new.state <> 'done' or new.change->>'kind' = 'change');
  return null;
end $$;

create function event_from_customer() returns trigger language plpgsql as $$
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
          case when new.invoice_title is distinct from old.invoice_title then 'invoice_title' end], null)) end);
  return null;
end $$;

create function event_from_erasure() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, customer_id, occurred_at, data)
    select u.merchant_id, 'customer.erased', u.id, u.id, time_on(u.merchant_id, u.clock_id),
      jsonb_build_object('external_id', u.external_id, 'parent', u.parent_id)
    from customers u where u.merchant_id = new.merchant_id and u.subject_id = new.id;
  return null;
end $$;

create function event_from_payment_method() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, customer_id, occurred_at, data)
    select u.merchant_id, case tg_op when 'INSERT' then 'payment_method.added' else 'payment_method.removed' end,
      new.id, u.id, time_on(u.merchant_id, u.clock_id), jsonb_build_object('provider', new.provider)
    from customers u where u.merchant_id = new.merchant_id and u.id = new.customer_id;
  return null;
end $$;

create function event_from_incident() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select new.merchant_id, case when new.closed_at is null then 'incident.opened' else 'incident.closed' end, new.id,
      r.account_id, c.id, coalesce(new.closed_at, new.opened_at),
      jsonb_build_object('step', new.step, 'code', new.code, 'workflow', new.workflow_id, 'receivable', r.id)
    from (select) one
    left join contracts c on c.merchant_id = new.merchant_id and 'contract/' || c.id = new.workflow_id
      and c.id = substr(new.workflow_id, 10)
    left join receivables r on r.merchant_id = new.merchant_id and new.workflow_id like 'collection/%'
      and r.id = substr(new.workflow_id, 12);
  return null;
end $$;

create function event_from_clock() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, occurred_at, data)
    values (new.merchant_id, 'clock.' || new.status, new.id, new.now_at, jsonb_build_object('now', iso(new.now_at)));
  return null;
end $$;

-- At the end of the transaction, so that the event of an invoice comes after the event of its payment.
create constraint trigger makes_event after update of open_minor on receivables deferrable initially deferred for each row
  when ((old.open_minor = 0) <> (new.open_minor = 0)) execute function event_from_receivable();
