-- The spine: everything that Tenor remembers. Money is bigint minor units beside a currency; prices, rates and
-- quantities are numeric. Every table carries its merchant, and foreign keys carry it too, so that no row can ever
-- point into another merchant's books.

-- An instant as text that compares in order, as the domain knows it.
create function iso(at timestamptz) returns text language sql immutable parallel safe as $$
  select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────

create table merchants (
  id text primary key,
  name text not null,
  live_merchant_id text references merchants, -- set: this is the test merchant of that live one
  created_at timestamptz not null default clock_timestamp()
);
create unique index one_test_merchant on merchants (live_merchant_id);

create table api_keys (
  merchant_id text not null references merchants,
  id text not null,
  name text not null,
  hash bytea not null unique, -- SHA-256 of the key; the key itself is shown once
  scopes text[] not null,
  created_at timestamptz not null default clock_timestamp(),
  revoked_at timestamptz,
  primary key (merchant_id, id)
);

create table idempotency_keys (
  merchant_id text not null references merchants,
  key text not null,
  request_hash bytea not null, -- method, path and body
  status int, -- null while the first request is under way
  response jsonb,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, key)
);

create table test_clocks (
  merchant_id text not null references merchants,
  id text not null,
  name text not null,
  now_at timestamptz not null,
  started_at timestamptz not null,
  target_at timestamptz, -- where it is advancing to
  status text not null check (status in ('ready', 'advancing', 'stuck')),
  problem text, -- why it is stuck
  steps int not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id)
);

-- Personal data is sealed with a key per subject, and that key with the master key: erasing a person is deleting
-- the subject's key.
create table vault_subjects (
  merchant_id text not null references merchants,
  id text not null,
  sealed_key bytea, -- null: erased
  primary key (merchant_id, id)
);
create table vault_records (
  merchant_id text not null,
  subject_id text not null,
  version int not null,
  sealed bytea not null,
  primary key (merchant_id, subject_id, version),
  foreign key (merchant_id, subject_id) references vault_subjects
);

create table issuers (
  merchant_id text not null references merchants,
  id text not null,
  external_id text,
  name text not null, -- shown in lists; what is printed is the vault's record
  country text not null,
  time_zone text not null,
  subject_id text not null,
  subject_version int not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, subject_id, subject_version) references vault_records
);

create table number_series (
  merchant_id text not null,
  issuer_id text not null,
  kind text not null check (kind in ('invoice', 'credit_note')),
  pattern text not null,
  first_counter bigint not null default 1 check (first_counter >= 0),
  primary key (merchant_id, issuer_id, kind),
  foreign key (merchant_id, issuer_id) references issuers
);
-- A counter per series, test clock ('' is wall time) and period that the pattern restarts for ('' is never).
create table series_counters (
  merchant_id text not null,
  issuer_id text not null,
  kind text not null,
  clock_id text not null default '',
  period_key text not null default '',
  last_counter bigint not null,
  primary key (merchant_id, issuer_id, kind, clock_id, period_key),
  foreign key (merchant_id, issuer_id, kind) references number_series
);

-- ── What is sold ─────────────────────────────────────────────────────────────────────────────────────────────────

create table tax_policies (
  merchant_id text not null references merchants,
  id text not null,
  external_id text,
  name text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id)
);
create table tax_rates (
  merchant_id text not null,
  tax_policy_id text not null,
  country text not null,
  valid_from date not null,
  category text not null default 'standard',
  rate numeric not null check (rate >= 0 and rate <= 100), -- percent
  text text not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, tax_policy_id, country, valid_from),
  foreign key (merchant_id, tax_policy_id) references tax_policies
);

