-- A charge of 0.00 is on no document, unless another charge of its step is on one. Charges with a document, and those that wait for a
-- run of their account, are left out first, because the check reads the lines of a contract for each charge that is left.
with bare as materialized (
  select c.*
  from part c
  where not exists (select from document_lines l where l.merchant_id = c.merchant_id and l.charge_id = c.id)
    and not exists (select from waiting_charges w where w.merchant_id = c.merchant_id and w.charge_id = c.id)
)
select
  'charge_without_document' as check_name, c.merchant_id, c.id,
  'its ' || c.amount_minor || ' ' || c.currency || ' are on no document, and wait for none' as message
from bare c
where c.amount_minor <> 0
  or c.kind <> 'one_time' and exists (
    select from charges x
    join document_lines l on l.merchant_id = x.merchant_id and l.charge_id = x.id
    where x.merchant_id = c.merchant_id and x.contract_id = c.contract_id and x.account_id = c.account_id and x.kind <> 'one_time'
      and x.effective_at = c.effective_at and x.command_id is not distinct from c.command_id)
