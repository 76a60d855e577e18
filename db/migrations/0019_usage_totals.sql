-- What the usage of a metered period comes to, kept as events arrive: a bill reads a total instead of adding up millions
-- of events. A row has the events of its subscription from `starts_at` to before `ends_at`, all of them. Rows are made,
-- and their bounds move, under the contract's lock only (`lock_usage`); whoever reports usage locks its row (rule 46).
create table usage_totals (
  merchant_id text not null,
  subscription_id text not null,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  contract_id text not null,
  aggregation text not null check (aggregation in ('sum', 'max', 'last', 'unique')),
  total numeric, -- null: there was no event
  last_at timestamptz, -- the latest instant
  reported_at timestamptz, -- when an event was reported last, on the customer's clock
  primary key (merchant_id, subscription_id, starts_at),
  check (starts_at < ends_at),
  foreign key (merchant_id, contract_id) references contracts,
  foreign key (merchant_id, subscription_id) references component_subscriptions
) with (fillfactor = 50);
create index usage_totals_of_contract on usage_totals (merchant_id, contract_id);

-- What the quantities of each value of a unique count add up to in a period.
create table usage_values (
  merchant_id text not null,
  subscription_id text not null,
  starts_at timestamptz not null,
  value text not null, -- '' where an event has none
  quantity numeric not null,
  primary key (merchant_id, subscription_id, starts_at, value),
  foreign key (merchant_id, subscription_id, starts_at) references usage_totals
) with (fillfactor = 80);

create trigger kept before delete on usage_totals for each row execute function refuse_loss();
create trigger never_truncated before truncate on usage_totals for each statement execute function refuse_loss();
create trigger kept before delete on usage_values for each row execute function refuse_loss();
create trigger never_truncated before truncate on usage_values for each statement execute function refuse_loss();

-- Adds events to the totals that their instants lie in. Of equal instants the event that was reported last counts, and
-- under the lock of their total events are numbered in the order in which they come.
create function add_usage() returns trigger language plpgsql as $$
begin
  with e as (select t.merchant_id, t.subscription_id, t.starts_at, t.aggregation, a.seq, a.at, a.quantity, coalesce(a.value, '') as value, a.recorded_at
      from added a join usage_totals t on t.merchant_id = a.merchant_id and t.subscription_id = a.subscription_id
        and t.starts_at <= a.at and a.at < t.ends_at),
    d as (select merchant_id, subscription_id, starts_at, value, sum(quantity) as quantity from e where aggregation = 'unique'
      group by merchant_id, subscription_id, starts_at, value),
    v as (insert into usage_values as u (merchant_id, subscription_id, starts_at, value, quantity)
      select merchant_id, subscription_id, starts_at, value, quantity from d
      on conflict (merchant_id, subscription_id, starts_at, value) do update set quantity = u.quantity + excluded.quantity
      returning u.merchant_id, u.subscription_id, u.starts_at, u.value, u.quantity),
    n as (select merchant_id, subscription_id, starts_at, sum((v.quantity > 0)::int - (v.quantity - d.quantity > 0)::int) as more
      from d join v using (merchant_id, subscription_id, starts_at, value) group by merchant_id, subscription_id, starts_at),
    x as (select merchant_id, subscription_id, starts_at, sum(quantity) as sum, max(quantity) as most, max(at) as last_at,
        (array_agg(quantity order by at desc, seq desc))[1] as last, max(recorded_at) as reported_at
      from e group by merchant_id, subscription_id, starts_at)
  update usage_totals t set last_at = greatest(t.last_at, x.last_at), reported_at = greatest(t.reported_at, x.reported_at),
    total = case t.aggregation
      when 'sum' then coalesce(t.total, 0) + x.sum
      when 'max' then greatest(t.total, x.most)
      when 'last' then case when t.last_at > x.last_at then t.total else x.last end
      else coalesce(t.total, 0) + n.more end
    from x left join n using (merchant_id, subscription_id, starts_at)
    where t.merchant_id = x.merchant_id and t.subscription_id = x.subscription_id and t.starts_at = x.starts_at;
  return null;
end $$;
create trigger added_up after insert on usage_events referencing new table as added for each statement execute function add_usage();

