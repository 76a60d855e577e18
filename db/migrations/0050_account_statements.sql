-- Account statements: the entries of an account in a span of days, as they were when the statement was made. Receipts may be dated
-- back, so a list of the same days may have more entries later.

create table account_statements (
  merchant_id text not null references merchants,
  id text not null,
  account_id text not null,
  from_date date not null,
  -- The day after the last day.
  to_date date not null,
  opening_minor bigint not null,
  closing_minor bigint not null,
  -- The oldest first.
  entries jsonb not null,
  recipient_subject_id text not null,
  recipient_version int not null,
  issuer_subject_id text not null,
  issuer_version int not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts (merchant_id, id),
  check (from_date < to_date)
);
create index statements_of_account on account_statements (merchant_id, account_id, id);
create trigger append_only before update or delete on account_statements for each row execute function refuse_edit();
create trigger never_truncated before truncate on account_statements for each statement execute function refuse_loss();
