-- Retention: the relay deletes what nobody needs any more, in small batches, the oldest first. Of each kind an index has
-- the rows that may go. Rows of the books never go.

-- When a message was delivered or became void. Those of before count from now on; the default fills them in without writing
-- the table anew.
alter table outbox add column done_at timestamptz default now();
alter table outbox alter column done_at drop default;
update outbox set done_at = null where state = 'waiting';
update outbox set done_at = null where state = 'dead';
create index outbox_done on outbox (done_at) where done_at is not null;

create function note_done() returns trigger language plpgsql as $$
begin
  new.done_at := clock_timestamp();
  return new;
end $$;
create trigger done before update of state on outbox for each row
  when (new.state in ('delivered', 'void') and old.state in ('waiting', 'dead')) execute function note_done();

-- The payload of a provider's event may be forgotten; its key stays forever, as an event is booked once (rule 38).
alter table provider_events alter column body drop not null;
create index events_with_payload on provider_events (recorded_at) where body is not null;

create function refuse_event_edit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if goes_with_its_clock(old.merchant_id) then
      return old;
    end if;
  elsif new.body is null then
    old.body := null;
    if new is not distinct from old then
      return new;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
drop trigger append_only on provider_events;
create trigger append_only before update or delete on provider_events for each row execute function refuse_event_edit();

create index incidents_closed on incidents (closed_at) where closed_at is not null;
