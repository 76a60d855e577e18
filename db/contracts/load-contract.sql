-- The data that the next step of each contract needs. Of component subscriptions and pauses, only whether there are any.
select
  c.id, c.xmin as version,
  json_build_object(
    'contractId', c.id, 'zone', c.time_zone, 'country', u.country, 'currency', g.currency, 'priceMode', g.price_mode,
    'startDate', c.start_date, 'startsAt', iso(c.starts_at), 'anchor', c.anchor_date, 'trialEndsAt', iso(c.trial_ends_at),
    'phase', c.phase, 'pauseReasons', c.pause_reasons, 'settledThrough', iso(c.settled_through), 'endedAt', iso(c.ended_at),
    'terms', terms_of(v, g, p.name), 'termStart', c.term_start,
    'oneTime', (
      select coalesce(json_agg(one_time_of(o) order by o.created_at, o.id), '[]')
      from one_time_charges o
      where o.merchant_id = c.merchant_id and o.account_id = a.id and o.state = 'waiting'
        -- The run of a collective account bills its one-time charges, apart from the set-up fees of contracts.
        and (a.kind = 'immediate' or o.kind = 'setup')
        and (o.contract_id = c.id or o.contract_id is null) and o.price_mode = g.price_mode),
    -- Three kinds of lines, which are as many in year ten as in month two. (1) Lines that cover time at or after the settled
    -- instant: a step looks back to the first instant of its day, and no day is longer than 25 hours. (2) Lines of a part of a
    -- period that still runs: the line that completes the period takes the rest. (3) Lines in arrears that may reach into a
    -- period that is not billed yet.
    'lines', (
      select coalesce(json_agg(json_build_object(
        'chargeId', l.id, 'itemId', l.item_id, 'origin', coalesce(li.origin_id, li.id), 'subject', li.subject,
        'part', l.part, 'text', l.text, 'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at),
        'quantity', l.quantity::text, 'unitPrice', l.unit_price::text, 'fullAmount', l.full_amount::text,
        'unit', l.unit, 'fullLength', l.full_days, 'amountMinor', l.amount_minor::text, 'tax', tax_of_line(l),
        'uncovered', (
          select coalesce(json_agg(json_build_object(
            'startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at), 'amountMinor', r.amount_minor::text)), '[]')
          from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id)) order by l.id), '[]')
      from charges l
      join items li on li.merchant_id = l.merchant_id and li.id = l.item_id
      left join component_versions lv on lv.merchant_id = li.merchant_id and lv.id = li.component_version_id
      where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring'
        -- No such line ended earlier than the longest period of an item before that instant, and for arrears a billing interval
        -- more. The index is read from there. Postgres compares intervals as if all months had 30 days, so a twentieth is added.
        and l.ends_at > c.settled_through - interval '5 days' - length_of(v.billing_interval_unit, v.billing_interval_count)
          - 1.05 * (
            select max(coalesce(length_of(bc.interval_unit, bc.interval_count), length_of(bv.fee_interval_unit, bv.fee_interval_count)))
            from items b
            left join component_versions bc on bc.merchant_id = b.merchant_id and bc.id = b.component_version_id
            left join variant_versions bv on bv.merchant_id = b.merchant_id and bv.id = b.variant_version_id
            where b.merchant_id = c.merchant_id and b.contract_id = c.id)
        and (l.ends_at > c.settled_through - interval '26 hours'
          or (l.days < l.full_days and (l.derivation->'full_period'->>'end')::date > c.settled_through::date - 2)
          or (lv.payment_mode = 'post_paid' and l.ends_at > c.settled_through - interval '3 days'
            - length_of(lv.interval_unit, lv.interval_count)
            - length_of(v.billing_interval_unit, v.billing_interval_count)))),
    'scheduled', (
      select coalesce(json_agg(json_build_object(
        'id', s.id, 'commandId', s.command_id, 'dueAt', iso(s.due_at), 'body', s.change) order by s.due_at, s.id), '[]')
      from scheduled_changes s
      where s.merchant_id = c.merchant_id and s.contract_id = c.id and s.state = 'scheduled'),
    'commands', (
      select coalesce(json_agg(json_build_object(
        'id', m.id, 'askedAt', iso(m.asked_at), 'effective', m.effective, 'body', m.body) order by m.seq), '[]')
      from commands m
      where m.merchant_id = c.merchant_id and m.contract_id = c.id and m.state = 'pending'),
    -- The rates of all the merchant's policies. They are few, and a line may be taxed by any of them.
    'taxRates', (
      select coalesce(json_agg(tax_rate_of(t)), '[]')
      from tax_rates t where t.merchant_id = c.merchant_id and t.country = u.country)
  )::text as state,
  -- The fee's newest revision, and its item unless that ended too long ago to be due. The bound is generous; the domain decides.
  (
    select json_build_object('revision', f.revision, 'item',
      case when f.quantity is not null and (f.ends_at is null or f.ends_at > c.settled_through - interval '3 days'
          - length_of(v.billing_interval_unit, v.billing_interval_count))
        then item_of(f, null, f.ends_at, pricing_of_fee(fv, g.tax_policy_id)) end)
    from items f
    left join variant_versions fv on fv.merchant_id = f.merchant_id and fv.id = f.variant_version_id
    where f.merchant_id = c.merchant_id and f.contract_id = c.id and f.subject = 'fee'
    order by f.revision desc limit 1
  )::text as fee,
  account_terms_of(a, i, u)::text as account,
  json_build_object(
    'customerId', c.customer_id, 'accountKind', a.kind, 'accountZone', a.time_zone,
    'plannedAttempts', (
      select coalesce(json_agg(json_build_object('id', t.id, 'provider', t.provider) order by t.id), '[]')
      from attempts t
      where t.merchant_id = c.merchant_id and t.contract_id = c.id and t.state in ('planned', 'sent') and t.n = 1),
    'dunningLevel', (
      select coalesce(max(r.dunning_level), 0) from receivables r
      where r.merchant_id = c.merchant_id and r.contract_id = c.id and r.dunning_level > 0 and r.open_minor > 0),
    -- The books that an invoice needs if it takes nothing from the account. They are read without the account's lock.
    'unlocked', json_build_object(
      'paymentMethod', (
        select json_build_object('id', pm.id, 'provider', pm.provider) from payment_methods pm
        where pm.merchant_id = a.merchant_id and pm.removed_at is null and a.collect_by = 'invoice'
          and pm.id = coalesce(c.payment_method_id, a.payment_method_id)),
      'hasCredit', exists (
        select from credits x where x.merchant_id = a.merchant_id and x.account_id = a.id and x.left_minor > 0)),
    'openIncident', (
      select n.id from incidents n where n.workflow_id = 'contract/' || c.id and n.closed_at is null)
  )::text as own,
  -- A contract that has only a fee and was never paused has nothing more to load: see load-items.sql.
  exists (select from component_subscriptions s where s.merchant_id = c.merchant_id and s.contract_id = c.id)
    or exists (select from contract_phases h
      where h.merchant_id = c.merchant_id and h.contract_id = c.id and h.kind = 'inactive') as more
from contracts c
join customers u on u.merchant_id = c.merchant_id and u.id = c.customer_id
join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
join variants va on va.merchant_id = v.merchant_id and va.id = v.variant_id
join plans p on p.merchant_id = va.merchant_id and p.id = va.plan_id
where c.merchant_id = :merchant and c.id = any(:contracts)
