select
  'payment_without_attempt' as check_name, p.merchant_id, p.id,
  'attempt ' || p.attempt_id || ' is ' || t.state as message
from part p
join attempts t on t.merchant_id = p.merchant_id and t.id = p.attempt_id
where t.state <> 'succeeded'

union all
select
  'payment_without_postings', p.merchant_id, p.id,
  'no entry posts its ' || p.amount_minor || ' ' || p.currency
from part p
where p.amount_minor is distinct from (
  select sum(x.amount_minor)
  from journal_entries e
  join postings x on x.merchant_id = e.merchant_id and x.entry_id = e.id
  where e.merchant_id = p.merchant_id and e.fact = 'payment:' || p.id and x.ledger_account like 'cash:%')
