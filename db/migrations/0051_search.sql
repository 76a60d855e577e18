-- Words of names and mail addresses of customers, as keyed hashes: whoever reads the database cannot tell them.
create table vault_words (
  merchant_id text not null,
  hash bytea not null,
  subject_id text not null,
  kind text not null check (kind in ('name', 'email')),
  primary key (merchant_id, hash, subject_id),
  foreign key (merchant_id, subject_id) references vault_subjects (merchant_id, id)
);
create index words_of_subject on vault_words (merchant_id, subject_id);

-- The key of the hashes, sealed under the master key.
create table search_key (
  is_only boolean primary key default true check (is_only),
  sealed bytea not null
);
create trigger never_truncated before truncate on search_key for each statement execute function refuse_loss();
