import { planAttempt } from './attempts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import {
  type ReceivableCase,
  type ReceivableOwner,
  loadCases,
  ownerOfReceivable,
} from '../../db/payments/cases.ts';
import {
  updateCollections,
  pauseForDunning,
  setCollectionAgenda,
  collectionStepOf,
} from './update-collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { closeIncidentsOf, openIncident } from '../../db/platform/incidents.ts';
import { ClockAhead, nowOf } from '../clocks/now.ts';
import { recordLookup } from './outcomes.ts';
import { type Observer, UNOBSERVED } from '../../telemetry/observer.ts';
import { collectionWorkflow } from '../../temporal/ids.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { isTransient } from '../../db/platform/transient.ts';
import { addDuration } from '../../domain/arithmetic/calendar.ts';
import { hasNoOutcome, isUnderWay } from '../../domain/payments/attempt.ts';
import { type CollectionStep, PAUSE_LEVEL, agendaFor } from '../../domain/payments/dunning.ts';

/** The result of a step for the workflow of a collection: when it goes on, and the attempt to charge now. It has no amount and no name. */
export interface CollectionStanding {
  /** The instant to sleep until. Null if only a message can change anything. */
  readonly nextDue: string | null;
  /** The attempt to send or to look up now, on its provider's task queue. */
  readonly attempt: { readonly attemptId: string; readonly provider: string } | null;
  /** Whether the customer is on a test clock. The clock wakes the workflow, which waits without a timer. */
  readonly clocked: boolean;
  readonly finished: boolean;
  /** The incident of a step that failed. The step is tried again after an hour of wall time, or at a wake. */
  readonly incident: string | null;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  readonly shown: {
    readonly merchant: string;
    readonly customer: string;
    readonly contract: string | null;
    readonly dunningLevel: number;
    /** The state of the collection, for operators: `charging`, `waiting for money`. */
    readonly state: string;
  };
}

const HOUR_MS = 3_600_000;
/** The minutes after which an attempt is sent again if its provider could not be reached. */
const PROVIDER_DOWN_MINUTES = 60;

/** The request of a collection's workflow for its next step. */
export interface CollectRequest {
  readonly receivableId: string;
  /** The id of an attempt whose activity ended without an outcome. */
  readonly unanswered: string | null;
  /** When the workflow asked, by Temporal's clock. */
  readonly woken: string;
}

export interface CollectDeps {
  readonly pool: Pool;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  readonly observer?: Pick<Observer, 'incident'>;
}

/** Decides the next step of a collection (`domain/payments/dunning.ts`) and stores it, in one transaction. */
export async function collect(
  { pool, limit, observer = UNOBSERVED }: CollectDeps,
  request: CollectRequest,
): Promise<CollectionStanding> {
  const { receivableId } = request;
  const owner = await ownerOfReceivable(pool, receivableId);
  if (owner === null) return standingOfDeleted(limit);
  const { merchant } = owner;
  try {
    return await onBehalfOf(merchant, () => inTransaction(pool, (tx) => step(tx, owner, request, limit)));
  } catch (error) {
    if (isTransient(error) || error instanceof ClockAhead) throw error;
    const workflowId = collectionWorkflow(receivableId);
    const incident = await openIncident(pool, merchant, workflowId, 'collect', error);
    observer.incident({ merchant, workflowId, step: 'collect', incident });
    return {
      ...standingOfDeleted(limit),
      nextDue: new Date(Date.now() + HOUR_MS).toISOString(),
      clocked: owner.clockId !== null,
      finished: false,
      incident,
      shown: { ...standingOfDeleted(limit).shown, merchant, contract: owner.contractId, state: 'incident' },
    };
  }
}

/** The standing of a collection whose receivable was deleted with its test clock: its workflow ends. */
function standingOfDeleted(limit: number): CollectionStanding {
  const shown = { merchant: '', customer: '', contract: null, dunningLevel: 0, state: 'gone' };
  return { nextDue: null, attempt: null, clocked: false, finished: true, incident: null, limit, shown };
}

