where i.merchant_id = :merchant
  and (:state is null or (i.closed_at is null) = (:state = 'open'))
  and (:contract is null or i.workflow_id = any(array(
    select 'contract/' || :contract
    union all
    select 'collection/' || id from receivables where merchant_id = :merchant and contract_id = :contract)))
  and (:clock is null or i.workflow_id = any(array(
    select 'contract/' || id from contracts where merchant_id = :merchant and clock_id = :clock
    union all
    select 'collection/' || o.id
    from billing_accounts a
    join documents d on d.merchant_id = a.merchant_id and d.account_id = a.id
    join receivables o on o.merchant_id = d.merchant_id and o.document_id = d.id
    where a.merchant_id = :merchant and a.clock_id = :clock)))
