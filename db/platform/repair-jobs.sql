-- The next thousand jobs over billing accounts: their workflows must run until they have ended.
with part as materialized (
  select merchant_id, id, ended_at from account_jobs
  where (merchant_id, id) > (:merchant, :id)
  order by merchant_id, id
  limit 1000
)
select
  j.merchant_id, j.id, 'job/' || j.id as workflow_id,
  array_remove(array[case when g.due_at <= clock_timestamp() - interval '10 seconds' then 'due since ' || iso(g.due_at) end], null)
    as late,
  j.ended_at is null as needed
from part j
left join agenda g on g.workflow_id = 'job/' || j.id
order by j.merchant_id, j.id
