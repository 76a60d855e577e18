-- Relays look for merchants with due rows by walking from one to the next, and claim a few rows of each: however many
-- rows of one merchant are due, those of the others do not wait behind them.
-- no transaction
create index concurrently if not exists outbox_of_merchant on outbox (merchant_id, due_at) where state = 'waiting';
create index concurrently if not exists agenda_of_merchant on agenda (kind, merchant_id, greatest(due_at, held_until))
  where clock_id is null;