create table plan_groups (
  merchant_id text not null references merchants,
  id text not null,
  external_id text,
  name text not null,
  currency text not null,
  price_mode text not null default 'net' check (price_mode in ('net', 'gross')),
  tax_policy_id text not null,
  issuer_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, tax_policy_id) references tax_policies,
  foreign key (merchant_id, issuer_id) references issuers
);
create table plans (
  merchant_id text not null,
  id text not null,
  external_id text,
  plan_group_id text not null,
  name text not null,
  description text not null default '',
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, plan_group_id) references plan_groups
);
create table components (
  merchant_id text not null,
  id text not null,
  external_id text,
  plan_group_id text not null,
  kind text not null check (kind in ('bookable', 'on_off', 'metered')),
  tax_policy_id text, -- null: the plan group's
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, plan_group_id) references plan_groups,
  foreign key (merchant_id, tax_policy_id) references tax_policies
);
create table component_versions (
  merchant_id text not null,
  id text not null,
  component_id text not null,
  version int not null,
  name text not null,
  description text not null default '',
  price_model jsonb not null,
  included numeric, -- the first units, free
  cap numeric, -- the most that a period costs
  interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
  interval_count int not null check (interval_count > 0),
  payment_mode text not null default 'pre_paid' check (payment_mode in ('pre_paid', 'post_paid', 'billed_until')),
  standalone boolean not null default false,
  published_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, component_id, version),
  foreign key (merchant_id, component_id) references components
);
create table variants (
  merchant_id text not null,
  id text not null,
  external_id text,
  plan_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, plan_id) references plans
);
create table variant_versions (
  merchant_id text not null,
  id text not null,
  variant_id text not null,
  version int not null,
  name text not null, -- what the line prints
  description text not null default '',
  fee numeric check (fee >= 0), -- null: no fee, nothing is ever due for it
  fee_interval_unit text not null check (fee_interval_unit in ('day', 'week', 'month', 'year')),
  fee_interval_count int not null check (fee_interval_count > 0),
  billing_interval_unit text not null check (billing_interval_unit in ('day', 'week', 'month', 'year')),
  billing_interval_count int not null check (billing_interval_count > 0),
  trial_unit text check (trial_unit in ('day', 'week', 'month', 'year')),
  trial_count int check (trial_count > 0),
  proration text not null default 'days' check (proration in ('days', 'seconds', 'none')),
  credit_on_pause boolean not null default false,
  credit_on_cancel boolean not null default true,
  published_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, variant_id, version),
  check ((trial_unit is null) = (trial_count is null)),
  foreign key (merchant_id, variant_id) references variants
);
create table variant_components (
  merchant_id text not null,
  variant_version_id text not null,
  component_id text not null,
  rule text not null check (rule in ('included', 'optional')), -- included: booked with the variant; not listed: not allowed
  quantity numeric not null default 1,
  primary key (merchant_id, variant_version_id, component_id),
  foreign key (merchant_id, variant_version_id) references variant_versions,
  foreign key (merchant_id, component_id) references components
);

-- ── Who buys ─────────────────────────────────────────────────────────────────────────────────────────────────────

create table customers (
  merchant_id text not null references merchants,
  id text not null,
  external_id text,
  parent_id text,
  clock_id text, -- set at the root of the tree and inherited below
  country text not null,
  time_zone text not null,
  language text not null default 'en',
  subject_id text not null, -- name, addresses, tax ids: in the vault
  subject_version int not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, parent_id) references customers,
  foreign key (merchant_id, clock_id) references test_clocks,
  foreign key (merchant_id, subject_id, subject_version) references vault_records
);
create table payment_methods (
  merchant_id text not null,
  id text not null,
  customer_id text not null,
  provider text not null,
  token text not null, -- the provider's name for it, never a card number
  created_at timestamptz not null default clock_timestamp(),
  removed_at timestamptz,
  primary key (merchant_id, id),
  foreign key (merchant_id, customer_id) references customers
);
create table billing_accounts (
  merchant_id text not null,
  id text not null,
  customer_id text not null,
  issuer_id text not null,
  clock_id text,
  currency text not null,
  name text not null,
  kind text not null default 'immediate' check (kind in ('immediate', 'collective')),
  is_default boolean not null,
  payment_term_days int not null default 0 check (payment_term_days between 0 and 365),
  payment_method_id text,
  time_zone text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, customer_id) references customers,
  foreign key (merchant_id, issuer_id) references issuers,
  foreign key (merchant_id, clock_id) references test_clocks,
  foreign key (merchant_id, payment_method_id) references payment_methods
);
create unique index one_default_account on billing_accounts (merchant_id, customer_id, issuer_id, currency) where is_default;
create index accounts_of_clock on billing_accounts (merchant_id, clock_id) where clock_id is not null;

