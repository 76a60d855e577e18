-- What waits is counted from the oldest row on, up to a bound, for each kind and mode apart: db/platform/backlog.ts.
-- no transaction
create index concurrently if not exists agenda_waiting on agenda (mode_of(merchant_id), kind, due_at) where clock_id is null;
-- The kind stands in an expression, so that counting alone reads these: whoever looks for the commands of a contract does not find
-- them among all that wait.
create index concurrently if not exists outbox_by_kind on outbox ((kind || ''), due_at) where state = 'waiting';
create index concurrently if not exists outbox_tried on outbox ((kind || ''), id) where state = 'waiting' and last_error is not null;
create index concurrently if not exists incidents_open on incidents (mode_of(merchant_id), step, opened_at) where closed_at is null;
create index concurrently if not exists attempts_unanswered on attempts (mode_of(merchant_id), provider, coalesce(sent_at, effective_at))
  where state in ('planned', 'sent', 'unknown');
create index concurrently if not exists test_clocks_stuck on test_clocks (merchant_id) where status = 'stuck';
drop index concurrently if exists agenda_by_wall;
