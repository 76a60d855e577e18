-- One row that is sealed under the vault's current master key: a process with another key opens nothing, and refuses to start.
create table vault_canary (
  is_only boolean primary key default true check (is_only),
  sealed bytea not null
);
