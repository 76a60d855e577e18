-- Of the books, only rows of test merchants ever go, with their test clock; nothing is truncated. Queues and keys have
-- their own retention: the agenda, the outbox, idempotency keys, incidents, API keys.

-- Whether a row may be deleted: it is a test merchant's, and its test clock is being deleted.
create function goes_with_its_clock(merchant text) returns boolean language sql stable as $$
  select coalesce(current_setting('tenor.deleting_clock', true), '') <> ''
    and exists (select from merchants m where m.id = merchant and m.live_merchant_id is not null)
$$;

create or replace function refuse_edit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if goes_with_its_clock(old.merchant_id) then
      return old;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

create function refuse_loss() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if goes_with_its_clock(old.merchant_id) then
      return old;
    end if;
  end if;
  raise exception 'rows of % are kept', tg_table_name using errcode = 'restrict_violation';
end $$;

-- A rate of a day that has not begun anywhere may be taken back; whether a line or a contract needs it is asked before.
create function refuse_rate_edit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if goes_with_its_clock(old.merchant_id) or old.valid_from > ((clock_timestamp() + interval '14 hours') at time zone 'UTC')::date then
      return old;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;
drop trigger append_only on tax_rates;
create trigger append_only before update or delete on tax_rates for each row execute function refuse_rate_edit();

-- A live merchant never becomes a test merchant, whose books may go.
create function refuse_other_merchant() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.id = old.id and new.live_merchant_id is not distinct from old.live_merchant_id then
    return new;
  end if;
  raise exception 'merchants are kept as they are' using errcode = 'restrict_violation';
end $$;
create trigger kept before update or delete on merchants for each row execute function refuse_other_merchant();

do $$
declare t text;
begin
  for t in select tablename from pg_tables where schemaname = 'public'
    and tablename not in ('agenda', 'outbox', 'idempotency_keys', 'incidents', 'api_keys') order by tablename loop
    execute format('create trigger never_truncated before truncate on %I for each statement execute function refuse_loss()', t);
    continue when t in ('merchants', 'migrations')
      or exists (select from pg_trigger where tgrelid = t::regclass and tgname = 'append_only');
    execute format('create trigger kept before delete on %I for each row execute function refuse_loss()', t);
  end loop;
end $$;