-- ── Contracts ────────────────────────────────────────────────────────────────────────────────────────────────────

create table contracts (
  merchant_id text not null,
  id text not null unique, -- a workflow starts from its id alone
  external_id text,
  customer_id text not null,
  account_id text not null,
  plan_group_id text not null,
  clock_id text,
  time_zone text not null,
  payment_method_id text, -- null: the account's
  start_date date not null,
  starts_at timestamptz not null,
  anchor_date date not null,
  trial_ends_at timestamptz, -- granted once, at the order
  phase text not null check (phase in ('ordered', 'trial', 'normal', 'inactive', 'ended')),
  variant_version_id text not null,
  pause_reasons text[] not null default '{}',
  settled_through timestamptz not null,
  last_seq int not null default 0, -- of its commands
  ended_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, external_id),
  foreign key (merchant_id, customer_id) references customers,
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, plan_group_id) references plan_groups,
  foreign key (merchant_id, clock_id) references test_clocks,
  foreign key (merchant_id, payment_method_id) references payment_methods,
  foreign key (merchant_id, variant_version_id) references variant_versions
);
create index contracts_of_customer on contracts (merchant_id, customer_id);
create index contracts_of_account on contracts (merchant_id, account_id);

create table commands (
  merchant_id text not null,
  id text not null unique,
  contract_id text not null,
  seq int not null,
  kind text not null check (kind in ('order', 'change', 'pause', 'resume', 'cancel', 'withdraw', 'unreadable')),
  body jsonb not null,
  effective text not null, -- 'now', 'period_end' or a local date
  asked_at timestamptz not null, -- the instant at which it counts: max(now, settled through)
  actor text not null, -- 'api:<key>', 'operator', 'collection:<receivable>'
  state text not null default 'pending' check (state in ('pending', 'applied', 'refused')),
  answer jsonb,
  recorded_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz, -- on the contract's clock
  primary key (merchant_id, id),
  unique (merchant_id, contract_id, seq),
  check ((state = 'pending') = (answer is null)),
  foreign key (merchant_id, contract_id) references contracts
);
create index commands_pending on commands (merchant_id, contract_id, seq) where state = 'pending';

create table scheduled_changes (
  merchant_id text not null,
  id text not null,
  contract_id text not null,
  command_id text not null,
  due_at timestamptz not null,
  change jsonb not null,
  state text not null check (state in ('scheduled', 'done', 'withdrawn', 'void')),
  primary key (merchant_id, id),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, command_id) references commands
);
create index changes_scheduled on scheduled_changes (merchant_id, contract_id, due_at) where state = 'scheduled';

-- Phases have a start and no end: the successor's start ends them.
create table contract_phases (
  merchant_id text not null,
  id text not null,
  contract_id text not null,
  kind text not null check (kind in ('trial', 'normal', 'inactive', 'ended')),
  variant_version_id text not null,
  starts_at timestamptz not null,
  command_id text,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, variant_version_id) references variant_versions,
  foreign key (merchant_id, command_id) references commands
);
create index phases_of_contract on contract_phases (merchant_id, contract_id, starts_at);

create table component_subscriptions (
  merchant_id text not null,
  id text not null,
  contract_id text not null,
  component_id text not null,
  created_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, component_id) references components
);

-- A recurring thing at one price and quantity: the fee of a phase, or one revision of a component subscription.
-- Append-only; the next revision of the same subject ends it, and quantity null ends the subject itself.
create table items (
  merchant_id text not null,
  id text not null,
  contract_id text not null,
  subject text not null, -- 'fee', or the component subscription
  subscription_id text,
  revision int not null,
  variant_version_id text, -- the fee's price
  component_version_id text, -- the component's price
  quantity numeric, -- null: ended
  anchor_date date not null,
  effective_at timestamptz not null,
  command_id text,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, contract_id, subject, revision),
  check ((subject = 'fee') = (subscription_id is null)),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, subscription_id) references component_subscriptions,
  foreign key (merchant_id, variant_version_id) references variant_versions,
  foreign key (merchant_id, component_version_id) references component_versions,
  foreign key (merchant_id, command_id) references commands
);

