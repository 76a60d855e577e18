-- no transaction
-- Whether a contract's receivables are dunned is asked by each step, and an account may have very many open ones.
create index concurrently if not exists receivables_dunned on receivables (merchant_id, contract_id) where dunning_level > 0;
