-- The triggers that write events, each in the transaction that made what it says. Each is a statement of its own, so that it locks
-- one table, for a moment.
-- no transaction
create or replace trigger makes_event after insert on documents for each row execute function event_from_document();
create or replace trigger makes_event_of_dunning after update of dunning_level on receivables for each row
  when (old.dunning_level < 3 and new.dunning_level = 3 and new.open_minor > 0) execute function event_from_receivable();
create or replace trigger makes_event after update of state on attempts for each row
  when (old.state <> new.state and new.state in ('pending', 'requires_action', 'declined')) execute function event_from_attempt();
create or replace trigger makes_event after insert on payments for each row execute function event_from_payment();
create or replace trigger makes_event after update of reversed_minor on credits for each row
  when (old.reversed_minor = 0 and new.reversed_minor > 0 and new.payment_id is not null) execute function event_from_credit();
create or replace trigger makes_event after insert on contract_phases for each row execute function event_from_phase();
create or replace trigger makes_event after update of state on commands for each row
  when (old.state = 'pending' and new.state in ('applied', 'refused')) execute function event_from_command();
create or replace trigger makes_event after update of state on scheduled_changes for each row
  when (old.state = 'scheduled' and new.state in ('done', 'withdrawn', 'void')) execute function event_from_scheduled_change();
create or replace trigger makes_event after insert on customers for each row execute function event_from_customer();
create or replace trigger makes_event_of_change after update on customers for each row
  when (old.* is distinct from new.*) execute function event_from_customer();
create or replace trigger makes_event after update of sealed_key on vault_subjects for each row
  when (old.sealed_key is not null and new.sealed_key is null) execute function event_from_erasure();
create or replace trigger makes_event after insert on payment_methods for each row execute function event_from_payment_method();
create or replace trigger makes_event_of_removal after update of removed_at on payment_methods for each row
  when (old.removed_at is null and new.removed_at is not null) execute function event_from_payment_method();
create or replace trigger makes_event after insert on incidents for each row execute function event_from_incident();
create or replace trigger makes_event_of_close after update of closed_at on incidents for each row
  when (old.closed_at is null and new.closed_at is not null) execute function event_from_incident();
create or replace trigger makes_event after update of status on test_clocks for each row
  when (old.status <> new.status and new.status in ('ready', 'stuck')) execute function event_from_clock();
