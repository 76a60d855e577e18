-- no transaction
-- Mails are listed newest first, and each filter has an index in this order (ADR 35).
create index concurrently if not exists mails_in_order on mails (merchant_id, created_at, id);
create index concurrently if not exists mails_to_customer on mails (merchant_id, customer_id, created_at, id) where customer_id is not null;
create index concurrently if not exists mails_about_document on mails (merchant_id, document_id, created_at, id) where document_id is not null;
create index concurrently if not exists mails_in_state on mails (merchant_id, state, created_at, id);
create index concurrently if not exists mails_for_purpose on mails (merchant_id, purpose, created_at, id);
drop index concurrently if exists mails_of_customer;
drop index concurrently if exists mails_of_document;
drop index concurrently if exists mails_by_state;
drop index concurrently if exists mails_by_purpose;
