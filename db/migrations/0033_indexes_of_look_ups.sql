-- no transaction
-- Each index serves a look-up or a constraint, and none is there for deleting test clocks alone:
-- test/db/platform/look-ups.test.ts names each look-up with its index.

-- Look-ups that read all rows of a merchant.
create index concurrently if not exists credit_notes on documents (merchant_id, id) where kind = 'credit_note';
create index concurrently if not exists contracts_by_phase on contracts (merchant_id, phase, id);
create index concurrently if not exists agenda_of_contracts on agenda (merchant_id, due_at) where kind = 'contract';
create index concurrently if not exists one_time_unbilled on one_time_charges (merchant_id, state, id) where state <> 'billed';
create index concurrently if not exists incidents_of_workflow on incidents (workflow_id);

-- Delivered messages of a clock go when their window is over; its documents are found by their accounts, its events by the
-- sandbox's books, and these by the attempts.
drop index concurrently if exists outbox_kept_of_clock;
drop index concurrently if exists documents_of_clock;
drop index concurrently if exists events_of_object;
drop index concurrently if exists sandbox.intents_of_clock;

-- A contract's changes are few, done or scheduled.
drop index concurrently if exists changes_scheduled;

-- Issuers are few, and a step reads the lines of its contract by charges_of_contract.
drop index concurrently if exists issuers_of_subject;
drop index concurrently if exists parts_of_periods;

-- What references of 0034 point at.
create unique index concurrently if not exists commands_of_contract on commands (merchant_id, contract_id, id);
create unique index concurrently if not exists items_of_contract on items (merchant_id, contract_id, id);
create unique index concurrently if not exists subscriptions_of_contract_key on component_subscriptions (merchant_id, contract_id, id);
create unique index concurrently if not exists methods_of_customer_key on payment_methods (merchant_id, customer_id, id);
drop index concurrently if exists subscriptions_of_contract;
drop index concurrently if exists methods_of_customer;
