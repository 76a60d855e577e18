-- Collection by balance: an account collects everything that is open in one payment, on days of a calendar or by hand.

alter table billing_accounts
  add column collect_by text not null default 'invoice',
  -- The days: anchor + n × interval, in the account's zone. Null for collections by hand only.
  add column collect_unit text,
  add column collect_count integer,
  add column collect_anchor date,
  -- Only more than this is collected.
  add column collect_threshold_minor bigint not null default 0,
  add column collect_notice_days integer not null default 0;
alter table billing_accounts add constraint collects_on_whole_calendar check (
  (collect_unit in ('week', 'month', 'year') and collect_count > 0 and collect_anchor is not null)
  or (collect_unit is null and collect_count is null and collect_anchor is null)) not valid;
alter table billing_accounts add constraint collects_by_invoice_or_balance check (
  collect_threshold_minor >= 0 and collect_notice_days between 0 and 60
  and (collect_by = 'balance'
    or (collect_by = 'invoice' and collect_unit is null and collect_threshold_minor = 0 and collect_notice_days = 0))) not valid;

create table collections (
  merchant_id text not null references merchants,
  id text not null unique,
  account_id text not null,
  cause text not null check (cause in ('calendar', 'hand')),
  state text not null check (state in ('planned', 'noticed', 'collecting', 'stopped', 'charged_back', 'collected', 'paid',
    'below_threshold', 'no_payment_method', 'replaced', 'withdrawn')),
  -- When the customer is told; null if the money is collected without a notice.
  notice_at timestamptz,
  due_at timestamptz not null,
  currency text not null,
  -- What was open when the collection was opened, by which it is decided. Null until then.
  amount_minor bigint check (amount_minor >= 0),
  threshold_minor bigint check (threshold_minor >= 0),
  noticed_at timestamptz,
  dunning_level integer not null default 0,
  asked_at timestamptz not null,
  ended_at timestamptz,
  primary key (merchant_id, id),
  check (state in ('planned', 'withdrawn') or (amount_minor is not null and threshold_minor is not null)),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id)
);
create index collections_of_account on collections (merchant_id, account_id, id);
create unique index collections_planned on collections (merchant_id, account_id) where state = 'planned' and cause = 'calendar';
create trigger kept before delete on collections for each row execute function refuse_loss();
create trigger never_truncated before truncate on collections for each statement execute function refuse_loss();

-- The receivables of a collection, with what was open of each when it was opened. It collects no more than that.
create table collection_receivables (
  merchant_id text not null references merchants,
  collection_id text not null,
  receivable_id text not null,
  amount_minor bigint not null check (amount_minor > 0),
  primary key (merchant_id, collection_id, receivable_id),
  foreign key (merchant_id, collection_id) references collections (merchant_id, id),
  foreign key (merchant_id, receivable_id) references receivables (merchant_id, id)
);
create index collections_of_receivable on collection_receivables (merchant_id, receivable_id);
create trigger kept before delete on collection_receivables for each row execute function refuse_loss();
create trigger never_truncated before truncate on collection_receivables for each statement execute function refuse_loss();

-- An attempt collects one receivable, or several of one account. Those of the latter have rows of their own.
-- Earlier processes meet no such attempt before an account collects by balance.
-- squawk-ignore ban-drop-not-null
alter table attempts alter column receivable_id drop not null;
alter table attempts add column collection_id text;
alter table attempts add constraint collects_one_thing check ((receivable_id is null) <> (collection_id is null)) not valid;
alter table attempts add constraint attempts_of_collection foreign key (merchant_id, collection_id)
  references collections (merchant_id, id) not valid;

