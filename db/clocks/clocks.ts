import { z } from 'zod';
import type { ClockStatus } from '../../domain/clocks/clock.ts';
import { ATTEMPT_STATES } from '../../domain/payments/attempt.ts';
import { PREFIX, clockWorkflow } from '../../temporal/ids.ts';
import type { Overdue } from '../platform/agenda.ts';
import {
  instant,
  int,
  list,
  merchant as merchantColumn,
  schemaOf,
  text,
  truth,
} from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { enqueue } from '../platform/outbox.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

export const clockStatus = schemaOf<ClockStatus>()(z.enum(['ready', 'advancing', 'stuck']));

const OF_CLOCK = { merchant: 'text', clock: 'text' } as const;

/** The columns of a locked clock. */
const lockedClock = { now_at: instant, status: clockStatus };

const lockAlone = statement('lockClock', {
  sql: 'select now_at, status from test_clocks where merchant_id = :merchant and id = :clock for no key update',
  params: OF_CLOCK,
  row: lockedClock,
});

/** Locks a clock exclusively: waits for all transactions with a shared lock on it, and admits no other. Null if there is no clock. */
export function lockClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
): Promise<RowOf<typeof lockedClock> | null> {
  return lockAlone.maybeRow(tx, { merchant, clock: clockId });
}

const advance = statement('advanceClock', {
  sql: `
    update test_clocks set status = 'advancing', target_at = :to, problem = null, steps = 0,
      held_until = clock_timestamp()
    where merchant_id = :merchant and id = :clock`,
  params: { ...OF_CLOCK, to: 'timestamptz' },
});

/** Begins the advance of a clock, with the message that starts its workflow. */
export async function storeAdvance(tx: Tx, merchant: MerchantId, clockId: string, to: string): Promise<void> {
  await advance.run(tx, { merchant, clock: clockId, to });
  await enqueue(tx, merchant, [
    { kind: 'start', workflowId: clockWorkflow(clockId), clockId, delaySeconds: 2 },
  ]);
}

/** The time, and whether the clock is advancing. */
const timeOf = { now_at: instant, advancing: truth };

const lockClockOfContract = statement('lockClockOfContract', {
  sql: 'select now_at, advancing from hold_clock_of(:merchant, :contract) where now_at is not null',
  params: { merchant: 'text', contract: 'text' },
  row: timeOf,
});

/** Takes a shared lock on the clock of a contract, and locks nothing else. Null if the merchant has no such contract. */
export function lockClockShared(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
): Promise<RowOf<typeof timeOf> | null> {
  return lockClockOfContract.maybeRow(tx, { merchant, contract: contractId });
}

/** The time on a test clock; without one, wall time. */
export async function nowOf(db: Db, merchant: MerchantId, clockId: string | null): Promise<string> {
  return (await readClock(db, merchant, clockId)).now_at;
}

const selectTime = statement('timeOnClock', {
  sql: `
    select coalesce(k.now_at, date_trunc('milliseconds', clock_timestamp())) as now_at,
      coalesce(k.status = 'advancing', false) as advancing
    from (select) one
    left join test_clocks k on k.merchant_id = :merchant and k.id = :clock`,
  params: { merchant: 'text', clock: 'text?' },
  row: timeOf,
});

/** The time on a test clock or, without one, wall time, and whether the clock is advancing. It takes no lock. */
export function readClock(
  db: Db,
  merchant: MerchantId,
  clockId: string | null,
): Promise<RowOf<typeof timeOf>> {
  return selectTime.row(db, { merchant, clock: clockId });
}

const holdShared = statement('holdClock', {
  sql: 'select now_at, status from test_clocks where merchant_id = :merchant and id = :clock for share',
  params: OF_CLOCK,
  row: lockedClock,
});

/**
 * Takes a shared lock on a clock, so that it neither moves nor is deleted while the caller makes something on it.
 * @param field the request's field that led to the clock, for the refusal
 * @throws DomainError not_found if the clock was deleted meanwhile
 */
export async function holdClock(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  field: string,
): Promise<RowOf<typeof lockedClock>> {
  const clock = await holdShared.maybeRow(tx, { merchant, clock: clockId });
  return found(clock, 'test clock any more', field);
}

const takeUp = statement('takeUpAdvance', {
  sql: `
    with arrived as (
      update outbox set state = 'delivered' where clock_id = :clock and object = :workflow and state = 'waiting')
    select merchant_id from test_clocks
    where id = :clock and status = 'advancing' and target_at is not null`,
  params: { clock: 'text', workflow: 'text' },
  row: { merchant_id: merchantColumn },
});

/**
 * Finds the merchant of a clock that is to advance, and marks the message that started its workflow as delivered. Returns null if
 * the clock is not advancing.
 */
