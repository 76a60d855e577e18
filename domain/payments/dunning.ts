import { type Instant, addDaysAtSameTime, addDuration } from '../arithmetic/calendar.ts';
import { type AttemptState, OPEN_ATTEMPT, hasNoOutcome } from './attempt.ts';

/**
 * The states of a receivable that is collected by attempts (`domain/payments/attempt.ts`). After `PAUSE_LEVEL` declines it
 * is `stopped`, and its contract is asked to pause:
 *
 *   first attempt ─ declined ─▶ +3 days ─ declined ─▶ +7 days ─ declined ─▶ contract paused, waits for money
 *        └─ succeeded ─▶ finished ─ chargeback ─▶ waits for money, is not tried again by itself
 *
 * Money from any source finishes it at any time. A payment method that no attempt has used yet is tried at once.
 */
export type ReceivableState = 'open' | 'dunned' | 'stopped' | 'paid';

/** The states that may follow each state. After a chargeback a receivable is open again, and its dunning begins again. */
const receivableSuccessors: Readonly<Record<ReceivableState, readonly ReceivableState[]>> = {
  open: ['dunned', 'stopped', 'paid'],
  dunned: ['dunned', 'stopped', 'paid'],
  stopped: ['paid'],
  paid: ['open'],
};

/** The state of a receivable, by its open amount in minor units and its dunning level. */
export function receivableState(of: {
  readonly openMinor: bigint;
  readonly dunningLevel: number;
}): ReceivableState {
  if (of.openMinor === 0n) return 'paid';
  if (of.dunningLevel === 0) return 'open';
  return of.dunningLevel < PAUSE_LEVEL ? 'dunned' : 'stopped';
}

/** Whether `to` may follow `from`. */
export function receivableMayBecome(from: ReceivableState, to: ReceivableState): boolean {
  return receivableSuccessors[from].includes(to);
}

/** The dunning level of a receivable after a number of declines. One that is paid, or stopped already, keeps its level. */
export function levelAfterDecline(
  of: { readonly openMinor: bigint; readonly dunningLevel: number },
  declines: number,
): number {
  if (!receivableMayBecome(receivableState(of), 'dunned')) return of.dunningLevel;
  return Math.max(of.dunningLevel, Math.min(PAUSE_LEVEL - 1, declines));
}

/** The fields of an attempt that collection needs. All instants are on the customer's clock. */
export interface Attempt {
  readonly id: string;
  readonly state: AttemptState;
  /** When it was planned. */
  readonly effectiveAt: Instant;
  readonly sentAt: Instant | null;
  /** When its outcome was last recorded or looked up. */
  readonly decidedAt: Instant | null;
  readonly lookups: number;
}

/** Everything that decides the next step of a receivable's collection. */
export interface CollectionCase {
  readonly openMinor: bigint;
  /** In the order of their numbers. */
  readonly attempts: readonly Attempt[];
  /** The payment method that could be charged now: none, one that no attempt has used yet, or one that was used. */
  readonly paymentMethod: 'none' | 'new' | 'used';
  /** Whether its account collects by balance: no attempt is planned for a receivable alone. Those that are open go on. */
  readonly byBalance: boolean;
  /** The number of declines, 0 to 2; 3 means that the contract was asked to pause. */
  readonly dunningLevel: number;
  /** The instant of collection's agenda row. Until then, another workflow may send a planned attempt, as the contract's does first. */
  readonly agendaDue: Instant | null;
  readonly now: Instant;
  readonly timeZone: string;
  /** The account is deactivated: nothing is sent to a provider, but attempts that were sent are followed. */
  readonly onHold: boolean;
}

/** The next step of a collection. `until: null` waits for money, for a webhook or for a payment method. */
export type CollectionStep =
  | { readonly kind: 'finished' }
  | { readonly kind: 'wait'; readonly until: Instant | null }
  /** Charges a planned attempt, or, if `attemptId` is null, plans one for the open amount. */
  | { readonly kind: 'charge'; readonly attemptId: string | null }
  | { readonly kind: 'lookup'; readonly attemptId: string }
  | { readonly kind: 'pause_contract' };