create table attempt_receivables (
  merchant_id text not null references merchants,
  attempt_id text not null,
  receivable_id text not null,
  amount_minor bigint not null check (amount_minor > 0),
  -- Whether the attempt is open. A receivable has at most one open attempt.
  is_open boolean not null default true,
  primary key (merchant_id, attempt_id, receivable_id),
  foreign key (merchant_id, attempt_id) references attempts (merchant_id, id),
  foreign key (merchant_id, receivable_id) references receivables (merchant_id, id)
);
create index attempts_of_receivable on attempt_receivables (merchant_id, receivable_id);
create unique index one_open_attempt_of_receivable on attempt_receivables (merchant_id, receivable_id) where is_open;
create trigger kept before delete on attempt_receivables for each row execute function refuse_loss();
create trigger never_truncated before truncate on attempt_receivables for each statement execute function refuse_loss();

create function close_attempt_receivables() returns trigger language plpgsql as $$
begin
  update attempt_receivables set is_open = false
    where merchant_id = new.merchant_id and attempt_id = new.id and is_open;
  return null;
end $$;
create trigger closes_its_receivables after update of state on attempts for each row
  when (new.collection_id is not null and new.state in ('succeeded', 'declined', 'abandoned'))
  execute function close_attempt_receivables();

-- The attempts of a receivable: its own, and those that collect it with others.
create function attempts_of(merchant text, receivable text) returns table (id text, state text) language sql stable as $$
  select t.id, t.state from attempts t where t.merchant_id = merchant and t.receivable_id = receivable
  union all
  select t.id, t.state from attempt_receivables x
    join attempts t on t.merchant_id = x.merchant_id and t.id = x.attempt_id
    where x.merchant_id = merchant and x.receivable_id = receivable
$$;

-- The payment method by which bills of an account are charged at once; null if it collects by balance.
create function method_of_bills(a billing_accounts, contract text) returns payment_methods language sql stable as $$
  select m from payment_methods m
    where m.merchant_id = a.merchant_id and m.removed_at is null and a.collect_by = 'invoice' and m.id = coalesce(
      (select c.payment_method_id from contracts c where c.merchant_id = a.merchant_id and c.id = contract), a.payment_method_id)
$$;

-- Whether a contract is or will be paused for dunning. The newest source counts: a command of collection that is not stored yet, one
-- that is not decided yet, or the contract itself.
create function paused_for_dunning(c contracts) returns boolean language sql stable as $$
  select coalesce(
    (
      select o.payload->>'kind' = 'pause' from outbox o
      where o.merchant_id = c.merchant_id and o.kind = 'command' and o.state = 'waiting' and o.object = 'contract/' || c.id
      order by o.id desc limit 1
    ),
    (
      select d.kind = 'pause' from commands d
      where d.merchant_id = c.merchant_id and d.contract_id = c.id and d.state = 'pending'
        and d.kind in ('pause', 'resume') and d.actor like 'collection:%'
      order by d.seq desc limit 1
    ),
    'dunning' = any(c.pause_reasons), false)
$$;

create or replace function account_books(merchant text, account text, contract text, once text[]) returns json
language plpgsql stable as $$
begin
  return (select json_build_object(
    'paymentMethod', (select json_build_object('id', m.id, 'provider', m.provider) from method_of_bills(a, contract) m
      where m.id is not null),
    'credits', (select coalesce(json_agg(json_build_object('id', c.id, 'leftMinor', c.left_minor::text) order by c.effective_at, c.id), '[]')
      from credits c where c.merchant_id = merchant and c.account_id = account and c.left_minor > 0),
    'openReceivables', (select coalesce(json_agg(json_build_object('id', r.id, 'openMinor', r.open_minor::text,
        'underWay', exists (select from attempts_of(merchant, r.id) t
          where t.state in ('sent', 'pending', 'requires_action', 'unknown')),
        'collected', exists (select from attempts_of(merchant, r.id) t where t.state <> 'planned')
        ) order by r.effective_at, r.id), '[]')
      from (select * from receivables x where x.merchant_id = merchant and x.account_id = account and x.open_minor > 0
            order by x.effective_at, x.id limit 100) r),
    'taken', (select coalesce(json_agg(o.id order by o.id), '[]') from one_time_charges o
      where o.merchant_id = merchant and o.id = any(once) and o.state <> 'waiting'))
    from billing_accounts a where a.merchant_id = merchant and a.id = account);
