-- Relays look after test clocks that advance and commands that wait, as they do after what is overdue.
alter table test_clocks add column held_until timestamptz;
alter table commands add column held_until timestamptz, add column looks integer not null default 0;
create index test_clocks_advancing on test_clocks (held_until) where status = 'advancing';
