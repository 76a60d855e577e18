-- Each run of a calendar is done once, and names a document of its account and of its instant.
select
  'run_double' as check_name, r.merchant_id, r.id, 'the run of ' || iso(r.until_at) || ' was also done as ' || x.id as message
from part r
join account_runs x on x.merchant_id = r.merchant_id and x.account_id = r.account_id and x.until_at = r.until_at
  and x.cause = 'calendar' and x.id < r.id
where r.cause = 'calendar'

union all
select 'run_differs', r.merchant_id, r.id, 'its document ' || d.id || ' is of another account or instant'
from part r
join documents d on d.merchant_id = r.merchant_id and d.id = r.document_id
where d.account_id <> r.account_id or d.effective_at <> r.until_at or d.contract_id is not null
