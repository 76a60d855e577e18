-- no transaction
-- Lists are read newest first. Each filter has an index in this order (ADR 35), so that a page reads only the rows that it shows.
create index concurrently if not exists documents_by_kind on documents (merchant_id, kind, effective_at, id);
create index concurrently if not exists documents_by_currency on documents (merchant_id, currency, effective_at, id);
create index concurrently if not exists documents_by_amount on documents (merchant_id, currency, gross_minor, effective_at, id);
create index concurrently if not exists documents_numbered on documents (merchant_id, number, effective_at, id);
create index concurrently if not exists documents_on_account on documents (merchant_id, account_id, effective_at, id);
create index concurrently if not exists documents_for_contract on documents (merchant_id, contract_id, effective_at, id) where contract_id is not null;
drop index concurrently if exists credit_notes;
drop index concurrently if exists documents_by_number;
drop index concurrently if exists documents_of_account;
drop index concurrently if exists documents_of_contract;

-- The state of a document is that of its receivable or credit.
create index concurrently if not exists receivables_by_state on receivables (merchant_id, (open_minor > 0), effective_at, document_id) where document_id is not null;
create index concurrently if not exists receivables_by_due_date on receivables (merchant_id, (open_minor > 0), due_date, document_id) where document_id is not null;
create index concurrently if not exists credits_by_state on credits (merchant_id, (left_minor > 0), effective_at, document_id) where document_id is not null;
