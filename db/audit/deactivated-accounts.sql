-- The contracts of a deactivated account are paused, unless a job or a command is still under way.
select
  'contract_not_deactivated' as check_name, c.merchant_id, c.id,
  'it is not paused, although its account ' || a.id || ' is deactivated' as message
from part a
join contracts c on c.merchant_id = a.merchant_id and c.account_id = a.id
where a.deactivated_at is not null and c.phase <> 'ended' and not 'deactivated' = any(c.pause_reasons)
  and not exists (
    select from account_job_items i
    where i.merchant_id = a.merchant_id and i.account_id = a.id and i.state = 'waiting')
  and not exists (
    select from outbox o
    where o.merchant_id = c.merchant_id and o.object = 'contract/' || c.id and o.kind = 'command' and o.state = 'waiting')
  and not exists (
    select from commands m where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending')