-- ── Charges and documents ────────────────────────────────────────────────────────────────────────────────────────

-- A rated line with its derivation. It covers [starts_at, ends_at) of its item; a credit names the charge that it
-- uncovers.
create table charges (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  contract_id text,
  item_id text,
  part int not null default 0, -- which tier of a graduated price
  kind text not null check (kind in ('recurring', 'credit', 'one_time', 'usage', 'discount')),
  reverses_id text,
  text text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  from_date date not null,
  to_date date not null, -- the day after the last
  quantity numeric not null,
  unit_price numeric not null,
  full_amount numeric not null, -- exact, of the whole period that the range lies in
  days int not null,
  full_days int not null,
  amount_minor bigint not null, -- net or gross: see price_mode
  currency text not null,
  price_mode text not null check (price_mode in ('net', 'gross')),
  tax_category text not null,
  tax_rate numeric not null,
  tax_text text not null,
  tax_country text not null,
  derivation jsonb not null,
  command_id text,
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  check (starts_at <= ends_at),
  check ((kind = 'credit') = (reverses_id is not null)),
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, item_id) references items,
  foreign key (merchant_id, reverses_id) references charges,
  foreign key (merchant_id, command_id) references commands
);
create index charges_of_contract on charges (merchant_id, contract_id, ends_at);
create index charges_reversing on charges (merchant_id, reverses_id) where reverses_id is not null;

-- Final from its first moment: the database refuses every edit.
create table documents (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  contract_id text,
  issuer_id text not null,
  clock_id text,
  kind text not null check (kind in ('invoice', 'credit_note')),
  number text not null,
  period_key text not null,
  counter bigint not null,
  title text not null,
  issue_date date not null,
  due_date date not null,
  service_from date not null,
  service_to date not null, -- the day after the last
  currency text not null,
  price_mode text not null check (price_mode in ('net', 'gross')),
  net_minor bigint not null,
  tax_minor bigint not null,
  gross_minor bigint not null,
  recipient_subject_id text not null,
  recipient_version int not null,
  issuer_subject_id text not null,
  issuer_version int not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  check (net_minor + tax_minor = gross_minor),
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, issuer_id) references issuers,
  foreign key (merchant_id, recipient_subject_id, recipient_version) references vault_records,
  foreign key (merchant_id, issuer_subject_id, issuer_version) references vault_records
);
create unique index one_document_per_number on documents (merchant_id, issuer_id, kind, coalesce(clock_id, ''), period_key, counter);
create index documents_of_account on documents (merchant_id, account_id, effective_at);

create table document_lines (
  merchant_id text not null,
  document_id text not null,
  position int not null,
  charge_id text not null,
  net_minor bigint not null,
  primary key (merchant_id, document_id, position),
  unique (merchant_id, charge_id),
  foreign key (merchant_id, document_id) references documents,
  foreign key (merchant_id, charge_id) references charges
);
create table document_taxes (
  merchant_id text not null,
  document_id text not null,
  category text not null,
  rate numeric not null,
  text text not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  primary key (merchant_id, document_id, category, rate),
  foreign key (merchant_id, document_id) references documents
);

-- ── Ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────

create table payments (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  attempt_id text, -- null: a receipt by hand
  provider text not null, -- 'hand' for receipts
  reference text not null,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts
);
create unique index one_payment_per_attempt on payments (merchant_id, attempt_id) where attempt_id is not null;

create table journal_entries (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  fact text not null, -- the fact that it books, once: 'document:<id>', 'payment:<id>', 'chargeback:<event>'
  text text not null,
  reference text not null,
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  unique (merchant_id, fact),
  foreign key (merchant_id, account_id) references billing_accounts
);
create index entries_of_account on journal_entries (merchant_id, account_id, effective_at, id);

-- Positive is debit. Accounts: 'receivable', 'deferred_revenue', 'revenue', 'tax', 'cash:<provider>'.
create table postings (
  merchant_id text not null,
  entry_id text not null,
  n int not null,
  account_id text not null,
  contract_id text,
  ledger_account text not null,
  currency text not null,
  amount_minor bigint not null,
  primary key (merchant_id, entry_id, n),
  foreign key (merchant_id, entry_id) references journal_entries,
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts
);
create index postings_of_account on postings (merchant_id, account_id, ledger_account);

