-- The ledger's receivables must equal all open receivables less all account credit.
select
  'balance_differs' as check_name, merchant_id, id,
  'the ledger says that ' || sum(ledger) || ' ' || currency || ' are owed, receivables less credits are ' || sum(open) as message
from (
  select a.merchant_id, a.id, p.currency, p.amount_minor as ledger, 0::bigint as open
  from part a
  join postings p on p.merchant_id = a.merchant_id and p.account_id = a.id and p.ledger_account = 'receivable'
  union all
  select a.merchant_id, a.id, r.currency, 0, r.open_minor
  from part a
  join receivables r on r.merchant_id = a.merchant_id and r.account_id = a.id and r.open_minor > 0
  union all
  select a.merchant_id, a.id, c.currency, 0, -c.left_minor
  from part a
  join credits c on c.merchant_id = a.merchant_id and c.account_id = a.id and c.left_minor > 0
) both_sides
group by merchant_id, id, currency
having sum(ledger) <> sum(open)
