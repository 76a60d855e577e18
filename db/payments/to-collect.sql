-- The open receivables of an account that a collection can take, oldest first. None has an attempt that is open. The calendar leaves
-- those out that another collection still collects, and those whose payment was charged back; a request by hand leaves out those
-- that were announced.
select r.id, r.open_minor as "openMinor"
from receivables r
where r.merchant_id = :merchant and r.account_id = :account and r.open_minor > 0
  and not exists (select from attempts_of(r.merchant_id, r.id) t where t.state = any(:open))
  and not exists (
    select from collection_receivables x
    join collections l on l.merchant_id = x.merchant_id and l.id = x.collection_id
    where x.merchant_id = r.merchant_id and x.receivable_id = r.id
      and l.state = any(case when :byHand then array['noticed'] else :unfinished end))
  and (:byHand or not exists (
    select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id and t.state = 'succeeded'))
order by r.effective_at, r.id
