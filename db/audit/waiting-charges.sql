-- A charge waits until the run of its collective account puts it on a document, once.
select
  'waiting_charge_billed' as check_name, w.merchant_id, w.charge_id as id, 'it waits for a run, and is on ' || l.document_id as message
from part w
join document_lines l on l.merchant_id = w.merchant_id and l.charge_id = w.charge_id

union all
select 'waiting_charge_lost', w.merchant_id, w.charge_id, 'no run takes it, because its account is ' || a.kind
from part w
join billing_accounts a on a.merchant_id = w.merchant_id and a.id = w.account_id
where a.kind <> 'collective'
