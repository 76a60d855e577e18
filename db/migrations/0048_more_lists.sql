-- no transaction
-- Payments, contracts, customers and incidents are read newest first, as documents are (ADR 35).
create index concurrently if not exists payments_by_time on payments (merchant_id, effective_at, id);
create index concurrently if not exists payments_on_account on payments (merchant_id, account_id, effective_at, id);
create index concurrently if not exists payments_by_currency on payments (merchant_id, currency, effective_at, id);
create index concurrently if not exists payments_by_amount on payments (merchant_id, currency, amount_minor, effective_at, id);
create index concurrently if not exists payments_by_reference on payments (merchant_id, reference, effective_at, id);
drop index concurrently if exists payments_of_account;

create index concurrently if not exists contracts_by_time on contracts (merchant_id, created_at, id);
create index concurrently if not exists contracts_in_phase on contracts (merchant_id, phase, created_at, id);
create index concurrently if not exists contracts_on_account on contracts (merchant_id, account_id, created_at, id);
create index concurrently if not exists contracts_for_customer on contracts (merchant_id, customer_id, created_at, id);
create index concurrently if not exists agenda_due_contracts on agenda (merchant_id, due_at, workflow_id) where kind = 'contract';
drop index concurrently if exists contracts_by_phase;
drop index concurrently if exists contracts_of_account;
drop index concurrently if exists contracts_of_customer;
drop index concurrently if exists agenda_of_contracts;

create index concurrently if not exists customers_by_time on customers (merchant_id, created_at, id);
create index concurrently if not exists customers_below on customers (merchant_id, parent_id, created_at, id) where parent_id is not null;
create index concurrently if not exists customers_on_clock on customers (merchant_id, clock_id, created_at, id) where clock_id is not null;
drop index concurrently if exists customers_of_parent;
drop index concurrently if exists customers_of_clock;

create index concurrently if not exists incidents_by_state on incidents (merchant_id, (closed_at is null), opened_at, id);
