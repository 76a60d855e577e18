-- Jobs over many billing accounts: runs by hand, and accounts that are deactivated or activated again.

-- From this instant of the account's clock on, the account is deactivated.
alter table billing_accounts add column deactivated_at timestamptz;

create table account_jobs (
  merchant_id text not null references merchants,
  id text not null,
  kind text not null check (kind in ('bill', 'deactivate', 'activate')),
  -- The accounts that it is for: one account, those of a customer and its descendants, or those of an issuer.
  scope_kind text not null check (scope_kind in ('account', 'customer', 'issuer')),
  scope_id text not null,
  -- A job that is asked to stop is `stopping` until it has finished the accounts that it works on.
  state text not null check (state in ('running', 'stopping', 'stopped', 'done')),
  asked_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  primary key (merchant_id, id),
  check ((state in ('stopped', 'done')) = (ended_at is not null))
);
-- The workflow of a job knows its id alone.
create unique index account_jobs_id_key on account_jobs (id);
create trigger kept before delete on account_jobs for each row execute function refuse_loss();
create trigger never_truncated before truncate on account_jobs for each statement execute function refuse_loss();

-- What a job did with each of its accounts.
create table account_job_items (
  merchant_id text not null,
  job_id text not null,
  account_id text not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'skipped', 'failed')),
  -- The run that a job for billing asked for.
  run_id text,
  -- How many contracts were asked to pause or to resume. The job goes on after the last of them.
  contracts int not null default 0,
  last_contract_id text,
  -- Why it was skipped or failed: a code, and a sentence.
  code text,
  detail text,
  ended_at timestamptz,
  primary key (merchant_id, job_id, account_id),
  check ((state = 'waiting') = (ended_at is null)),
  foreign key (merchant_id, job_id) references account_jobs (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id)
);
create index account_job_items_of_account on account_job_items (merchant_id, account_id);
create trigger never_truncated before truncate on account_job_items for each statement execute function refuse_loss();

-- The accounts of a scope: one, those of a customer and of its descendants, or those of an issuer.
create function accounts_of_scope(merchant text, scope_kind text, scope text) returns setof billing_accounts
language sql stable as $$
  with recursive tree as (
    select u.id from customers u where u.merchant_id = merchant and u.id = scope and scope_kind = 'customer'
    union
    select u.id from tree t join customers u on u.merchant_id = merchant and u.parent_id = t.id
  )
  select a.* from billing_accounts a where scope_kind = 'account' and a.merchant_id = merchant and a.id = scope
  union all
  select a.* from tree t join billing_accounts a on a.merchant_id = merchant and a.customer_id = t.id
  union all
  select a.* from billing_accounts a where scope_kind = 'issuer' and a.merchant_id = merchant and a.issuer_id = scope
$$;

alter table agenda drop constraint agenda_kind_check, add constraint agenda_kind_check
  check (kind in ('provider_event', 'contract', 'account', 'collection', 'job')) not valid;

create function event_from_account() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, occurred_at, data)
    values (new.merchant_id,
      case when new.deactivated_at is null then 'account.activated' else 'account.deactivated' end,
      new.id, new.id, time_on(new.merchant_id, new.clock_id),
      jsonb_build_object('deactivated_at', iso(new.deactivated_at)));
  return null;
end $$;
create trigger makes_event_of_state after update on billing_accounts for each row
  when ((old.deactivated_at is null) <> (new.deactivated_at is null)) execute function event_from_account();

-- Only commands of collection say whether a contract is paused for dunning; those of jobs do not.
create or replace function paused_for_dunning(c contracts) returns boolean language sql stable as $$
  select coalesce(
    (
      select o.payload->>'kind' = 'pause' from outbox o
      where o.merchant_id = c.merchant_id and o.kind = 'command' and o.state = 'waiting' and o.object = 'contract/' || c.id
        and o.payload->>'actor' like 'collection:%'
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
