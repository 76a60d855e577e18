-- Logos of issuers, each stored once, under the SHA-256 of its bytes. Each version of an issuer's data names its logo.

create table logos (
  merchant_id text not null references merchants,
  sha256 text not null,
  bytes bytea not null,
  primary key (merchant_id, sha256)
);
create trigger append_only before update or delete on logos for each row execute function refuse_edit();
create trigger never_truncated before truncate on logos for each statement execute function refuse_loss();
