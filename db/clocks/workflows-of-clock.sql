-- Workflows that may run for a clock's contracts, for its collective accounts, for its receivables that are open or
-- have an open attempt, and for collections of its accounts that have not ended.
select 'contract/' || id as workflow_id from contracts
where merchant_id = :merchant and clock_id = :clock
union
select 'account/' || id from billing_accounts
where merchant_id = :merchant and clock_id = :clock and kind = 'collective'
union
select 'collection/' || id from receivables
where merchant_id = :merchant and open_minor > 0
  and account_id in (select id from billing_accounts where merchant_id = :merchant and clock_id = :clock)
union
select 'collection/' || id from collections
where merchant_id = :merchant and ended_at is null
  and account_id in (select id from billing_accounts where merchant_id = :merchant and clock_id = :clock)
union
select 'collection/' || coalesce(receivable_id, collection_id) from attempts
where merchant_id = :merchant and state in ('planned', 'sent', 'unknown', 'pending', 'requires_action')
  and account_id in (select id from billing_accounts where merchant_id = :merchant and clock_id = :clock)
