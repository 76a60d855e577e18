select
  i.id, i.merchant_id, i.workflow_id, i.step, i.code, i.error, i.opened_at, i.closed_at,
  coalesce(c.id, r.contract_id) as contract_id, r.id as receivable_id, coalesce(c.clock_id, b.clock_id) as clock_id
from incidents i
-- The id of a workflow is a prefix and the id of its contract, receivable, collection or account.
left join contracts c on c.merchant_id = i.merchant_id
  and c.id = case when starts_with(i.workflow_id, 'contract/') then substr(i.workflow_id, length('contract/') + 1) end
left join receivables r on r.merchant_id = i.merchant_id
  and r.id = case when starts_with(i.workflow_id, 'collection/') then substr(i.workflow_id, length('collection/') + 1) end
left join collections l on l.merchant_id = i.merchant_id
  and l.id = case when starts_with(i.workflow_id, 'collection/') then substr(i.workflow_id, length('collection/') + 1) end
left join billing_accounts b on b.merchant_id = i.merchant_id
  and b.id = case when starts_with(i.workflow_id, 'account/') then substr(i.workflow_id, length('account/') + 1)
    else coalesce(r.account_id, l.account_id) end