async function step(
  tx: Tx,
  owner: ReceivableOwner,
  { receivableId, unanswered, woken }: CollectRequest,
  limit: number,
): Promise<CollectionStanding> {
  const { merchant } = owner;
  const locked = await lockAccount(tx, merchant, owner.accountId);
  const now = nowOf(locked, woken, { clocked: owner.clockId !== null });
  if (unanswered !== null) await postpone(tx, merchant, receivableId, unanswered, now);
  let receivable = await loadCase(tx, merchant, receivableId);
  if (receivable.openMinor === 0n && receivable.dunningLevel > 0) {
    // A credit note paid the receivable, and only woke its collection. The dunning ends here.
    await updateCollections(tx, merchant, [receivableId], now, { recordedBy: 'collection' });
    receivable = await loadCase(tx, merchant, receivableId);
  }
  const next = collectionStepOf(receivable, now);
  const acted = await act(tx, merchant, receivable, next, now);
  await closeIncidentsOf(tx, collectionWorkflow(receivableId));
  return {
    nextDue: agendaFor(acted.next, now),
    attempt: acted.attempt,
    clocked: receivable.clockId !== null,
    finished: next.kind === 'finished',
    incident: null,
    limit,
    shown: {
      merchant,
      customer: receivable.customerId,
      contract: receivable.contractId,
      dunningLevel: next.kind === 'pause_contract' ? PAUSE_LEVEL : receivable.dunningLevel,
      state: stateOf(receivable, acted.next),
    },
  };
}

async function loadCase(tx: Tx, merchant: MerchantId, receivableId: string): Promise<ReceivableCase> {
  const [receivable] = await loadCases(tx, merchant, [receivableId]);
  if (receivable === undefined) throw new Error(`there is no receivable ${receivableId}`);
  return receivable;
}

/** Stores the step and moves the agenda row. The row of an attempt that must be sent or looked up stays due until its outcome is recorded. */
async function act(
  tx: Tx,
  merchant: MerchantId,
  receivable: ReceivableCase,
  next: CollectionStep,
  now: string,
): Promise<{ next: CollectionStep; attempt: CollectionStanding['attempt'] }> {
  if (next.kind === 'pause_contract') {
    await pauseForDunning(tx, merchant, receivable);
    await setCollectionAgenda(tx, merchant, receivable, null);
    return { next: { kind: 'wait', until: null }, attempt: null };
  }
  await setCollectionAgenda(tx, merchant, receivable, agendaFor(next, now));
  if (next.kind !== 'charge' && next.kind !== 'lookup') return { next, attempt: null };
  const attemptId = next.attemptId ?? (await planAttempt(tx, merchant, receivable, now));
  const provider = receivable.attempts.find(({ id }) => id === attemptId)?.provider ?? receivable.provider;
  if (attemptId === null || provider === null) throw new Error('there is no payment method to charge');
  return { next, attempt: { attemptId, provider } };
}

/** The provider could not be reached: a look-up counts as made, and an attempt that was not sent is postponed. */
async function postpone(
  tx: Tx,
  merchant: MerchantId,
  receivableId: string,
  attemptId: string,
  now: string,
): Promise<void> {
  const receivable = await loadCase(tx, merchant, receivableId);
  const attempt = receivable.attempts.find(({ id }) => id === attemptId);
  if (attempt === undefined) return;
  if (hasNoOutcome(attempt.state)) {
    const later = addDuration(now, { minutes: PROVIDER_DOWN_MINUTES });
    await setCollectionAgenda(tx, merchant, receivable, later);
  } else if (isUnderWay(attempt.state)) {
    await recordLookup(tx, merchant, attemptId, { recordedBy: 'collection' });
  }
}

function stateOf({ attempts, openMinor }: ReceivableCase, next: CollectionStep): string {
  if (openMinor === 0n) return 'paid';
  if (next.kind !== 'wait') return next.kind === 'lookup' ? 'looking up' : 'charging';
  const under = attempts.find(({ state }) => isUnderWay(state));
  if (under !== undefined) return `waiting: ${under.state}`;
  return next.until === null ? 'waiting for money' : 'waiting for the next attempt';
}
