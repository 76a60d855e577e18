-- A charge waits until a run of its account puts it on a document, once. On an immediate account, only a credit of a contract that
-- has moved away waits, and is billed at once.
select
  'waiting_charge_billed' as check_name, w.merchant_id, w.charge_id as id, 'it waits for a run, and is on ' || l.document_id as message
from part w
join document_lines l on l.merchant_id = w.merchant_id and l.charge_id = w.charge_id

union all
select 'waiting_charge_lost', w.merchant_id, w.charge_id, 'no run takes it, because its account is ' || a.kind
from part w
join billing_accounts a on a.merchant_id = w.merchant_id and a.id = w.account_id
where a.kind <> 'collective' and not exists (select from agenda g where g.workflow_id = 'account/' || a.id)

union all
select 'waiting_charge_elsewhere', w.merchant_id, w.charge_id, 'it belongs to ' || c.account_id || ', and waits on ' || w.account_id
from part w
join charges c on c.merchant_id = w.merchant_id and c.id = w.charge_id
where c.account_id <> w.account_id
