-- Collections of accounts: their amounts add up, what is planned or announced is on the agenda, and each notice has its event.
select
  'collection_differs' as check_name, l.merchant_id, l.id,
  'its amount is ' || l.amount_minor || ', that of its invoices ' || coalesce(x.amount, 0) as message
from part l
cross join lateral (
  select sum(r.amount_minor) as amount from collection_receivables r
  where r.merchant_id = l.merchant_id and r.collection_id = l.id) x
where l.amount_minor <> coalesce(x.amount, 0)

union all
select 'collection_not_on_agenda', l.merchant_id, l.id, 'it is ' || l.state || ' for ' || iso(l.due_at) || ', and is not on the agenda'
from part l
where l.state in ('planned', 'noticed')
  and not exists (select from agenda g where g.workflow_id = :collection || l.id and g.due_at <= l.due_at)

union all
select 'collection_without_payment', l.merchant_id, l.id, 'it is collected, and none of its attempts succeeded'
from part l
where l.state = 'collected' and not exists (
  select from attempts t where t.merchant_id = l.merchant_id and t.collection_id = l.id and t.state = 'succeeded')

union all
-- Events expire, the oldest first, and ids have the order of time. So each notice after the oldest that has an event has one.
select 'event_missing', l.merchant_id, l.id, 'no event says that the customer was told of it'
from part l
cross join lateral (
  select e.object_id as id from events e
  where e.merchant_id = l.merchant_id and e.type = 'account.collection_notice'
  order by e.seq limit 1) oldest
where l.noticed_at is not null and l.id > oldest.id
  and not exists (
    select from events e where e.merchant_id = l.merchant_id and e.object_id = l.id and e.type = 'account.collection_notice')
