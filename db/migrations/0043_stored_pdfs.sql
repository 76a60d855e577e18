-- PDFs. A PDF is made once, when it is first requested or sent, and then never changes.

create table pdfs (
  merchant_id text not null references merchants,
  object_id text not null,
  kind text not null check (kind in ('document', 'receipt', 'statement')),
  -- The recipient, whose key seals the file.
  subject_id text not null,
  clock_id text,
  file_name text not null,
  -- The SHA-256 of the file.
  sha256 bytea not null,
  sealed bytea not null,
  -- The SHA-256 of `sha256` and `sealed`, which the audit computes again.
  checksum bytea not null,
  made_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, object_id),
  foreign key (merchant_id, clock_id) references test_clocks (merchant_id, id)
);
-- Encrypted bytes cannot be compressed.
alter table pdfs alter column sealed set storage external;
create index pdfs_of_clock on pdfs (merchant_id, clock_id) where clock_id is not null;
create trigger append_only before update or delete on pdfs for each row execute function refuse_edit();
create trigger never_truncated before truncate on pdfs for each statement execute function refuse_loss();

-- PDFs that were requested and are not made yet. A worker deletes the row in the transaction that stores the PDF.
create table pdf_requests (
  merchant_id text not null references merchants,
  object_id text not null,
  kind text not null check (kind in ('document', 'receipt', 'statement')),
  clock_id text,
  -- When a worker may take it. Taking it postpones the next try.
  due_at timestamptz not null default clock_timestamp(),
  tries int not null default 0,
  last_error text,
  requested_at timestamptz not null default clock_timestamp(),
  primary key (merchant_id, object_id),
  foreign key (merchant_id, clock_id) references test_clocks (merchant_id, id)
);
create index pdf_requests_of_merchant on pdf_requests (merchant_id, due_at);
create index pdf_requests_due on pdf_requests (due_at);
create index pdf_requests_of_clock on pdf_requests (merchant_id, clock_id) where clock_id is not null;
