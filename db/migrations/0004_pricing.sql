-- Every way a contract can be priced: terms and proration of variants, bounds of components, metered usage, one-time
-- charges, and the range of an item that ends by itself.

alter table variant_versions
  add column setup_fee numeric check (setup_fee >= 0), -- once, with the first bill
  add column term_unit text check (term_unit in ('day', 'week', 'month', 'year')),
  add column term_count int check (term_count > 0),
  add column renewal_unit text check (renewal_unit in ('day', 'week', 'month', 'year')), -- null: the contract ends with its term
  add column renewal_count int check (renewal_count > 0),
  add column notice_unit text check (notice_unit in ('day', 'week', 'month', 'year')),
  add column notice_count int check (notice_count > 0),
  add check ((term_unit is null) = (term_count is null)),
  add check ((renewal_unit is null) = (renewal_count is null)),
  add check ((notice_unit is null) = (notice_count is null)),
  add check (renewal_unit is null or term_unit is not null);

alter table variant_components
  add column included numeric check (included >= 0), -- first units, free; null: the component's own
  add column least numeric check (least >= 0), -- of all subscriptions of the component together
  add column most numeric check (most > 0);

alter table component_versions
  add column aggregation text check (aggregation in ('sum', 'max', 'last', 'unique')); -- of metered components

alter table contracts
  add column term_start date; -- the first day that is billed, or that of a change to another term

alter table items
  add column included numeric, -- first units, free, in the variant that it was booked under
  add column ends_at timestamptz; -- where it ends by itself; null: where its successor begins

-- A line counts its share of the full period in days or in seconds.
alter table charges
  add column unit text not null default 'day' check (unit in ('day', 'second'));

-- ── Usage ────────────────────────────────────────────────────────────────────────────────────────────────────────

create table usage_events (
  merchant_id text not null,
  contract_id text not null,
  event_id text not null, -- the reporter's own
  seq bigint generated always as identity, -- as they came
  subscription_id text not null,
  at timestamptz not null,
  quantity numeric not null,
  value text, -- what a unique count counts
  reported jsonb not null, -- as it was sent
  recorded_at timestamptz not null, -- on the customer's clock
  primary key (merchant_id, contract_id, event_id),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, subscription_id) references component_subscriptions
);
create index usage_of_subscription on usage_events (merchant_id, subscription_id, at);
create trigger append_only before update or delete on usage_events for each row execute function refuse_edit();

-- A period that was rated. Usage that comes later opens it again, until the next regular bill.
create table metered_periods (
  merchant_id text not null,
  subscription_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  contract_id text not null,
  item_id text not null, -- whose terms it was rated in
  total numeric not null, -- as it was last rated
  reopened boolean not null default false,
  primary key (merchant_id, subscription_id, starts_at),
  check (starts_at < ends_at),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, subscription_id) references component_subscriptions,
  foreign key (merchant_id, item_id) references items
);
create index periods_of_item on metered_periods (merchant_id, item_id);
create index periods_of_contract on metered_periods (merchant_id, contract_id);
create index periods_reopened on metered_periods (merchant_id, contract_id) where reopened;
create index usage_lines on charges (merchant_id, item_id, starts_at) where kind = 'usage';

-- ── One-time charges ─────────────────────────────────────────────────────────────────────────────────────────────

create table one_time_charges (
  merchant_id text not null,
  id text not null,
  account_id text not null,
  contract_id text, -- null: whatever contract of the account bills next
  kind text not null check (kind in ('charge', 'setup')),
  application text,
  text text not null,
  reference text,
  service_date date not null,
  quantity numeric not null,
  unit_price numeric not null, -- below zero: a credit
  currency text not null,
  price_mode text not null check (price_mode in ('net', 'gross')),
  tax_policy_id text not null,
  state text not null check (state in ('waiting', 'billed', 'withdrawn')),
  created_at timestamptz not null, -- on the customer's clock
  primary key (merchant_id, id),
  foreign key (merchant_id, account_id) references billing_accounts,
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, tax_policy_id) references tax_policies
);
create index one_time_of_account on one_time_charges (merchant_id, account_id);
create index one_time_of_contract on one_time_charges (merchant_id, contract_id) where contract_id is not null;
create index one_time_waiting on one_time_charges (merchant_id, account_id) where state = 'waiting';
alter table charges
  add column one_time_id text,
  add foreign key (merchant_id, one_time_id) references one_time_charges,
  add check ((kind = 'one_time') = (one_time_id is not null));
create unique index one_line_per_one_time on charges (merchant_id, one_time_id) where one_time_id is not null;
update contracts set term_start = coalesce((trial_ends_at at time zone time_zone)::date, start_date);
alter table contracts alter column term_start set not null;
alter table component_versions disable trigger append_only; -- metered components were not sold until now
update component_versions v set payment_mode = 'post_paid', aggregation = 'sum' from components c
  where c.merchant_id = v.merchant_id and c.id = v.component_id and c.kind = 'metered';
alter table component_versions enable trigger append_only;
alter table component_versions add check (aggregation is null or payment_mode = 'post_paid');
