import { type AttemptToCharge, endLease, loadAttempt, nextPlanned } from '../../db/payments/attempts.ts';
import { markSent } from './attempts.ts';
import type { Listeners } from './follow.ts';
import { bookOutcome, noteLookup } from './outcomes.ts';
import { hasNoOutcome } from '../../domain/payments/attempt.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { type Observer, UNOBSERVED } from '../../telemetry/observer.ts';
import {
  type ChargeOrder,
  type Outcome,
  type PaymentProvider,
  type Providers,
  providerOf,
} from '../../psp/port.ts';

export interface ChargeDeps {
  readonly pool: Pool;
  readonly providers: Providers;
  /** How long a sender may be silent until somebody else looks up what it did: longer than the activity may run. */
  readonly leaseSeconds?: number;
  /** How long a provider may take; then the outcome is unknown. Shorter than the activity may run. */
  readonly answerWithinMs?: number;
  /** Hears of the moments between which a crash would hurt most. */
  readonly reached?: (moment: 'charge:sent' | 'charge:executed') => void;
  readonly observer?: Pick<Observer, 'outcome'>;
}

/** This worker has no such provider; asking it again changes nothing. */
export class UnknownProvider extends Error {}

/** Somebody else sent the attempt, and may still wait for its answer, for so many seconds. */
export class AttemptInFlight extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super('somebody else sent this attempt and may still wait for its answer');
    this.seconds = seconds;
  }
}

/**
 * Drives a contract's attempt to an outcome, and names the next one that the contract is to send, or null.
 *
 * Money moves here, in three transactions: the attempt was planned by the first (a bill, or collection); the second
 * marks it as sent, under the provider's object that was prepared before; the third books the outcome. Killed
 * anywhere, the next one finds the row, and looks up what was sent before it sends anything.
 * @throws UnknownProvider, AttemptInFlight
 */
export async function chargeOfContract(
  deps: ChargeDeps,
  contractId: string,
  attemptId: string,
): Promise<string | null> {
  const attempt = await loadAttempt(deps.pool, attemptId);
  if (attempt === null) return null;
  const { merchant, provider, state } = attempt;
  return onBehalfOf(merchant, async () => {
    // An attempt that has an answer, or waits for one, is no longer the contract's business.
    if (hasNoOutcome(state)) await drive(deps, attempt, {});
    return nextPlanned(deps.pool, merchant, contractId, provider);
  });
}

/**
 * The same for collection: sends what is planned, looks up what was sent before.
 * @throws UnknownProvider, AttemptInFlight
 */
export async function chargeOfCollection(deps: ChargeDeps, attemptId: string): Promise<void> {
  const attempt = await loadAttempt(deps.pool, attemptId);
  if (attempt === null) return;
  await onBehalfOf(attempt.merchant, () => drive(deps, attempt, { bookedBy: 'collection' }));
}

async function drive(deps: ChargeDeps, attempt: AttemptToCharge, listeners: Listeners): Promise<void> {
  const provider = providerOf(deps.providers, attempt.provider);
  if (provider === undefined) {
    throw new UnknownProvider(`no provider ${attempt.provider} here`);
  }
  if (attempt.state === 'planned') {
    const { providerObject } = await provider.prepare(orderOf(attempt, attempt.now));
    await send(deps, provider, attempt, providerObject, { again: false, listeners });
  } else if (attempt.state === 'sent' && attempt.leaseSeconds > 0) {
    throw new AttemptInFlight(attempt.leaseSeconds);
  } else if (attempt.providerObject !== null) {
    await lookUp(deps, provider, attempt, attempt.providerObject, listeners);
  }
}

/** What was sent before: the provider says what became of it, and only what it never executed is sent again. */
async function lookUp(
  deps: ChargeDeps,
  provider: PaymentProvider,
  attempt: AttemptToCharge,
  providerObject: string,
  listeners: Listeners,
): Promise<void> {
  const outcome = await provider.lookup(providerObject);
  const { merchant, id, state } = attempt;
  if (outcome === null && (state === 'sent' || state === 'unknown')) {
    await send(deps, provider, attempt, providerObject, { again: true, listeners });
    return;
  }
  const changed = await inTransaction(deps.pool, async (tx) => {
    const isNew =
      outcome === null ? false : (await bookOutcome(tx, merchant, id, outcome, listeners)).changed;
    if (!isNew) await noteLookup(tx, merchant, id, listeners);
    return isNew;
  });
  if (changed && outcome !== null) observe(deps, attempt, outcome);
}

async function send(
  deps: ChargeDeps,
  provider: PaymentProvider,
  attempt: AttemptToCharge,
  providerObject: string,
  { again, listeners }: { again: boolean; listeners: Listeners },
): Promise<void> {
  const { pool, leaseSeconds = 20, answerWithinMs = 12_000 } = deps;
  const { merchant, id } = attempt;
  const sending = await inTransaction(pool, (tx) =>
    markSent(tx, attempt, providerObject, { leaseSeconds, again }),
  );
  if (sending.kind === 'busy') throw new AttemptInFlight(sending.seconds);
  if (sending.kind === 'over') {
    const next = sending.replacedBy === null ? null : await loadAttempt(pool, sending.replacedBy);
    // Another provider's queue is another's: collection finds the attempt there.
    if (next?.provider === attempt.provider) await drive(deps, next, listeners);
    return;
  }
  deps.reached?.('charge:sent');
  let outcome: Outcome;
  try {
    outcome = await inTime(provider.execute(orderOf(attempt, sending.at), providerObject), answerWithinMs);
  } catch (error) {
    // Only what failed before it was sent throws: the next try need not wait for the lease, but looks up first.
    await endLease(pool, merchant, id);
    throw error;
  }
  deps.reached?.('charge:executed');
  const { changed } = await inTransaction(pool, (tx) => bookOutcome(tx, merchant, id, outcome, listeners));
  if (changed) observe(deps, attempt, outcome);
}

function observe(
  { observer = UNOBSERVED }: ChargeDeps,
  { provider }: AttemptToCharge,
  outcome: Outcome,
): void {
  const reason = outcome.state === 'declined' ? outcome.reason : null;
  observer.outcome({ provider, state: outcome.state, reason });
}

function orderOf(attempt: AttemptToCharge, at: string): ChargeOrder {
  const { id, merchant, clockId, amountMinor, currency, token } = attempt;
  return { attemptId: id, merchantId: merchant, clockId, at, amountMinor, currency, token };
}

/** A provider that is silent for too long has an unknown outcome; what it says later is told by a look-up. */
async function inTime(answer: Promise<Outcome>, ms: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ state: 'unknown' }), ms);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
