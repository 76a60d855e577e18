-- A contract moves to another account. A credit of a line that was billed before belongs to the account of that line, and a run bills
-- it there if the account is immediate.
alter table account_runs drop constraint account_runs_cause_check;
alter table account_runs add constraint account_runs_cause_check check (cause in ('calendar', 'hand', 'credits')) not valid;
