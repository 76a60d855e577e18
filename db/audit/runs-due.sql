-- The next run of a collective account that is active is on the agenda, else it never comes.
select
  'run_not_on_agenda' as check_name, a.merchant_id, a.id, 'its run of ' || iso(n.next_at) || ' is not on the agenda' as message
from part a
cross join lateral (
  select least(a.next_run_at, (
    select r.until_at from account_runs r
    where r.merchant_id = a.merchant_id and r.account_id = a.id and r.state = 'planned')) as next_at) n
where a.kind = 'collective' and a.deactivated_at is null and n.next_at is not null
  and not exists (select from agenda g where g.workflow_id = :prefix || a.id and g.due_at <= n.next_at)
