-- Commands that wait, by how long, and by merchant and how long.
-- no transaction
create index concurrently if not exists commands_by_look on commands (greatest(recorded_at, held_until)) where state = 'pending';
create index concurrently if not exists commands_of_merchant on commands (merchant_id, greatest(recorded_at, held_until))
  where state = 'pending';
