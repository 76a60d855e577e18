-- How many requests an API key, and all keys of a merchant together, may still make. All processes of the API take tokens from
-- the same bucket. A bucket that is missing is full, so nothing is lost with the table: it is not logged, and a take waits for
-- no disk.
create unlogged table rate_buckets (
  merchant_id text not null references merchants,
  -- The id of the key; 'merchant' for all of them together.
  holder text not null,
  tokens numeric not null,
  refilled_at timestamptz not null,
  -- What the last take got.
  granted integer not null,
  primary key (merchant_id, holder)
) with (fillfactor = 50);
