import { WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { type Db, rows } from './pool.ts';
import { OLDEST_KEPT } from './retention.ts';
import { stateList } from './state-list.ts';

/** A count of what waits, by name and labels, as it is shown in metrics. */
interface Count {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Seconds by which work that is due and not done is counted. */
const AGES = [0, 60, 300, 900, 3_600, 86_400];

/**
 * Kinds and modes are counted where there is nothing, too: an alert ends when its count is 0. What is on a test clock
 * waits for its clock and is not counted. Each part reads an index of what is open only.
 */
export const BACKLOG = `
  with due as materialized (
    select g.kind, case when m.live_merchant_id is null then 'live' else 'test' end as mode,
      extract(epoch from clock_timestamp() - g.due_at)::float8 as age
    from agenda g join merchants m on m.id = g.merchant_id
    where g.clock_id is null and g.due_at <= statement_timestamp()),
  waiting as materialized (
    select kind, tries >= 5 as failing, extract(epoch from clock_timestamp() - due_at)::float8 as age
    from outbox where state = 'waiting'
    union all select kind, true, null from outbox where state = 'dead'),
  broken as materialized (
    select i.step, case when m.live_merchant_id is null then 'live' else 'test' end as mode,
      extract(epoch from clock_timestamp() - i.opened_at)::float8 as age
    from incidents i join merchants m on m.id = i.merchant_id where i.closed_at is null),
  unanswered as materialized (
    select t.provider, case when m.live_merchant_id is null then 'live' else 'test' end as mode,
      extract(epoch from clock_timestamp() - coalesce(t.sent_at, t.effective_at))::float8 as age
    from attempts t join billing_accounts b on b.merchant_id = t.merchant_id and b.id = t.account_id and b.clock_id is null
      join merchants m on m.id = t.merchant_id
    where t.state in ${stateList([...WITHOUT_OUTCOME, 'unknown'])}),
  modes (mode) as (values ('live'), ('test')),
  kinds as (select kind, mode from (select kind from due union select unnest(array['contract', 'collection', 'provider_event'])) k cross join modes),
  messages as (select kind from waiting union select unnest(array['start', 'wake', 'command', 'webhook'])),
  steps as (select step, mode from (select step from broken union select unnest(array['settle', 'collect'])) k cross join modes),
  providers as (select provider, mode from (select provider from unanswered union select unnest($2::text[])) k cross join modes)
  select 'tenor_due' as name, jsonb_build_object('kind', k.kind, 'mode', k.mode, 'older_than', a.seconds::text) as labels,
    count(d.age)::float8 as value
    from kinds k
    cross join unnest($1::int[]) a(seconds)
    left join due d on d.kind = k.kind and d.mode = k.mode and d.age >= a.seconds group by k.kind, k.mode, a.seconds
  union all
  select 'tenor_due_oldest_seconds', jsonb_build_object('kind', k.kind, 'mode', k.mode), coalesce(max(d.age), 0)
    from kinds k
    left join due d on d.kind = k.kind and d.mode = k.mode group by k.kind, k.mode
  union all
  select o.name, jsonb_build_object('kind', k.kind), o.value
    from messages k
    cross join lateral (select count(*) filter (where age >= 0) as due, coalesce(max(age) filter (where age >= 0), 0) as oldest,
      count(*) filter (where failing) as failing from waiting w where w.kind = k.kind) c
    cross join lateral (values ('tenor_outbox_due', c.due::float8), ('tenor_outbox_oldest_seconds', c.oldest),
      ('tenor_outbox_failing', c.failing::float8)) o(name, value)
  union all
  select o.name, jsonb_build_object('step', k.step, 'mode', k.mode), o.value
    from steps k
    cross join lateral (select count(*) as open, coalesce(max(age), 0) as oldest from broken b where b.step = k.step and b.mode = k.mode) c
    cross join lateral (values ('tenor_incidents_open', c.open::float8), ('tenor_incidents_oldest_seconds', c.oldest)) o(name, value)
  union all
  select o.name, jsonb_build_object('provider', k.provider, 'mode', k.mode), o.value
    from providers k
    cross join lateral (select count(*) as open, coalesce(max(age), 0) as oldest
      from unanswered u where u.provider = k.provider and u.mode = k.mode) c
    cross join lateral (values ('tenor_charges_unanswered', c.open::float8),
      ('tenor_charges_unanswered_oldest_seconds', c.oldest)) o(name, value)
  union all
  select 'tenor_clocks_stuck', '{}'::jsonb, count(*)::float8 from test_clocks where status = 'stuck'
  union all
  ${OLDEST_KEPT}`;

/** Counts what is due, undelivered, broken, unanswered and stuck, and how old is what is kept, in one statement. */
export function loadBacklog(db: Db, providers: readonly string[]): Promise<Count[]> {
  return rows<Count>(db, BACKLOG, [AGES, providers]);
}