create table receivables (
  merchant_id text not null,
  id text not null unique, -- a workflow starts from its id alone
  account_id text not null,
  contract_id text,
  document_id text,
  currency text not null,
  amount_minor bigint not null check (amount_minor >= 0),
  open_minor bigint not null check (open_minor between 0 and amount_minor), -- amount − allocations
  due_date date not null,
  dunning_level int not null default 0,
  effective_at timestamptz not null,
  primary key (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, document_id) references documents
);
create index receivables_open on receivables (merchant_id, account_id, effective_at) where open_minor > 0;

-- What can be allocated: a credit note's total, or a payment.
create table credits (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  document_id text,
  payment_id text,
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  left_minor bigint not null check (left_minor between 0 and amount_minor), -- amount − allocations − reversed
  reversed_minor bigint not null default 0 check (reversed_minor between 0 and amount_minor), -- charged back
  effective_at timestamptz not null,
  primary key (merchant_id, id),
  check ((document_id is null) <> (payment_id is null)),
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, document_id) references documents,
  foreign key (merchant_id, payment_id) references payments
);
create index credits_left on credits (merchant_id, account_id, effective_at) where left_minor > 0;

-- Signed: a chargeback takes an allocation back with a negative one.
create table allocations (
  merchant_id text not null,
  id text not null,
  credit_id text not null,
  receivable_id text not null,
  amount_minor bigint not null check (amount_minor <> 0),
  effective_at timestamptz not null,
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, id),
  foreign key (merchant_id, credit_id) references credits,
  foreign key (merchant_id, receivable_id) references receivables
);
create index allocations_of_receivable on allocations (merchant_id, receivable_id);
create index allocations_of_credit on allocations (merchant_id, credit_id);

-- ── Charging ─────────────────────────────────────────────────────────────────────────────────────────────────────

create table attempts (
  merchant_id text not null,
  id text not null unique, -- the key towards the provider
  receivable_id text not null,
  account_id text not null,
  contract_id text,
  payment_method_id text not null,
  provider text not null,
  n int not null, -- first is 1
  currency text not null,
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('planned', 'sent', 'pending', 'requires_action', 'unknown', 'succeeded', 'declined', 'abandoned')),
  provider_object text, -- stored before money moves
  lease_until timestamptz, -- wall time; whoever finds it sent looks it up after this
  sent_at timestamptz, -- on the customer's clock
  lookups int not null default 0,
  reason text, -- of a decline
  action_url text,
  effective_at timestamptz not null,
  decided_at timestamptz,
  primary key (merchant_id, id),
  unique (merchant_id, receivable_id, n),
  foreign key (merchant_id, receivable_id) references receivables,
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, payment_method_id) references payment_methods
);
create unique index one_open_attempt on attempts (merchant_id, receivable_id)
  where state in ('planned', 'sent', 'pending', 'requires_action', 'unknown');
create index attempts_to_send on attempts (merchant_id, contract_id) where state in ('planned', 'sent');
create unique index one_attempt_per_object on attempts (provider, provider_object) where provider_object is not null;
alter table payments add foreign key (merchant_id, attempt_id) references attempts;

create table provider_events (
  provider text not null,
  event_id text not null,
  merchant_id text not null references merchants,
  type text not null,
  provider_object text not null,
  body jsonb not null,
  changed boolean not null, -- whether booking it changed anything
  recorded_at timestamptz not null default clock_timestamp(),
  primary key (provider, event_id)
);

-- ── What waits, and what leaves ──────────────────────────────────────────────────────────────────────────────────

-- One row says what is due next for everything that waits. Its owner sleeps until it; clocks and repair wake it.
create table agenda (
  workflow_id text primary key, -- 'contract/<id>', 'collection/<receivable>', 'sandbox/<event>'
  merchant_id text not null references merchants,
  kind text not null check (kind in ('provider_event', 'contract', 'account', 'collection')),
  clock_id text,
  due_at timestamptz not null
);
create index agenda_by_clock on agenda (merchant_id, clock_id, due_at) where clock_id is not null;
create index agenda_by_wall on agenda (due_at) where clock_id is null;

