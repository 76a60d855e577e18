-- Jobs as the API shows them, with the number of accounts in each state.
select
  j.id, j.kind, j.scope_kind, j.scope_id, j.state, j.asked_at, j.ended_at,
  n.accounts, n.done, n.skipped, n.failed, n.contracts
from account_jobs j
cross join lateral (
  select count(*)::int as accounts, count(*) filter (where i.state = 'done')::int as done,
    count(*) filter (where i.state = 'skipped')::int as skipped, count(*) filter (where i.state = 'failed')::int as failed,
    coalesce(sum(i.contracts), 0)::int as contracts
  from account_job_items i
  where i.merchant_id = j.merchant_id and i.job_id = j.id
) n
where j.merchant_id = :merchant
