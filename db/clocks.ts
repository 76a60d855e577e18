import { addDays, dateAt } from '../domain/calendar.ts';
import { DomainError } from '../domain/errors.ts';
import type { AgendaKind } from './agenda.ts';
import type { MerchantId } from './ids.ts';
import { post } from './outbox.ts';
import { type Db, type Tx, maybeRow, rows } from './pool.ts';

/** A clock that is told to advance, as its walk needs it. */
export interface AdvancingClock {
  readonly merchant_id: string;
  readonly now_at: string;
  readonly target_at: string | null;
  readonly status: 'ready' | 'advancing' | 'stuck';
}

const MOST_DAYS = 731;

/**
 * Tells a clock to advance, in the caller's transaction, together with the message that starts its walk.
 * @throws DomainError not_found, clock_advancing, clock_backwards, clock_too_far
 */
export async function beginAdvance(tx: Tx, merchant: MerchantId, clockId: string, to: string): Promise<void> {
  const clock = await maybeRow<AdvancingClock>(
    tx,
    'select merchant_id, now_at, target_at, status from test_clocks where merchant_id = $1 and id = $2 for update',
    [merchant, clockId],
  );
  if (clock === null) throw new DomainError('not_found', 'there is no such test clock');
  if (clock.status === 'advancing')
    throw new DomainError('clock_advancing', 'the test clock is advancing already');
  if (to < clock.now_at)
    throw new DomainError('clock_backwards', `the clock stands at ${clock.now_at}; it never goes back`, {
      field: 'to',
    });
  if (dateAt(to, 'UTC') > addDays(dateAt(clock.now_at, 'UTC'), MOST_DAYS)) {
    throw new DomainError('clock_too_far', 'a clock advances by two years at most', { field: 'to' });
  }
  await rows(
    tx,
    `update test_clocks set status = 'advancing', target_at = $3, problem = null, steps = 0 where merchant_id = $1 and id = $2`,
    [merchant, clockId, to],
  );
  await post(tx, merchant, [{ kind: 'start', workflowId: `clock/${clockId}`, clockId, delaySeconds: 2 }]);
}

/** The clock by its id alone, as its workflow knows it. */
export function findClock(db: Db, clockId: string): Promise<AdvancingClock | null> {
  return maybeRow<AdvancingClock>(
    db,
    'select merchant_id, now_at, target_at, status from test_clocks where id = $1',
    [clockId],
  );
}

/** One thing that is due on a clock. */
export interface DueRow {
  readonly workflow_id: string;
  readonly kind: AgendaKind;
}

/**
 * Steps to the next instant on the agenda up to the target, or to the target when nothing is due, and answers what is
 * due there, of the first kind in the order provider events, contracts, accounts, collections. Waits for whoever
 * holds the clock.
 */
export async function stepClock(
  db: Db,
  merchant: MerchantId,
  clockId: string,
): Promise<{ now: string; due: DueRow[] }> {
  const found = await rows<{ now_at: string; workflow_id: string | null; kind: AgendaKind | null }>(
    db,
    `with next as (select least(k.target_at, (select min(due_at) from agenda where merchant_id = $1 and clock_id = $2)) as at
       from test_clocks k where k.merchant_id = $1 and k.id = $2),
     moved as (update test_clocks k set now_at = greatest(k.now_at, next.at), steps = steps + 1 from next
       where k.merchant_id = $1 and k.id = $2 returning k.now_at),
     due as (select workflow_id, kind, array_position(array['provider_event', 'contract', 'account', 'collection'], kind) as place
       from agenda, moved where merchant_id = $1 and clock_id = $2 and due_at <= moved.now_at)
     select moved.now_at, workflow_id, kind from moved left join due on place = (select min(place) from due) order by workflow_id`,
    [merchant, clockId],
  );
  const now = found[0]?.now_at ?? '';
  return {
    now,
    due: found.flatMap(({ workflow_id, kind }) =>
      workflow_id === null || kind === null ? [] : [{ workflow_id, kind }],
    ),
  };
}

/** Ends a walk: `ready` at its target, or `stuck` with the reason. */
export async function endAdvance(
  db: Db,
  merchant: MerchantId,
  clockId: string,
  problem: string | null,
): Promise<void> {
  await rows(
    db,
    `update test_clocks set status = case when $3::text is null then 'ready' else 'stuck' end, problem = $3, target_at = null
     where merchant_id = $1 and id = $2`,
    [merchant, clockId, problem],
  );
}

