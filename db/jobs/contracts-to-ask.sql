-- The next contracts of an account that a job asks to pause or to resume: those that have started. A contract is also asked if a command for it waits, as its
-- state may change.
select c.id, c.clock_id as clock
from contracts c
where c.merchant_id = :merchant and c.account_id = :account and c.phase not in ('ordered', 'ended') and c.id > :after
  and (
    ('deactivated' = any(c.pause_reasons)) <> :pause
    or exists (
      select from outbox o
      where o.merchant_id = c.merchant_id and o.object = 'contract/' || c.id and o.kind = 'command' and o.state = 'waiting')
    or exists (
      select from commands m
      where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending' and m.kind in ('pause', 'resume')))
order by c.id
limit :most
