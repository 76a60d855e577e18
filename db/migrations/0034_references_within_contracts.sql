-- no transaction
-- A reference within a contract has the contract in it: what points at a row is found among the contract's own rows by the
-- indexes that look-ups have, and cannot belong to another contract. So does a reference to a customer's payment method.

alter table charges drop constraint if exists charges_of_its_item, add constraint charges_of_its_item
  foreign key (merchant_id, contract_id, item_id) references items (merchant_id, contract_id, id) not valid;
alter table charges validate constraint charges_of_its_item;
alter table charges drop constraint if exists charges_merchant_id_item_id_fkey;
alter table charges drop constraint if exists charges_of_its_command, add constraint charges_of_its_command
  foreign key (merchant_id, contract_id, command_id) references commands (merchant_id, contract_id, id) not valid;
alter table charges validate constraint charges_of_its_command;
alter table charges drop constraint if exists charges_merchant_id_command_id_fkey;
alter table items drop constraint if exists items_of_its_origin, add constraint items_of_its_origin
  foreign key (merchant_id, contract_id, origin_id) references items (merchant_id, contract_id, id) not valid;
alter table items validate constraint items_of_its_origin;
alter table items drop constraint if exists items_merchant_id_origin_id_fkey;
alter table items drop constraint if exists items_of_its_command, add constraint items_of_its_command
  foreign key (merchant_id, contract_id, command_id) references commands (merchant_id, contract_id, id) not valid;
alter table items validate constraint items_of_its_command;
alter table items drop constraint if exists items_merchant_id_command_id_fkey;
alter table items drop constraint if exists items_of_its_subscription, add constraint items_of_its_subscription
  foreign key (merchant_id, contract_id, subscription_id) references component_subscriptions (merchant_id, contract_id, id) not valid;
alter table items validate constraint items_of_its_subscription;
alter table items drop constraint if exists items_merchant_id_subscription_id_fkey;
alter table contract_phases drop constraint if exists phases_of_its_command, add constraint phases_of_its_command
  foreign key (merchant_id, contract_id, command_id) references commands (merchant_id, contract_id, id) not valid;
alter table contract_phases validate constraint phases_of_its_command;
alter table contract_phases drop constraint if exists contract_phases_merchant_id_command_id_fkey;
alter table scheduled_changes drop constraint if exists changes_of_its_command, add constraint changes_of_its_command
  foreign key (merchant_id, contract_id, command_id) references commands (merchant_id, contract_id, id) not valid;
alter table scheduled_changes validate constraint changes_of_its_command;
alter table scheduled_changes drop constraint if exists scheduled_changes_merchant_id_command_id_fkey;
alter table metered_periods drop constraint if exists periods_of_its_item, add constraint periods_of_its_item
  foreign key (merchant_id, contract_id, item_id) references items (merchant_id, contract_id, id) not valid;
alter table metered_periods validate constraint periods_of_its_item;
alter table metered_periods drop constraint if exists metered_periods_merchant_id_item_id_fkey;
alter table billing_accounts drop constraint if exists accounts_of_its_method, add constraint accounts_of_its_method
  foreign key (merchant_id, customer_id, payment_method_id) references payment_methods (merchant_id, customer_id, id) not valid;
alter table billing_accounts validate constraint accounts_of_its_method;
alter table billing_accounts drop constraint if exists billing_accounts_merchant_id_payment_method_id_fkey;
alter table contracts drop constraint if exists contracts_of_its_method, add constraint contracts_of_its_method
  foreign key (merchant_id, customer_id, payment_method_id) references payment_methods (merchant_id, customer_id, id) not valid;
alter table contracts validate constraint contracts_of_its_method;
alter table contracts drop constraint if exists contracts_merchant_id_payment_method_id_fkey;
alter table usage_totals drop constraint if exists totals_of_their_subscription, add constraint totals_of_their_subscription
  foreign key (merchant_id, contract_id, subscription_id) references component_subscriptions (merchant_id, contract_id, id) not valid;
alter table usage_totals validate constraint totals_of_their_subscription;
alter table usage_totals drop constraint if exists usage_totals_merchant_id_subscription_id_fkey;
alter table usage_totals drop constraint if exists usage_totals_merchant_id_contract_id_fkey;

drop index concurrently if exists usage_totals_of_contract;
drop index concurrently if exists charges_of_item;
drop index concurrently if exists charges_of_command;
drop index concurrently if exists items_of_origin;
drop index concurrently if exists items_of_command;
drop index concurrently if exists items_of_subscription;
drop index concurrently if exists phases_of_command;
drop index concurrently if exists changes_of_command;
drop index concurrently if exists periods_of_item;
drop index concurrently if exists accounts_of_method;
drop index concurrently if exists contracts_of_method;

-- A reference that a row has copied from the row that it belongs to, which has it, too. The account of a charge is its contract's
-- or one-time charge's, that of a receivable its document's, of a credit its payment's or document's; contract and method of an
-- attempt are its receivable's and its account's; the parties of a document are its customer's and its issuer's. Each of
-- them cost an index that was written with every renewal or charge, and read only when a test clock was deleted.
alter table charges drop constraint if exists charges_merchant_id_account_id_fkey;
drop index concurrently if exists charges_of_account;
alter table receivables drop constraint if exists receivables_merchant_id_account_id_fkey;
drop index concurrently if exists receivables_of_account;
alter table credits drop constraint if exists credits_merchant_id_account_id_fkey;
drop index concurrently if exists credits_of_account;
alter table attempts drop constraint if exists attempts_merchant_id_contract_id_fkey;
alter table attempts drop constraint if exists attempts_merchant_id_payment_method_id_fkey;
drop index concurrently if exists attempts_of_contract;
drop index concurrently if exists attempts_of_method;
alter table documents drop constraint if exists documents_merchant_id_recipient_subject_id_recipient_versi_fkey;
alter table documents drop constraint if exists documents_merchant_id_issuer_subject_id_issuer_version_fkey;
drop index concurrently if exists documents_of_recipient;
drop index concurrently if exists documents_of_issuer;
