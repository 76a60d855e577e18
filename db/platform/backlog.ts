import { UNANSWERED } from '../../domain/payments/attempt.ts';
import { LOOKED_AT } from './agenda.ts';
import { INCIDENT_STEPS } from './incidents.ts';
import { MESSAGE_KINDS } from './outbox.ts';
import { z } from 'zod';
import { float, text } from './columns.ts';
import type { Db } from './pool.ts';
import { OLDEST_KEPT } from './retention.ts';
import { stateList } from './state-list.ts';
import { type RowOf, statement } from './statement.ts';

const count = { name: text, labels: z.record(text, text), value: float };

/** A sample of a metric: its name, its labels, and the value. */
type Count = RowOf<typeof count>;

/** Overdue work is counted at each of these ages, in seconds. */
const AGES = [0, 60, 300, 900, 3_600, 86_400];

/** Only so many rows of each kind are counted, the oldest first. A count of this number means at least as many. */
const MOST_COUNTED = 10_000;

/** A list of texts as rows of one column. */
const each = (name: string, values: readonly string[]): string =>
  `unnest(array[${values.map((value) => `'${value}'`).join(', ')}]) ${name}(${name})`;
/** How long ago an instant is, in seconds. */
const age = (since: string): string => `extract(epoch from clock_timestamp() - ${since})::float8`;
/** The first rows by an index on a kind and an instant, or on a mode, a kind and an instant. */
interface First {
  readonly columns: string;
  /** The table and all conditions except the one on the kind. */
  readonly from: string;
  readonly kind: readonly [column: string, value: string];
  readonly by: string;
  readonly until?: string;
}

/**
 * SQL of the first rows of a kind. It uses a row comparison, not an equality, so that Postgres cannot choose to read the rows of
 * all kinds in order and filter those of this one.
 */
function first({ columns, from, kind: [kind, value], by, until = 'statement_timestamp()' }: First): string {
  return `(select ${columns} from ${from} and ${kind} >= ${value} and (${kind}, ${by}) <= (${value}, ${until})
    order by ${kind}, ${by} limit ${MOST_COUNTED})`;
}
const MODE = each('mode', ['live', 'test']);

/**
 * How many rows have been due for longer than each age. A row is counted at every age that it exceeds. Rows of test clocks are left
 * out, because they wait for their clock.
 */
const DUE = `
  select o.name, o.labels, o.value
  from ${each('kind', LOOKED_AT)} cross join ${MODE}
    cross join lateral (
      select coalesce(max(age), 0) as oldest, array[${AGES.map((seconds) => `count(*) filter (where age >= ${seconds})`).join(', ')}] as counts
      from ${first({
        columns: `${age('g.due_at')} as age`,
        from: 'agenda g where g.clock_id is null and mode_of(g.merchant_id) = mode.mode',
        kind: ['g.kind', 'kind.kind'],
        by: 'g.due_at',
      })} d) c
    cross join lateral (
      select 'tenor_due' as name, jsonb_build_object('kind', kind, 'mode', mode, 'older_than', a.seconds) as labels, a.count::float8 as value
        from unnest(array[${AGES.map((seconds) => `'${seconds}'`).join(', ')}], c.counts) a(seconds, count)
      union all select 'tenor_due_oldest_seconds', jsonb_build_object('kind', kind, 'mode', mode), c.oldest) o`;

/**
 * A message is failing if it is a dead letter or was tried five times. If tries ended with an error, an index has the message. If the
 * relay died in each try, the message is among the oldest that are due.
 */
