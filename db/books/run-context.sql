-- An account as its run needs it, with the run that was asked for by hand.
select
  account_terms_of(a, i, u) as terms,
  a.kind, a.name, a.currency, a.price_mode, a.customer_id as customer, u.country,
  a.time_zone as zone, a.deactivated_at is not null as deactivated, a.next_run_at as "nextRunAt",
  case when a.run_unit is not null then json_build_object(
    'anchor', a.run_anchor, 'every', json_build_object('unit', a.run_unit, 'count', a.run_count)) end as calendar,
  case when p.id is not null then json_build_object('id', p.id, 'until', iso(p.until_at)) end as planned,
  -- Credits of contracts that have moved away. An immediate account has no run that would take them.
  case when a.kind = 'immediate' then (
    select json_build_object('priceMode', c.price_mode, 'until', iso(max(w.effective_at)))
    from waiting_charges w
    join charges c on c.merchant_id = w.merchant_id and c.id = w.charge_id
    where w.merchant_id = a.merchant_id and w.account_id = a.id
    group by c.price_mode order by c.price_mode limit 1) end as credits
from billing_accounts a
join customers u on u.merchant_id = a.merchant_id and u.id = a.customer_id
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
left join account_runs p on p.merchant_id = a.merchant_id and p.account_id = a.id and p.state = 'planned'
where a.merchant_id = :merchant and a.id = :account
