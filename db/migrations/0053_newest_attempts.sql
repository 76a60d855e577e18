-- no transaction
-- The attempts of an account are listed newest first.
create index concurrently if not exists attempts_on_account on attempts (merchant_id, account_id, id);
drop index concurrently if exists attempts_of_account;
