-- Collective accounts. A contract that bills to one makes charges, and a run of the account makes the document.

alter table billing_accounts
  -- The calendar of the runs: anchor + n × interval, on days of the account's zone. Null for runs by hand only.
  add column run_unit text,
  add column run_count integer,
  add column run_anchor date,
  -- The next run of the calendar. It stays until it is done, also if it is missed.
  add column next_run_at timestamptz,
  -- The only mode of the charges of a collective account; null for an immediate one.
  add column price_mode text;
alter table billing_accounts add constraint has_a_whole_calendar check (
  (run_unit in ('week', 'month', 'year') and run_count > 0 and run_anchor is not null)
  or (run_unit is null and run_count is null and run_anchor is null)) not valid;
alter table billing_accounts add constraint is_collective check (
  (kind = 'collective' and price_mode in ('net', 'gross'))
  or (kind = 'immediate' and price_mode is null and run_unit is null and next_run_at is null)) not valid;

-- Charges of collective accounts that no document has yet. The transaction that makes a charge adds its row, and that of the run
-- which takes the charge deletes it.
create table waiting_charges (
  merchant_id text not null references merchants,
  charge_id text not null,
  account_id text not null,
  effective_at timestamptz not null,
  primary key (merchant_id, charge_id),
  foreign key (merchant_id, charge_id) references charges (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id)
);
create index waiting_charges_of_account on waiting_charges (merchant_id, account_id, effective_at);
create trigger never_truncated before truncate on waiting_charges for each statement execute function refuse_loss();

create table account_runs (
  merchant_id text not null references merchants,
  id text not null,
  account_id text not null,
  -- It takes the charges up to this instant.
  until_at timestamptz not null,
  cause text not null check (cause in ('calendar', 'hand')),
  -- A run by hand is planned when it is asked for. A run of the calendar is stored when it is done.
  state text not null check (state in ('planned', 'done')),
  -- Null if there was nothing to bill.
  document_id text,
  -- Ids of contracts whose step failed. Their charges come with the next run.
  left_out text[] not null default '{}',
  asked_at timestamptz not null,
  done_at timestamptz,
  primary key (merchant_id, id),
  check ((state = 'done') = (done_at is not null)),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id),
  -- The document's own row is inserted last, with its number.
  foreign key (merchant_id, document_id) references documents (merchant_id, id) deferrable initially deferred
);
create index runs_of_account on account_runs (merchant_id, account_id, id);
create unique index runs_of_calendar on account_runs (merchant_id, account_id, until_at) where cause = 'calendar';
create unique index runs_planned on account_runs (merchant_id, account_id) where state = 'planned';
create unique index runs_of_document on account_runs (merchant_id, document_id) where document_id is not null;
create trigger kept before delete on account_runs for each row execute function refuse_loss();
create trigger never_truncated before truncate on account_runs for each statement execute function refuse_loss();

create or replace function event_from_incident() returns trigger language plpgsql as $$
begin
  insert into events (merchant_id, type, object_id, account_id, contract_id, occurred_at, data)
    select new.merchant_id, case when new.closed_at is null then 'incident.opened' else 'incident.closed' end, new.id,
      coalesce(r.account_id, a.id), c.id, coalesce(new.closed_at, new.opened_at),
      jsonb_build_object('step', new.step, 'code', new.code, 'workflow', new.workflow_id, 'receivable', r.id)
    from (select) one
    left join contracts c on c.merchant_id = new.merchant_id and 'contract/' || c.id = new.workflow_id
      and c.id = substr(new.workflow_id, 10)
    left join receivables r on r.merchant_id = new.merchant_id and new.workflow_id like 'collection/%'
      and r.id = substr(new.workflow_id, 12)
    left join billing_accounts a on a.merchant_id = new.merchant_id and new.workflow_id like 'account/%'
      and a.id = substr(new.workflow_id, 9);
  return null;
end $$;