create table outbox (
  merchant_id text not null references merchants,
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('start', 'wake', 'webhook')),
  object text not null, -- the workflow id, or what a webhook tells about
  seq bigint not null default 0, -- per object
  command_id text, -- void once this is decided
  clock_id text,
  payload jsonb not null default '{}',
  due_at timestamptz not null default clock_timestamp(), -- wall time
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'void')),
  tries int not null default 0,
  last_error text
);
create index outbox_waiting on outbox (due_at) where state = 'waiting';
create index outbox_of_clock on outbox (merchant_id, clock_id) where state = 'waiting' and clock_id is not null;

create table incidents (
  merchant_id text not null references merchants,
  id text not null,
  workflow_id text not null,
  step text not null,
  error text not null,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  primary key (merchant_id, id)
);
create unique index one_open_incident on incidents (workflow_id) where closed_at is null;

-- ── Final is final ───────────────────────────────────────────────────────────────────────────────────────────────

-- Deleting a test clock deletes what happened on it; nothing else is ever edited or deleted.
create function refuse_edit() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and coalesce(current_setting('tenor.deleting_clock', true), '') <> '' then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'restrict_violation';
end $$;

do $$
declare t text;
begin
  foreach t in array array['component_versions', 'variant_versions', 'variant_components', 'vault_records',
    'contract_phases', 'items', 'charges', 'documents', 'document_lines', 'document_taxes', 'payments',
    'journal_entries', 'postings', 'allocations', 'tax_rates', 'provider_events'] loop
    execute format('create trigger append_only before update or delete on %I for each row execute function refuse_edit()', t);
  end loop;
end $$;

create function refuse_unbalanced() returns trigger language plpgsql as $$
begin
  if exists (select from added group by merchant_id, entry_id, currency having sum(amount_minor) <> 0) then
    raise exception 'postings of an entry must balance to zero' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger balanced after insert on postings referencing new table as added
  for each statement execute function refuse_unbalanced();

-- Takes a contract's locks in the one order that everybody keeps (clock shared, account, contract), and says what
-- time it is there. Everything that decides about a contract begins with it.
create function lock_contract(merchant text, contract text, out now_at timestamptz, out advancing boolean, out phase text, out settled_through timestamptz)
language plpgsql as $$
declare account text; clock text;
begin
  select c.account_id, c.clock_id into account, clock from contracts c where c.merchant_id = merchant and c.id = contract;
  if clock is not null then
    select k.now_at, k.status = 'advancing' into now_at, advancing
      from test_clocks k where k.merchant_id = merchant and k.id = clock for share;
  else
    advancing := false;
  end if;
  perform from billing_accounts b where b.merchant_id = merchant and b.id = account for update;
  select c.phase, c.settled_through into phase, settled_through
    from contracts c where c.merchant_id = merchant and c.id = contract for update;
  now_at := coalesce(now_at, date_trunc('milliseconds', clock_timestamp()));
end $$;

-- ── The sandbox provider's own books ─────────────────────────────────────────────────────────────────────────────

create schema sandbox;
create table sandbox.intents (
  id text primary key, -- 'sbi_…'
  key text not null unique, -- the caller's idempotency key
  merchant_id text not null,
  clock_id text,
  token text not null,
  amount_minor bigint not null,
  currency text not null,
  state text not null, -- prepared, succeeded, pending, requires_action, declined
  reason text,
  prepared_at timestamptz not null,
  executed_at timestamptz
);
-- Money that really moved: what tests count.
create table sandbox.movements (
  id bigint generated always as identity primary key,
  intent_id text not null references sandbox.intents,
  kind text not null check (kind in ('charge', 'refund', 'chargeback')),
  key text unique, -- a refund's idempotency key
  amount_minor bigint not null check (amount_minor > 0),
  moved_at timestamptz not null
);
create table sandbox.events (
  id text primary key, -- 'sbe_…'
  merchant_id text not null,
  intent_id text not null references sandbox.intents,
  type text not null,
  due_at timestamptz not null,
  body jsonb not null,
  delivered_at timestamptz
);
