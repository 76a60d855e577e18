-- The accounts of a job. A job that bills has nothing to do for immediate accounts.
insert into account_job_items (merchant_id, job_id, account_id, state, code, detail, ended_at)
select :merchant, :job, a.id, case when s.skipped then 'skipped' else 'waiting' end,
  case when s.skipped then 'account_not_collective' end,
  case when s.skipped then 'the account is immediate: each bill is a document' end,
  case when s.skipped then clock_timestamp() end
from accounts_of_scope(:merchant, :scopeKind, :scope) a
cross join lateral (select :kind = 'bill' and a.kind <> 'collective' as skipped) s
