-- no transaction
-- A job, or its preview, over all accounts of an issuer.
create index concurrently if not exists accounts_of_issuer on billing_accounts (merchant_id, issuer_id);
