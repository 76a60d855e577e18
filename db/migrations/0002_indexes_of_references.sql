-- What is deleted with a test clock is looked for in every table that may point at it. Each such reference has an
-- index that begins with its columns, so that deleting a small clock beside a large live merchant scans nothing.

create index phases_of_command on contract_phases (merchant_id, command_id) where command_id is not null;
create index changes_of_command on scheduled_changes (merchant_id, command_id);
create index items_of_command on items (merchant_id, command_id) where command_id is not null;
create index charges_of_command on charges (merchant_id, command_id) where command_id is not null;

create index changes_of_contract on scheduled_changes (merchant_id, contract_id);
create index subscriptions_of_contract on component_subscriptions (merchant_id, contract_id);
create index items_of_subscription on items (merchant_id, subscription_id) where subscription_id is not null;
create index charges_of_item on charges (merchant_id, item_id) where item_id is not null;
create index documents_of_contract on documents (merchant_id, contract_id) where contract_id is not null;
create index postings_of_contract on postings (merchant_id, contract_id) where contract_id is not null;
create index receivables_of_contract on receivables (merchant_id, contract_id) where contract_id is not null;
create index attempts_of_contract on attempts (merchant_id, contract_id) where contract_id is not null;

create index charges_of_account on charges (merchant_id, account_id);
create index payments_of_account on payments (merchant_id, account_id);
create index receivables_of_account on receivables (merchant_id, account_id);
create index credits_of_account on credits (merchant_id, account_id);
create index attempts_of_account on attempts (merchant_id, account_id);

create index receivables_of_document on receivables (merchant_id, document_id) where document_id is not null;
create index credits_of_document on credits (merchant_id, document_id) where document_id is not null;
create index credits_of_payment on credits (merchant_id, payment_id) where payment_id is not null;

create index accounts_of_method on billing_accounts (merchant_id, payment_method_id) where payment_method_id is not null;
create index contracts_of_method on contracts (merchant_id, payment_method_id) where payment_method_id is not null;
create index attempts_of_method on attempts (merchant_id, payment_method_id);

create index methods_of_customer on payment_methods (merchant_id, customer_id);
create index accounts_of_customer on billing_accounts (merchant_id, customer_id);
create index customers_of_parent on customers (merchant_id, parent_id) where parent_id is not null;

create index customers_of_subject on customers (merchant_id, subject_id, subject_version);
create index issuers_of_subject on issuers (merchant_id, subject_id, subject_version);
create index documents_of_recipient on documents (merchant_id, recipient_subject_id, recipient_version);
create index documents_of_issuer on documents (merchant_id, issuer_subject_id, issuer_version);

create index customers_of_clock on customers (merchant_id, clock_id) where clock_id is not null;
create index contracts_of_clock on contracts (merchant_id, clock_id) where clock_id is not null;
create index documents_of_clock on documents (merchant_id, clock_id) where clock_id is not null;
create index outbox_kept_of_clock on outbox (merchant_id, clock_id) where clock_id is not null;
create index events_of_object on provider_events (merchant_id, provider_object);
create index intents_of_clock on sandbox.intents (merchant_id, clock_id) where clock_id is not null;
create index movements_of_intent on sandbox.movements (intent_id);
create index events_of_intent on sandbox.events (intent_id);

-- Keys are kept for 24 hours.
create index idempotency_by_age on idempotency_keys (created_at);