const OUTBOX = `
  select o.name, jsonb_build_object('kind', kind), o.value
  from ${each('kind', MESSAGE_KINDS)}
    cross join lateral (
      select count(*) as due, coalesce(max(age), 0) as oldest, count(*) filter (where tries >= 5 and last_error is null) as failing
      from ${first({
        columns: `${age('w.due_at')} as age, w.tries, w.last_error`,
        from: `outbox w where w.state = 'waiting'`,
        kind: [`(w.kind || '')`, 'kind.kind'],
        by: 'w.due_at',
      })} d) due
    cross join lateral (
      select count(*) as failing from ${first({
        columns: 'w.tries',
        from: `outbox w where w.state = 'waiting' and w.last_error is not null`,
        kind: [`(w.kind || '')`, 'kind.kind'],
        by: 'w.id',
        until: '9223372036854775807',
      })} t where t.tries >= 5) tried
    cross join lateral (
      select count(*) as failing
      from (select w.kind from outbox w where w.state = 'dead' order by w.id limit ${MOST_COUNTED}) l where l.kind = kind.kind) dead
    cross join lateral (values ('tenor_outbox_due', due.due::float8), ('tenor_outbox_oldest_seconds', due.oldest),
      ('tenor_outbox_failing', (due.failing + tried.failing + dead.failing)::float8)) o(name, value)`;

const INCIDENTS = `
  select o.name, jsonb_build_object('step', step, 'mode', mode), o.value
  from ${each('step', INCIDENT_STEPS)} cross join ${MODE}
    cross join lateral (
      select count(*) as open, coalesce(max(age), 0) as oldest
      from ${first({
        columns: `${age('i.opened_at')} as age`,
        from: 'incidents i where i.closed_at is null and mode_of(i.merchant_id) = mode.mode',
        kind: ['i.step', 'step.step'],
        by: 'i.opened_at',
      })} f) c
    cross join lateral (values ('tenor_incidents_open', c.open::float8), ('tenor_incidents_oldest_seconds', c.oldest)) o(name, value)`;

const OPEN = `t.state in ${stateList(UNANSWERED)}`;
/** The providers of unanswered attempts, found one after the other by the index. */
const KNOWN = `
  known (mode, provider) as (
    select mode, (select min(t.provider) from attempts t where ${OPEN} and mode_of(t.merchant_id) = mode) from ${MODE}
    union all
    select k.mode, (select min(t.provider) from attempts t where ${OPEN} and mode_of(t.merchant_id) = k.mode and t.provider > k.provider)
      from known k where k.provider is not null)`;
const SINCE = 'coalesce(t.sent_at, t.effective_at)';
/**
 * Unanswered attempts, by provider: those that this process knows, and those that attempts have. Attempts on test clocks are left
 * out after the oldest rows were read, as only test merchants have them.
 */
const UNANSWERED_CHARGES = `
  select o.name, jsonb_build_object('provider', provider, 'mode', mode), o.value
  from (select mode, provider from ${MODE} cross join unnest(:providers) provider
      union select mode, provider from known where provider is not null) providers
    cross join lateral (
      select count(*) as open, coalesce(max(age), 0) as oldest
      from ${first({
        columns: `t.merchant_id, t.account_id, ${age(SINCE)} as age`,
        from: `attempts t where ${OPEN} and mode_of(t.merchant_id) = providers.mode`,
        kind: ['t.provider', 'providers.provider'],
        by: SINCE,
      })} f join billing_accounts b on b.merchant_id = f.merchant_id and b.id = f.account_id and b.clock_id is null) c
    cross join lateral (values ('tenor_charges_unanswered', c.open::float8),
      ('tenor_charges_unanswered_oldest_seconds', c.oldest)) o(name, value)`;

/**
 * Kinds and modes without rows are counted as 0, because an alert ends when its count is 0. Each part reads an index that has only
 * open rows, from the oldest one on, and reads a limited number, so the cost does not depend on how many rows wait. Run it on
 * connections that read in the order of an index (`inOrder`).
 */
export const backlog = statement('backlog', {
  sql: `
  with recursive ${KNOWN}
  ${[DUE, OUTBOX, INCIDENTS, UNANSWERED_CHARGES].join('\n  union all')}
  union all
  select 'tenor_clocks_stuck', '{}'::jsonb, count(*)::float8
    from (select from test_clocks where status = 'stuck' order by merchant_id limit ${MOST_COUNTED}) stuck
  union all
  ${OLDEST_KEPT}`,
  params: { providers: 'text[]' },
  row: count,
});

/** Counts due work, messages, incidents, unanswered attempts and stuck clocks, and finds the oldest kept rows, in one statement. */
export function loadBacklog(db: Db, providers: readonly string[]): Promise<Count[]> {
  return backlog.rows(db, { providers });
}
