-- Rows of the agenda that are due on wall time are looked at by relays, which share them: whoever looks holds the row
-- back from the others, and longer with each look that changed nothing.
alter table agenda add column held_until timestamptz, add column looks integer not null default 0;
create index agenda_by_look on agenda (kind, greatest(due_at, held_until)) where clock_id is null;