-- What the events of a span come to, added up; null where there are none. A unique count counts values whose quantities
-- add up to more than nothing.
create function add_up_usage(merchant text, subscription text, starts timestamptz, ends timestamptz, aggregation text)
returns numeric stable language plpgsql as $$
begin
  if aggregation = 'sum' then
    return (select sum(e.quantity) from usage_events e
      where e.merchant_id = merchant and e.subscription_id = subscription and e.at >= starts and e.at < ends);
  elsif aggregation = 'max' then
    return (select max(e.quantity) from usage_events e
      where e.merchant_id = merchant and e.subscription_id = subscription and e.at >= starts and e.at < ends);
  elsif aggregation = 'last' then
    return (select e.quantity from usage_events e
      where e.merchant_id = merchant and e.subscription_id = subscription and e.at >= starts and e.at < ends
      order by e.at desc, e.seq desc limit 1);
  end if;
  return (select count(*) from (select from usage_events e
    where e.merchant_id = merchant and e.subscription_id = subscription and e.at >= starts and e.at < ends
    group by coalesce(e.value, '') having sum(e.quantity) > 0) v);
end $$;

-- Whether a subscription has an event between two instants, whichever comes first: one look-up of the next one by its index.
create function usage_between(merchant text, subscription text, one timestamptz, other timestamptz)
returns boolean stable language plpgsql as $$
begin
  return one <> other and coalesce((select min(e.at) from usage_events e where e.merchant_id = merchant and e.subscription_id = subscription
    and e.at >= least(one, other)) < greatest(one, other), false);
end $$;

-- What a span comes to, without a lock: as it is kept, or added up where no total has just the events of the span.
create function read_usage(merchant text, subscription text, starts timestamptz, ends timestamptz, added_up_as text)
returns numeric stable language plpgsql as $$
declare kept usage_totals;
begin
  select * into kept from usage_totals t where t.merchant_id = merchant and t.subscription_id = subscription and t.starts_at = starts;
  if kept.aggregation = added_up_as and not usage_between(merchant, subscription, ends, kept.ends_at) then
    return coalesce(kept.total, 0);
  end if;
  return coalesce(add_up_usage(merchant, subscription, starts, ends, added_up_as), 0);
end $$;

-- Locks the totals of periods, under the lock of their contract, and says what each comes to. A total that there is not
-- is made from the events, once, and so is one whose bounds have moved over events.
create function lock_usage(merchant text, contract text, periods jsonb, out key text, out comes_to numeric)
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
    if made or kept.aggregation <> p.aggregation or usage_between(merchant, p.subscription, p.ends, kept.ends_at) then
      if p.aggregation = 'unique' then
        update usage_values v set quantity = 0
          where v.merchant_id = merchant and v.subscription_id = p.subscription and v.starts_at = p.starts;
        insert into usage_values as v (merchant_id, subscription_id, starts_at, value, quantity)
          select merchant, p.subscription, p.starts, coalesce(e.value, ''), sum(e.quantity) from usage_events e
          where e.merchant_id = merchant and e.subscription_id = p.subscription and e.at >= p.starts and e.at < p.ends
          group by coalesce(e.value, '')
          on conflict (merchant_id, subscription_id, starts_at, value) do update set quantity = excluded.quantity;
      end if;
      update usage_totals t set ends_at = p.ends, aggregation = p.aggregation,
          total = add_up_usage(merchant, p.subscription, p.starts, p.ends, p.aggregation),
          last_at = (select max(e.at) from usage_events e
            where e.merchant_id = merchant and e.subscription_id = p.subscription and e.at >= p.starts and e.at < p.ends),
          reported_at = greatest(kept.reported_at, (select max(e.recorded_at) from usage_events e
            where e.merchant_id = merchant and e.subscription_id = p.subscription
              and e.at >= case when made then p.starts else least(p.ends, kept.ends_at) end and e.at < greatest(p.ends, kept.ends_at)))
        where t.merchant_id = merchant and t.subscription_id = p.subscription and t.starts_at = p.starts
        returning t.* into kept;
    elsif kept.ends_at <> p.ends then
      update usage_totals t set ends_at = p.ends
        where t.merchant_id = merchant and t.subscription_id = p.subscription and t.starts_at = p.starts;
    end if;
    key := p.key;
    comes_to := coalesce(kept.total, 0);
    return next;
  end loop;
end $$;

-- Holds the clock of a contract, and nothing else, and says what time it is there; `merchant` has no such contract: null.
create function hold_clock_of(merchant text, contract text, out now_at timestamptz, out advancing boolean)
language plpgsql as $$
declare clock text;
begin
  select c.clock_id into clock from contracts c where c.merchant_id = merchant and c.id = contract;
  if not found then
    return;
  end if;
  if clock is not null then
    select k.now_at, k.status = 'advancing' into now_at, advancing
      from test_clocks k where k.merchant_id = merchant and k.id = clock for share;
  else
    advancing := false;
  end if;
  now_at := coalesce(now_at, date_trunc('milliseconds', clock_timestamp()));
end $$;