end $$;

create or replace function lock_unchanged_account(merchant text, account text, contract text, method text) returns void
language plpgsql as $$
begin
  perform from billing_accounts b where b.merchant_id = merchant and b.id = account for no key update;
  if exists (select from credits c where c.merchant_id = merchant and c.account_id = account and c.left_minor > 0)
    or method is distinct from (select (method_of_bills(a, contract)).id from billing_accounts a
      where a.merchant_id = merchant and a.id = account) then
    raise exception 'the account % is not as it was read', account using errcode = 'TN001';
  end if;
end $$;

create or replace function event_of_attempt(t attempts) returns jsonb language sql stable as $$
  select jsonb_build_object('attempt', t.id, 'number', t.n, 'provider', t.provider, 'payment_method', t.payment_method_id,
    'currency', t.currency, 'amount_minor', t.amount_minor::text, 'collection', t.collection_id,
    'invoice', (select r.document_id from receivables r where r.merchant_id = t.merchant_id and r.id = t.receivable_id))
$$;

create function event_from_collection() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, occurred_at, data)
    select a.merchant_id,
      case new.state when 'noticed' then 'account.collection_notice' else 'account.collection_stopped' end,
      new.id, a.id, time_on(a.merchant_id, a.clock_id),
      jsonb_build_object('collection', new.id, 'currency', new.currency, 'amount_minor', new.amount_minor::text,
        'due_at', iso(new.due_at), 'invoices', (
          select coalesce(jsonb_agg(r.document_id order by r.effective_at, r.id), '[]')
          from collection_receivables x
          join receivables r on r.merchant_id = x.merchant_id and r.id = x.receivable_id
          where x.merchant_id = new.merchant_id and x.collection_id = new.id))
    from billing_accounts a where a.merchant_id = new.merchant_id and a.id = new.account_id;
  return null;
end $$;
create trigger makes_event after update of state on collections for each row
  when (old.state <> new.state and new.state in ('noticed', 'stopped')) execute function event_from_collection();

create or replace function mail_purpose_of(event_type text) returns text language sql immutable parallel safe as $$
  select case event_type
    when 'invoice.finalised' then 'invoice'
    when 'credit_note.finalised' then 'credit_note'
    when 'payment.succeeded' then 'receipt'
    when 'payment.received' then 'receipt'
    when 'payment.declined' then 'payment_failed'
    when 'payment.requires_action' then 'action_required'
    when 'account.collection_notice' then 'collection_notice'
    when 'webhook_endpoint.disabled' then 'webhook_disabled'
  end
$$;

create or replace function event_from_incident() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select new.merchant_id, case when new.closed_at is null then 'incident.opened' else 'incident.closed' end, new.id,
      coalesce(r.account_id, a.id, l.account_id), c.id, coalesce(new.closed_at, new.opened_at),
      jsonb_build_object('step', new.step, 'code', new.code, 'workflow', new.workflow_id, 'receivable', r.id)
    from (select) one
    left join contracts c on c.merchant_id = new.merchant_id and 'contract/' || c.id = new.workflow_id
      and c.id = substr(new.workflow_id, 10)
    left join receivables r on r.merchant_id = new.merchant_id and new.workflow_id like 'collection/%'
      and r.id = substr(new.workflow_id, 12)
    left join collections l on l.merchant_id = new.merchant_id and new.workflow_id like 'collection/%'
      and l.id = substr(new.workflow_id, 12)
    left join billing_accounts a on a.merchant_id = new.merchant_id and new.workflow_id like 'account/%'
      and a.id = substr(new.workflow_id, 9);
  return null;
end $$;
