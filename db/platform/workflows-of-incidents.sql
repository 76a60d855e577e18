-- The workflows of a contract and its collections, and of a clock and its contracts and collections.
select 'contract/' || c.id as workflow_id
from contracts c
where c.merchant_id = :merchant and c.id = :contract and (:clock is null or c.clock_id = :clock)

union all
select 'collection/' || r.id
from receivables r
join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
where r.merchant_id = :merchant and r.contract_id = :contract and (:clock is null or a.clock_id = :clock)

union all
select 'contract/' || c.id
from contracts c
where :contract is null and c.merchant_id = :merchant and c.clock_id = :clock

union all
select 'collection/' || r.id
from billing_accounts a
join documents d on d.merchant_id = a.merchant_id and d.account_id = a.id
join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
where :contract is null and a.merchant_id = :merchant and a.clock_id = :clock
