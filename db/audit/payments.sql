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

union all
-- Events expire, the oldest first. So each payment after that of the oldest event has one, and ids have the order of time.
select 'event_missing', p.merchant_id, p.id, 'no event says that it was collected'
from part p
cross join lateral (
  select e.data->>'payment' as id from events e
  where e.merchant_id = p.merchant_id and e.type = 'payment.succeeded'
  order by e.seq limit 1) oldest
where p.attempt_id is not null and p.id > oldest.id
  and not exists (
    select from events e
    where e.merchant_id = p.merchant_id and e.object_id = p.attempt_id and e.type = 'payment.succeeded')

union all
select 'event_missing', p.merchant_id, p.id, 'no event says that it was received'
from part p
cross join lateral (
  select e.object_id as id from events e
  where e.merchant_id = p.merchant_id and e.type = 'payment.received'
  order by e.seq limit 1) oldest
where p.attempt_id is null and p.id > oldest.id
  and not exists (
    select from events e where e.merchant_id = p.merchant_id and e.object_id = p.id and e.type = 'payment.received')
