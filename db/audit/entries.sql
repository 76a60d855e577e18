select
  'journal_unbalanced' as check_name, e.merchant_id, e.id,
  'its postings in ' || p.currency || ' add up to ' || sum(p.amount_minor) || ' and not to 0' as message
from part e
join postings p on p.merchant_id = e.merchant_id and p.entry_id = e.id
group by e.merchant_id, e.id, p.currency
having sum(p.amount_minor) <> 0

union all
-- Each fact is looked up by its key, as a slice has a thousand entries.
select 'entry_without_fact', e.merchant_id, e.id, 'its fact ' || e.fact || ' does not exist'
from part e
where (e.fact like 'document:%' and not exists (
    select from documents d where d.merchant_id = e.merchant_id and d.id = substr(e.fact, 10)))
  or (e.fact like 'payment:%' and not exists (
    select from payments p where p.merchant_id = e.merchant_id and p.id = substr(e.fact, 9)))