/** Workflows that a clock's contracts and receivables may have. */
export async function workflowsOfClock(db: Db, merchant: MerchantId, clockId: string): Promise<string[]> {
  const found = await rows<{ workflow_id: string }>(
    db,
    `select 'contract/' || id as workflow_id from contracts where merchant_id = $1 and clock_id = $2
     union all select 'collection/' || r.id from receivables r join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
       where r.merchant_id = $1 and b.clock_id = $2 and exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id)`,
    [merchant, clockId],
  );
  return found.map((each) => each.workflow_id);
}

const OF_ACCOUNTS =
  'account_id in (select id from billing_accounts where merchant_id = $1 and clock_id = $2)';
const OF_CONTRACTS = 'contract_id in (select id from contracts where merchant_id = $1 and clock_id = $2)';
const OF_CUSTOMERS = 'customer_id in (select id from customers where merchant_id = $1 and clock_id = $2)';

/** What is deleted with a clock, in the order in which nothing is left pointing at it. */
const BELOW_A_CLOCK: readonly [table: string, where: string][] = [
  ['agenda', 'clock_id = $2'],
  ['outbox', 'clock_id = $2'],
  [
    'incidents',
    `workflow_id in (select 'contract/' || id from contracts where merchant_id = $1 and clock_id = $2)`,
  ],
  [
    'provider_events',
    `provider_object in (select provider_object from attempts where merchant_id = $1 and ${OF_ACCOUNTS})`,
  ],
  ['allocations', `credit_id in (select id from credits where merchant_id = $1 and ${OF_ACCOUNTS})`],
  ['credits', OF_ACCOUNTS],
  ['payments', OF_ACCOUNTS],
  ['attempts', OF_ACCOUNTS],
  ['receivables', OF_ACCOUNTS],
  ['postings', OF_ACCOUNTS],
  ['journal_entries', OF_ACCOUNTS],
  ['document_taxes', 'document_id in (select id from documents where merchant_id = $1 and clock_id = $2)'],
  ['document_lines', 'document_id in (select id from documents where merchant_id = $1 and clock_id = $2)'],
  ['documents', 'clock_id = $2'],
  ['charges', OF_ACCOUNTS],
  ['items', OF_CONTRACTS],
  ['component_subscriptions', OF_CONTRACTS],
  ['contract_phases', OF_CONTRACTS],
  ['scheduled_changes', OF_CONTRACTS],
  ['commands', OF_CONTRACTS],
  ['contracts', 'clock_id = $2'],
  ['billing_accounts', 'clock_id = $2'],
  ['payment_methods', OF_CUSTOMERS],
  ['series_counters', 'clock_id = $2'],
];

/** Deletes a clock and everything on it, in the caller's transaction; nothing else is touched. */
export async function deleteBelowClock(tx: Tx, merchant: MerchantId, clockId: string): Promise<void> {
  await rows(tx, `select set_config('tenor.deleting_clock', $1, true)`, [clockId]);
  for (const [table, where] of BELOW_A_CLOCK) {
    await rows(tx, `delete from ${table} where merchant_id = $1 and ${where} and $2::text is not null`, [
      merchant,
      clockId,
    ]);
  }
  const sandbox = 'intent_id in (select id from sandbox.intents where merchant_id = $1 and clock_id = $2)';
  await rows(tx, `delete from sandbox.events where ${sandbox}`, [merchant, clockId]);
  await rows(tx, `delete from sandbox.movements where ${sandbox}`, [merchant, clockId]);
  await rows(tx, 'delete from sandbox.intents where merchant_id = $1 and clock_id = $2', [merchant, clockId]);
  const subjects = await rows<{ subject_id: string }>(
    tx,
    'delete from customers where merchant_id = $1 and clock_id = $2 returning subject_id',
    [merchant, clockId],
  );
  const ids = subjects.map((each) => each.subject_id);
  await rows(tx, 'delete from vault_records where merchant_id = $1 and subject_id = any($2)', [
    merchant,
    ids,
  ]);
  await rows(tx, 'delete from vault_subjects where merchant_id = $1 and id = any($2)', [merchant, ids]);
  await rows(tx, 'delete from test_clocks where merchant_id = $1 and id = $2', [merchant, clockId]);
}
