-- A message is leased to the relay that delivers it: ten of them share the work. One that can never be delivered ends as a
-- dead letter, which is kept and shown until somebody has it tried again or gives it up.
alter table outbox add column lease_until timestamptz, add column failures integer not null default 0;
alter table outbox drop constraint outbox_state_check;
alter table outbox add constraint outbox_state_check check (state in ('waiting', 'delivered', 'void', 'dead'));
create index outbox_dead on outbox (id) where state = 'dead';
drop index outbox_of_clock;
create index outbox_of_clock on outbox (merchant_id, clock_id) where state in ('waiting', 'dead') and clock_id is not null;
