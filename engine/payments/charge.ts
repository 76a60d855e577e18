import { type AttemptToCharge, endLease, loadAttempt, nextPlanned } from '../../db/payments/attempts.ts';
import { markSent } from './attempts.ts';
import type { WakeRule } from './update-collections.ts';
import { recordOutcome, recordLookup } from './outcomes.ts';
import { hasNoOutcome } from '../../domain/payments/attempt.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { type Observer, UNOBSERVED } from '../../telemetry/observer.ts';
import {
  type ChargeRequest,
  type Outcome,
  type PaymentProvider,
  type Providers,
  providerOf,
} from '../../psp/port.ts';

export interface ChargeDeps {
  readonly pool: Pool;
  readonly providers: Providers;
  /** How long a process that sent an attempt has for it. Then another looks it up. It must be longer than the activity may run. */
  readonly leaseSeconds?: number;
  /** How long a provider may take. Then the outcome is unknown. It must be shorter than the activity may run. */
  readonly answerWithinMs?: number;
  /** Called at the moments around which tests kill the process. */
  readonly onMoment?: (moment: 'charge:sent' | 'charge:executed') => void;
  readonly observer?: Pick<Observer, 'outcome'>;
}

/** This worker has no such provider. Retrying on the same worker does not help. */
export class UnknownProvider extends Error {}

/** Another process sent the attempt, and may still wait for its answer, for `seconds`. */
export class AttemptInFlight extends Error {
  readonly seconds: number;
  constructor(seconds: number) {
    super('another process sent this attempt and may still wait for its answer');
    this.seconds = seconds;
  }
}

/**
 * Sends a contract's attempt, or looks it up, and records its outcome.
 *
 * Money moves here. An attempt takes three transactions (rule 34): a bill or collection plans it; this function marks it as
 * sent, under the provider object that was prepared before; then it records the outcome. If the process dies in between, the
 * next one finds the row, and looks up an attempt that was sent before it sends anything.
 * @returns the id of the next attempt that the contract's workflow should send to this provider, or null
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
    // The contract handles only attempts that are planned or sent. Collection takes over all others.
    if (hasNoOutcome(state)) await sendOrLookUp(deps, attempt, {});
    return nextPlanned(deps.pool, merchant, contractId, provider);
  });
}

/**
 * Does the same for collection: sends an attempt that is planned, or looks up one that was sent before.
 * @throws UnknownProvider, AttemptInFlight
 */
export async function chargeOfCollection(deps: ChargeDeps, attemptId: string): Promise<void> {
  const attempt = await loadAttempt(deps.pool, attemptId);
  if (attempt === null) return;
  const recordedBy = attempt.receivableId ?? attempt.collectionId ?? attempt.id;
  await onBehalfOf(attempt.merchant, () => sendOrLookUp(deps, attempt, { recordedBy }));
}

async function sendOrLookUp(deps: ChargeDeps, attempt: AttemptToCharge, wakeRule: WakeRule): Promise<void> {
  const provider = providerOf(deps.providers, attempt.provider);
  if (provider === undefined) {
    throw new UnknownProvider(`no provider ${attempt.provider} here`);
  }
  if (attempt.state === 'planned') {
    const { providerObject } = await provider.prepare(requestOf(attempt, attempt.now));
    await send(deps, provider, attempt, providerObject, { again: false, wakeRule });
  } else if (attempt.state === 'sent' && attempt.leaseSeconds > 0) {
    throw new AttemptInFlight(attempt.leaseSeconds);
  } else if (attempt.providerObject !== null) {
    await lookUp(deps, provider, attempt, attempt.providerObject, wakeRule);
  }
}

/** Asks the provider for the outcome of an attempt that was sent. If the provider never executed it, it is sent again. */
async function lookUp(
  deps: ChargeDeps,
  provider: PaymentProvider,
  attempt: AttemptToCharge,
  providerObject: string,
  wakeRule: WakeRule,
): Promise<void> {
  const outcome = await provider.lookup(providerObject);
  const { merchant, id, state } = attempt;
  if (outcome === null && (state === 'sent' || state === 'unknown')) {
    await send(deps, provider, attempt, providerObject, { again: true, wakeRule });
    return;
  }
  const changed = await inTransaction(deps.pool, async (tx) => {
    const isNew =
      outcome === null ? false : (await recordOutcome(tx, merchant, id, outcome, wakeRule)).changed;
    if (!isNew) await recordLookup(tx, merchant, id, wakeRule);
    return isNew;
  });
  if (changed && outcome !== null) observe(deps, attempt, outcome);
}

async function send(
  deps: ChargeDeps,
  provider: PaymentProvider,
  attempt: AttemptToCharge,
  providerObject: string,
  { again, wakeRule }: { again: boolean; wakeRule: WakeRule },
): Promise<void> {
  const { pool, leaseSeconds = 20, answerWithinMs = 12_000 } = deps;
  const { merchant, id } = attempt;
  const sending = await inTransaction(pool, (tx) =>
    markSent(tx, attempt, providerObject, { leaseSeconds, again }),
  );
  if (sending.kind === 'in_flight') throw new AttemptInFlight(sending.seconds);
  if (sending.kind === 'not_needed') {
    const next = sending.replacedBy === null ? null : await loadAttempt(pool, sending.replacedBy);
    // An attempt for another provider belongs on that provider's task queue. Collection finds it there.
    if (next?.provider === attempt.provider) await sendOrLookUp(deps, next, wakeRule);
    return;
  }
  deps.onMoment?.('charge:sent');
  let outcome: Outcome;
  try {
    outcome = await outcomeWithin(
      provider.execute(requestOf(attempt, sending.at), providerObject),
      answerWithinMs,
    );
  } catch (error) {
    // A provider throws only if the request was not sent. The next try need not wait for the lease; it looks up first.
    await endLease(pool, merchant, id);
    throw error;
  }
  deps.onMoment?.('charge:executed');
  const { changed } = await inTransaction(pool, (tx) => recordOutcome(tx, merchant, id, outcome, wakeRule));
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

function requestOf(attempt: AttemptToCharge, at: string): ChargeRequest {
  const { id, merchant, clockId, amountMinor, currency, token } = attempt;
  return { attemptId: id, merchantId: merchant, clockId, at, amountMinor, currency, token };
}

/** Awaits a provider's answer. After `ms` the outcome is unknown, and a look-up finds a later answer. */
async function outcomeWithin(answer: Promise<Outcome>, ms: number): Promise<Outcome> {
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
