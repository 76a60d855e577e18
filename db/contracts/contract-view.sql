-- A contract as the API shows it.
select
  c.id, c.external_id, c.customer_id as customer, c.account_id as account, c.plan_group_id as plan_group,
  c.clock_id as clock, c.time_zone, g.currency, c.payment_method_id as payment_method, c.start_date, c.anchor_date,
  c.trial_ends_at, c.phase, c.pause_reasons, v.variant_id as variant, v.id as variant_version, v.name as variant_name, v.fee,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', s.id, 'component', s.component_id, 'name', cv.name, 'quantity', i.quantity::text,
      'since', iso(i.effective_at), 'until', iso(i.ends_at)) order by s.id), '[]')
    from component_subscriptions s
    join lateral (
      select * from items x
      where x.merchant_id = s.merchant_id and x.contract_id = s.contract_id and x.subject = s.id
      order by x.revision desc limit 1
    ) i on i.quantity is not null and (i.ends_at is null or i.ends_at > c.settled_through)
    join component_versions cv on cv.merchant_id = i.merchant_id and cv.id = i.component_version_id
    where s.merchant_id = c.merchant_id and s.contract_id = c.id
  ) as subscriptions,
  (
    select coalesce(jsonb_agg(jsonb_build_object(
      'command', s.command_id, 'due_at', iso(s.due_at), 'change', s.change) order by s.due_at, s.id), '[]')
    from scheduled_changes s
    where s.merchant_id = c.merchant_id and s.contract_id = c.id and s.state = 'scheduled'
  ) as scheduled,
  c.settled_through,
  (select g.due_at from agenda g where g.workflow_id = 'contract/' || c.id) as next_due_at,
  c.ended_at,
  exists (select from incidents n where n.workflow_id = 'contract/' || c.id and n.closed_at is null) as incident,
  (
    select coalesce(-sum(p.amount_minor), 0)::bigint from postings p
    where p.merchant_id = c.merchant_id and p.account_id = c.account_id and p.contract_id = c.id
      and p.ledger_account = 'receivable'
  ) as balance_minor,
  c.created_at
from contracts c
join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
where c.merchant_id = :merchant
