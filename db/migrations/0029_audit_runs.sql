-- An audit is stored after each slice, so that one that was interrupted goes on there. Books are not changed by it.
create table audit_runs (
  id bigint primary key generated always as identity,
  began_at timestamptz not null default clock_timestamp(),
  moved_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  -- The checks that the code had, in their order.
  checks text[] not null,
  -- Where the next slice begins: a check, and the key of the last row that it has read.
  check_name text not null,
  after text[] not null,
  slices int not null default 0
);

-- Without references to what is wrong, which may not be there.
create table audit_findings (
  run_id bigint not null references audit_runs,
  n bigint not null generated always as identity,
  check_name text not null,
  merchant_id text not null,
  id text not null,
  message text not null,
  primary key (run_id, n)
);
