import { planAttempt } from './attempts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { type CollectedOwner, ownerOfCollected } from '../../db/payments/cases.ts';
import { openWhenDue } from './account-collections.ts';
import {
  type Case,
  collectionStepOf,
  loadCase as findCase,
  receivablesOf,
  setCollectionAgenda,
} from './collection-case.ts';
import { pauseForDunning } from './dunning.ts';
import { storeState, updateCollections } from './update-collections.ts';
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
/** The shown state of a collection of an account between its notice and its day. */
const ANNOUNCED = 'announced';
/** The minutes after which an attempt is sent again if its provider could not be reached. */
const PROVIDER_DOWN_MINUTES = 60;

/** The request of a collection's workflow for its next step. */
export interface CollectRequest {
  /** The id of a receivable, or of a collection of an account. */
  readonly id: string;
  /** The id of an attempt whose activity ended without an outcome. */
  readonly unanswered: string | null;
  /** When the workflow asked, by Temporal's clock. */
  readonly woken: string;
}

export interface CollectDeps {
  readonly pool: Pool;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  /** Called at the moment at which tests kill the process: after the commit of a step that leaves a collection announced. */
  readonly onMoment?: (moment: 'collection:announced') => void;
  readonly observer?: Pick<Observer, 'incident'>;
}

/** Decides the next step of a collection (`domain/payments/dunning.ts`) and stores it, in one transaction. */
export async function collect(
  { pool, limit, onMoment, observer = UNOBSERVED }: CollectDeps,
  request: CollectRequest,
): Promise<CollectionStanding> {
  const { id } = request;
  const owner = await ownerOfCollected(pool, id);
  if (owner === null) return standingOfDeleted(limit);
  const { merchant } = owner;
  try {
    const standing = await onBehalfOf(merchant, () =>
      inTransaction(pool, (tx) => step(tx, owner, request, limit)),
    );
    if (standing.shown.state === ANNOUNCED) onMoment?.('collection:announced');
    return standing;
  } catch (error) {
    if (isTransient(error) || error instanceof ClockAhead) throw error;
    const workflowId = collectionWorkflow(id);
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

/** The standing of a collection whose rows were deleted with its test clock: its workflow ends. */
function standingOfDeleted(limit: number): CollectionStanding {
  const shown = { merchant: '', customer: '', contract: null, dunningLevel: 0, state: 'gone' };
  return { nextDue: null, attempt: null, clocked: false, finished: true, incident: null, limit, shown };
}

async function step(
  tx: Tx,
  owner: CollectedOwner,
  { id, unanswered, woken }: CollectRequest,
  limit: number,
): Promise<CollectionStanding> {
  const { merchant } = owner;
  const locked = await lockAccount(tx, merchant, owner.accountId);
  const now = nowOf(locked, woken, { clocked: owner.clockId !== null });
  if (owner.kind === 'collection') await openWhenDue(tx, merchant, id, now);
  if (unanswered !== null) await postpone(tx, merchant, owner, id, unanswered, now);
  let found = await loadCase(tx, merchant, owner, id);
  if (wasPaidByCredit(found)) {
    await updateCollections(tx, merchant, receivablesOf(found), now, { recordedBy: id });
    found = await loadCase(tx, merchant, owner, id);
  }
  const next = collectionStepOf(found, now);
  const acted = await act(tx, merchant, found, next, now);
  if (found.kind === 'account') {
    const { attempts } = await loadCase(tx, merchant, owner, id);
    await storeState(tx, merchant, { ...found, attempts, dunningLevel: levelAfter(found, next) }, now);
  }
  await closeIncidentsOf(tx, collectionWorkflow(id));
  return {
    nextDue: agendaFor(acted.next, now),
    attempt: acted.attempt,
    clocked: found.clockId !== null,
    finished: next.kind === 'finished',
    incident: null,
    limit,
    shown: {
      merchant,
      customer: found.customerId,
      contract: found.kind === 'account' ? null : found.contractId,
      dunningLevel: levelAfter(found, next),
      state: stateOf(found, acted.next),
    },
  };
}

/** Whether a credit note paid a receivable, and only woke its collection. Its dunning, and that of its account, ends now. */
function wasPaidByCredit(of: Case): boolean {
  return of.openMinor === 0n && (of.dunningLevel > 0 || (of.kind === 'receivable' && of.inCollection));
}

function levelAfter({ dunningLevel }: Case, next: CollectionStep): number {
  return next.kind === 'pause_contract' ? PAUSE_LEVEL : dunningLevel;
}

async function loadCase(tx: Tx, merchant: MerchantId, { kind }: CollectedOwner, id: string): Promise<Case> {
  const found = await findCase(tx, merchant, {
    receivableId: kind === 'receivable' ? id : null,
    collectionId: kind === 'collection' ? id : null,
  });
  if (found === null) throw new Error(`there is nothing to collect for ${id}`);
  return found;
}

/** Stores the step and moves the agenda row. The row of an attempt that must be sent or looked up stays due until its outcome is recorded. */
async function act(
  tx: Tx,
  merchant: MerchantId,
  of: Case,
  next: CollectionStep,
  now: string,
): Promise<{ next: CollectionStep; attempt: CollectionStanding['attempt'] }> {
  if (next.kind === 'pause_contract') {
    await pauseForDunning(tx, merchant, of);
    await setCollectionAgenda(tx, merchant, of, null);
    return { next: { kind: 'wait', until: null }, attempt: null };
  }
  await setCollectionAgenda(tx, merchant, of, agendaFor(next, now));
  if (next.kind !== 'charge' && next.kind !== 'lookup') return { next, attempt: null };
  const attemptId = next.attemptId ?? (await planAttempt(tx, merchant, of, now));
  const provider = of.attempts.find(({ id }) => id === attemptId)?.provider ?? of.provider;
  if (attemptId === null || provider === null) throw new Error('there is no payment method to charge');
  return { next, attempt: { attemptId, provider } };
}

/** The provider could not be reached: a look-up counts as made, and an attempt that was not sent is postponed. */
async function postpone(
  tx: Tx,
  merchant: MerchantId,
  owner: CollectedOwner,
  id: string,
  attemptId: string,
  now: string,
): Promise<void> {
  const found = await loadCase(tx, merchant, owner, id);
  const attempt = found.attempts.find((each) => each.id === attemptId);
  if (attempt === undefined) return;
  if (hasNoOutcome(attempt.state)) {
    const later = addDuration(now, { minutes: PROVIDER_DOWN_MINUTES });
    await setCollectionAgenda(tx, merchant, found, later);
  } else if (isUnderWay(attempt.state)) {
    await recordLookup(tx, merchant, attemptId, { recordedBy: id });
  }
}

function stateOf(of: Case, next: CollectionStep): string {
  const { attempts, openMinor } = of;
  if (of.kind === 'account' && of.state === 'noticed' && next.kind === 'wait') return ANNOUNCED;
  if (openMinor === 0n) return 'paid';
  if (next.kind !== 'wait') return next.kind === 'lookup' ? 'looking up' : 'charging';
  const under = attempts.find(({ state }) => isUnderWay(state));
  if (under !== undefined) return `waiting: ${under.state}`;
  return next.until === null ? 'waiting for money' : 'waiting for the next attempt';
}