export async function takeUpAdvance(db: Db, clockId: string): Promise<MerchantId | null> {
  const clock = await takeUp.maybeRow(db, { clock: clockId, workflow: clockWorkflow(clockId) });
  return clock?.merchant_id ?? null;
}

/** How many clocks are claimed at once. */
const MOST_CLAIMED = 100;

const claimLate = statement('claimAdvancingClocks', {
  sql: `
    with late as materialized (
      select merchant_id, id, held_until from test_clocks
      where status = 'advancing' and held_until <= statement_timestamp() - make_interval(secs => :seconds)
      order by held_until limit :most
      for no key update skip locked)
    update test_clocks k set held_until = statement_timestamp() from late l
    where k.merchant_id = l.merchant_id and k.id = l.id
    returning :prefix || k.id as workflow_id, k.merchant_id, l.held_until as due_at, 0 as looks, false as incident`,
  params: { seconds: 'float8', most: 'int', prefix: 'text' },
  row: { workflow_id: text, merchant_id: text, due_at: instant, looks: int, incident: truth },
});

/**
 * Claims clocks that have been advancing for so many seconds, or for as long since their last claim, the longest first. No other
 * relay gets them for the same time. An advance may take hours, so a clock is claimed again and again while it advances.
 */
export function claimAdvancing(db: Db, seconds: number): Promise<Overdue[]> {
  return claimLate.rows(db, { seconds, most: MOST_CLAIMED, prefix: PREFIX.clock });
}

const openAttempt = z.strictObject({
  id: text,
  contract_id: text.nullable(),
  /** Which attempt of its receivable it is. The contract's workflow makes the first one. */
  n: int,
  state: z.enum(ATTEMPT_STATES),
  /** Whether the agenda row of its collection lies after now. */
  postponed: truth,
});
export type OpenAttempt = z.output<typeof openAttempt>;

const dueRow = z.strictObject({
  workflow_id: text,
  kind: z.enum(['provider_event', 'contract', 'account', 'collection']),
  due_at: instant,
});

const clockBacklog = {
  now_at: instant,
  target_at: instant.nullable(),
  status: clockStatus,
  /** Rows of the agenda that are due now, in the order in which their work must be done. Each step moves the instant of its row. */
  due: list(dueRow),
  /** The next instant of the agenda after now. */
  next_at: instant.nullable(),
  /** How many starts, wakes and commands were not delivered. */
  messages: int,
  commands: list(z.strictObject({ id: text, contract_id: text })),
  /** Planned or sent attempts, which have no outcome yet. */
  attempts: list(openAttempt),
  incidents: list(z.strictObject({ id: text, workflow_id: text })),
};

/** The state of a clock, and all work that is open on it (rule 44). */
export type ClockBacklog = RowOf<typeof clockBacklog>;

/** How many rows of the agenda are loaded at most. Later rows are loaded after these are done. */
const MOST_OPEN = 1_000;

const selectBacklog = statement('loadClockBacklog', {
  sql: sqlFile(import.meta.url, 'clock-backlog.sql'),
  params: { ...OF_CLOCK, most: 'int' },
  row: clockBacklog,
  planned: true,
});

/** Loads the state of a clock and its open work; null if the clock was deleted. */
export function loadClockBacklog(
  db: Db,
  merchant: MerchantId,
  clockId: string,
): Promise<ClockBacklog | null> {
  return selectBacklog.maybeRow(db, { merchant, clock: clockId, most: MOST_OPEN });
}

const moveTo = statement('moveClock', {
  sql: `
    update test_clocks set now_at = greatest(now_at, :at), steps = steps + 1, status = :status,
      target_at = case when :status = 'ready' then null else target_at end, problem = null
    where merchant_id = :merchant and id = :clock`,
  params: { ...OF_CLOCK, at: 'timestamptz', status: 'text' },
});

/** Moves a clock to an instant. A clock that becomes ready loses its target. */
export async function storeStop(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
  { at, status }: { readonly at: string; readonly status: ClockStatus },
): Promise<void> {
  await moveTo.run(tx, { merchant, clock: clockId, at, status });
}

const setStuck = statement('markClockStuck', {
  sql: `
    update test_clocks set status = 'stuck', problem = :problem, target_at = null
    where merchant_id = :merchant and id = :clock and status = 'advancing'`,
  params: { ...OF_CLOCK, problem: 'text' },
});

/** Stops an advancing clock at its instant, and stores the reason. It can be advanced again. */
export async function markStuck(
  db: Db,
  merchant: MerchantId,
  clockId: string,
  problem: string,
): Promise<void> {
  await setStuck.run(db, { merchant, clock: clockId, problem });
}
