-- A total whose bounds move over events is changed by these alone, and a total of a period that is rated is made from what
-- was rated: a contract with millions of events is cut, and has its first late usage, in the time of its few.

-- Makes what is kept of a period from its events: when usage was last reported is said by the usage that opens it again.
create function make_usage_total(made usage_totals) returns void language plpgsql as $$
declare
  rated numeric;
begin
  select p.total into rated from metered_periods p where p.merchant_id = made.merchant_id and p.subscription_id = made.subscription_id
    and p.starts_at = made.starts_at and p.ends_at = made.ends_at and not p.reopened;
  if made.aggregation = 'unique' then
    update usage_values v set quantity = 0
      where v.merchant_id = made.merchant_id and v.subscription_id = made.subscription_id and v.starts_at = made.starts_at;
    insert into usage_values as v (merchant_id, subscription_id, starts_at, value, quantity)
      select made.merchant_id, made.subscription_id, made.starts_at, coalesce(e.value, ''), sum(e.quantity) from usage_events e
      where e.merchant_id = made.merchant_id and e.subscription_id = made.subscription_id and e.at >= made.starts_at and e.at < made.ends_at
      group by coalesce(e.value, '')
      on conflict (merchant_id, subscription_id, starts_at, value) do update set quantity = excluded.quantity;
    rated := values_used(made);
  end if;
  made.last_at := (select max(e.at) from usage_events e where e.merchant_id = made.merchant_id and e.subscription_id = made.subscription_id
    and e.at >= made.starts_at and e.at < made.ends_at);
  if made.last_at is null then
    rated := null;
  elsif rated is null then
    rated := add_up_usage(made.merchant_id, made.subscription_id, made.starts_at, made.ends_at, made.aggregation);
  end if;
  update usage_totals t set ends_at = made.ends_at, aggregation = made.aggregation, total = rated, last_at = made.last_at
    where t.merchant_id = made.merchant_id and t.subscription_id = made.subscription_id and t.starts_at = made.starts_at;
end $$;

-- How many values of a period have quantities that add up to more than nothing.
create function values_used(kept usage_totals) returns numeric language plpgsql as $$
begin
  return (select count(*) from usage_values v where v.merchant_id = kept.merchant_id and v.subscription_id = kept.subscription_id
    and v.starts_at = kept.starts_at and v.quantity > 0);
end $$;

-- Moves the end of a period over events: only these are read, but for a maximum that is one of those that leave.
create function move_usage_total(kept usage_totals, ends timestamptz) returns void language plpgsql as $$
declare
  sign int := case when ends < kept.ends_at then -1 else 1 end;
  moved_sum numeric;
  moved_max numeric;
  now_total numeric := kept.total;
begin
  select sum(e.quantity), max(e.quantity) into moved_sum, moved_max from usage_events e
    where e.merchant_id = kept.merchant_id and e.subscription_id = kept.subscription_id
      and e.at >= least(ends, kept.ends_at) and e.at < greatest(ends, kept.ends_at);
  if kept.aggregation = 'sum' then
    now_total := coalesce(now_total, 0) + sign * moved_sum;
  elsif kept.aggregation = 'unique' then
    insert into usage_values as v (merchant_id, subscription_id, starts_at, value, quantity)
      select kept.merchant_id, kept.subscription_id, kept.starts_at, coalesce(e.value, ''), sign * sum(e.quantity) from usage_events e
      where e.merchant_id = kept.merchant_id and e.subscription_id = kept.subscription_id
        and e.at >= least(ends, kept.ends_at) and e.at < greatest(ends, kept.ends_at)
      group by coalesce(e.value, '')
      on conflict (merchant_id, subscription_id, starts_at, value) do update set quantity = v.quantity + excluded.quantity;
    now_total := values_used(kept);
  elsif kept.aggregation = 'max' and (sign > 0 or moved_max < now_total) then
    now_total := greatest(now_total, moved_max);
  else
    now_total := add_up_usage(kept.merchant_id, kept.subscription_id, kept.starts_at, ends, kept.aggregation);
  end if;
  update usage_totals t set ends_at = ends, total = now_total,
      last_at = (select max(e.at) from usage_events e where e.merchant_id = kept.merchant_id and e.subscription_id = kept.subscription_id
        and e.at >= kept.starts_at and e.at < ends)
    where t.merchant_id = kept.merchant_id and t.subscription_id = kept.subscription_id and t.starts_at = kept.starts_at;
end $$;

create or replace function lock_usage(merchant text, contract text, periods jsonb, out key text, out comes_to numeric)
returns setof record language plpgsql as $$
declare
  p record;
  kept usage_totals;
  made boolean;
begin
  for p in select x.key, s.id as subscription, x.starts, x.ends, x.aggregation
      from jsonb_to_recordset(periods) as x(key text, subscription text, starts timestamptz, ends timestamptz, aggregation text)
      join component_subscriptions s on s.merchant_id = merchant and s.id = x.subscription
      order by s.id, x.starts loop
    insert into usage_totals (merchant_id, subscription_id, starts_at, ends_at, contract_id, aggregation)
      values (merchant, p.subscription, p.starts, p.ends, contract, p.aggregation) on conflict do nothing;
    made := found;
    select * into kept from usage_totals t
      where t.merchant_id = merchant and t.subscription_id = p.subscription and t.starts_at = p.starts for no key update;
    if made or kept.aggregation <> p.aggregation then
      kept.ends_at := p.ends;
      kept.aggregation := p.aggregation;
      perform make_usage_total(kept);
    elsif usage_between(merchant, p.subscription, p.ends, kept.ends_at) then
      perform move_usage_total(kept, p.ends);
    elsif kept.ends_at <> p.ends then
      update usage_totals t set ends_at = p.ends
        where t.merchant_id = merchant and t.subscription_id = p.subscription and t.starts_at = p.starts;
    end if;
    key := p.key;
    comes_to := (select coalesce(t.total, 0) from usage_totals t
      where t.merchant_id = merchant and t.subscription_id = p.subscription and t.starts_at = p.starts);
    return next;
  end loop;
end $$;
