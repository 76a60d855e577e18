-- Contracts that have something to do up to an instant: those whose step failed, or all others.
select c.id
from contracts c
where c.merchant_id = :merchant and c.account_id = :account
  and (
    exists (select from agenda g where g.workflow_id = 'contract/' || c.id and g.due_at <= :until)
    or exists (
      select from commands m
      where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending' and m.asked_at <= :until))
  and :failed = exists (
    select from incidents n where n.workflow_id = 'contract/' || c.id and n.closed_at is null)
order by c.id
limit :most