/** The number of declines, and the dunning level, at which the contract is asked to pause. */
export const PAUSE_LEVEL = 3;
/** Calendar days after the first attempt, same local time. */
const RETRY_DAYS = [3, 7] as const;
const LAST_RETRY_DAYS = 7;
/** Minutes from the answer, or the last look-up, to the next look-up: 1, 5 and 30 minutes after the answer, then hourly. */
const LOOKUP_MINUTES = [1, 4, 25] as const;
const LATER_LOOKUP_MINUTES = 60;
/** Days between look-ups of an attempt that waits for a webhook, because webhooks get lost. */
const PENDING_LOOKUP_DAYS = 7;

/** The next step of a collection. The same case always gives the same step. */
export function nextCollectionStep(collection: CollectionCase): CollectionStep {
  const open = collection.attempts.find(({ state }) => OPEN_ATTEMPT.includes(state));
  // This comes first even if the receivable was paid otherwise: money of the attempt may still come and must be recorded.
  if (open !== undefined && !(collection.onHold && open.state === 'planned'))
    return followAttempt(open, collection);
  if (collection.openMinor === 0n) return { kind: 'finished' };
  if (collection.byBalance || collection.onHold) return { kind: 'wait', until: null };
  // A method that is new was added to be used, whatever the outcomes of earlier attempts were.
  if (collection.paymentMethod === 'new') return { kind: 'charge', attemptId: null };
  if (collection.attempts.some(({ state }) => state === 'succeeded')) return { kind: 'wait', until: null };
  return afterDeclines(collection);
}

function followAttempt(attempt: Attempt, { agendaDue, now, timeZone }: CollectionCase): CollectionStep {
  if (hasNoOutcome(attempt.state)) {
    return agendaDue !== null && agendaDue > now
      ? { kind: 'wait', until: agendaDue }
      : { kind: 'charge', attemptId: attempt.id };
  }
  const since = attempt.decidedAt ?? attempt.sentAt ?? attempt.effectiveAt;
  const due =
    attempt.state === 'unknown'
      ? addDuration(since, { minutes: LOOKUP_MINUTES[attempt.lookups] ?? LATER_LOOKUP_MINUTES })
      : addDaysAtSameTime(since, PENDING_LOOKUP_DAYS, timeZone);
  return due > now ? { kind: 'wait', until: due } : { kind: 'lookup', attemptId: attempt.id };
}

function afterDeclines({
  attempts,
  paymentMethod,
  dunningLevel,
  now,
  timeZone,
}: CollectionCase): CollectionStep {
  const hasPaymentMethod = paymentMethod !== 'none';
  const declined = attempts.filter(({ state }) => state === 'declined');
  const [first, last] = [declined[0], declined.at(-1)];
  if (first === undefined || last === undefined) {
    return hasPaymentMethod ? { kind: 'charge', attemptId: null } : { kind: 'wait', until: null };
  }
  if (dunningLevel >= PAUSE_LEVEL) return { kind: 'wait', until: null };
  // Without a method there is no retry, and the contract is paused on the day of the last one.
  const days = hasPaymentMethod ? RETRY_DAYS[declined.length - 1] : LAST_RETRY_DAYS;
  if (days === undefined) return { kind: 'pause_contract' };
  const planned = addDaysAtSameTime(attemptedAt(first), days, timeZone);
  // After a long outage or a late decline, two attempts could be due at once, so they are at least a day apart.
  const earliest = addDaysAtSameTime(attemptedAt(last), 1, timeZone);
  const due = planned > earliest ? planned : earliest;
  if (due > now) return { kind: 'wait', until: due };
  return hasPaymentMethod ? { kind: 'charge', attemptId: null } : { kind: 'pause_contract' };
}

function attemptedAt(attempt: Attempt): Instant {
  return attempt.sentAt ?? attempt.effectiveAt;
}

/** The instant of collection's agenda row for a step: now for work, null if nothing is due by itself. */
export function agendaFor(step: CollectionStep, now: Instant): Instant | null {
  if (step.kind === 'finished') return null;
  return step.kind === 'wait' ? step.until : now;
}
