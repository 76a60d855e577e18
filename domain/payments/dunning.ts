import { type Instant, addDaysAtSameTime, addDuration } from '../arithmetic/calendar.ts';
import { type AttemptState, OPEN_ATTEMPT, hasNoOutcome } from './attempt.ts';

/**
 * How a receivable stands while it is collected by attempts (`domain/payments/attempt.ts`). Its contract is to pause
 * (`stopped`) after as many declines as `PAUSE_LEVEL`:
 *
 *   first attempt ─ declined ─▶ +3 days ─ declined ─▶ +7 days ─ declined ─▶ contract paused, waits for money
 *        └─ succeeded ─▶ finished ─ chargeback ─▶ waits for money, is not tried again by itself
 *
 * Money from anywhere finishes it, at any time; a payment method that was not tried yet is tried at once.
 */
export type ReceivableState = 'open' | 'dunned' | 'stopped' | 'paid';

/** What a receivable may become. It is open again after a chargeback, and its dunning begins anew. */
const receivableSuccessors: Readonly<Record<ReceivableState, readonly ReceivableState[]>> = {
  open: ['dunned', 'stopped', 'paid'],
  dunned: ['dunned', 'stopped', 'paid'],
  stopped: ['paid'],
  paid: ['open'],
};

export function receivableState(of: {
  readonly openMinor: bigint;
  readonly dunningLevel: number;
}): ReceivableState {
  if (of.openMinor === 0n) return 'paid';
  if (of.dunningLevel === 0) return 'open';
  return of.dunningLevel < PAUSE_LEVEL ? 'dunned' : 'stopped';
}

export function receivableMayBecome(from: ReceivableState, to: ReceivableState): boolean {
  return receivableSuccessors[from].includes(to);
}

/** The dunning level of a receivable after so many declines. One that is paid, or stopped already, keeps its level. */
export function levelAfterDecline(
  of: { readonly openMinor: bigint; readonly dunningLevel: number },
  declines: number,
): number {
  if (!receivableMayBecome(receivableState(of), 'dunned')) return of.dunningLevel;
  return Math.max(of.dunningLevel, Math.min(PAUSE_LEVEL - 1, declines));
}

/** An attempt as collection sees it. All instants are on the customer's clock. */
export interface Attempt {
  readonly id: string;
  readonly state: AttemptState;
  /** When it was planned. */
  readonly effectiveAt: Instant;
  readonly sentAt: Instant | null;
  /** When its state was last booked or looked up. */
  readonly decidedAt: Instant | null;
  readonly lookups: number;
}

/** All that decides about a receivable's collection. */
export interface CollectionCase {
  readonly openMinor: bigint;
  /** In the order of their numbers. */
  readonly attempts: readonly Attempt[];
  /** What could be charged now: nothing, a method that no attempt has used yet, or one that was used. */
  readonly paymentMethod: 'none' | 'new' | 'used';
  /** 0 to 2 is the number of declines; 3 says that the pause was asked for. */
  readonly dunningLevel: number;
  /** Collection's own agenda row: before it, a planned attempt is somebody else's (the contract's, at first). */
  readonly agendaDue: Instant | null;
  readonly now: Instant;
  readonly timeZone: string;
}

/** What collection does next. `until: null` waits for money, for a webhook or for a payment method. */
export type CollectionStep =
  | { readonly kind: 'finished' }
  | { readonly kind: 'wait'; readonly until: Instant | null }
  /** Charge this planned attempt, or plan one for all that is open. */
  | { readonly kind: 'charge'; readonly attemptId: string | null }
  | { readonly kind: 'lookup'; readonly attemptId: string }
  | { readonly kind: 'pause_contract' };

/** The level at which the contract is paused, after as many declines. */
export const PAUSE_LEVEL = 3;
/** Calendar days after the first attempt, same local time. */
const RETRY_DAYS = [3, 7] as const;
const LAST_RETRY_DAYS = 7;
/** Minutes from the answer (or the last look-up) to the next: after 1, 5 and 30 minutes in all, then hourly. */
const LOOKUP_MINUTES = [1, 4, 25] as const;
const LATER_LOOKUP_MINUTES = 60;
/** Attempts that wait for a webhook are looked up every few days, too, because webhooks get lost. */
const PENDING_LOOKUP_DAYS = 7;

/** The one next step, from what is stored; the same case always gives the same step. */
export function nextStep(found: CollectionCase): CollectionStep {
  const open = found.attempts.find(({ state }) => OPEN_ATTEMPT.includes(state));
  // Even when the receivable was paid otherwise: its money may come, and must be booked.
  if (open !== undefined) return followAttempt(open, found);
  if (found.openMinor === 0n) return { kind: 'finished' };
  // Somebody gave another method so that it is used, whatever became of those before.
  if (found.paymentMethod === 'new') return { kind: 'charge', attemptId: null };
  if (found.attempts.some(({ state }) => state === 'succeeded')) return { kind: 'wait', until: null };
  return afterDeclines(found);
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
  // Without a method there is nothing to try; the day of the last attempt decides.
  const days = hasPaymentMethod ? RETRY_DAYS[declined.length - 1] : LAST_RETRY_DAYS;
  if (days === undefined) return { kind: 'pause_contract' };
  const planned = addDaysAtSameTime(attemptedAt(first), days, timeZone);
  // After a long outage, or a late decline, two attempts could fall on one moment: a day lies between them.
  const earliest = addDaysAtSameTime(attemptedAt(last), 1, timeZone);
  const due = planned > earliest ? planned : earliest;
  if (due > now) return { kind: 'wait', until: due };
  return hasPaymentMethod ? { kind: 'charge', attemptId: null } : { kind: 'pause_contract' };
}

function attemptedAt(attempt: Attempt): Instant {
  return attempt.sentAt ?? attempt.effectiveAt;
}

/** When the agenda wakes collection for a step: null takes it off, and what is to be done is due at once. */
export function agendaFor(step: CollectionStep, now: Instant): Instant | null {
  if (step.kind === 'finished') return null;
  return step.kind === 'wait' ? step.until : now;
}
