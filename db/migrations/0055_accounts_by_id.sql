-- no transaction
-- The workflow of an account knows its id alone.
create unique index concurrently if not exists billing_accounts_id_key on billing_accounts (id);
