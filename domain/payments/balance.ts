import {
  type Instant,
  type Interval,
  addDays,
  addDaysAtSameTime,
  dateAt,
  later,
  startOfDay,
} from '../arithmetic/calendar.ts';
import { type RunCalendar, nextRun } from '../books/runs.ts';
import { type AttemptState, OPEN_ATTEMPT } from './attempt.ts';
import { PAUSE_LEVEL } from './dunning.ts';

/**
 * The states of a collection of an account, which collects several receivables in one payment:
 *
 *   planned ─ opened ─▶ noticed ─ on its day ─▶ collecting ─ succeeded ─▶ collected ─ chargeback ─▶ charged_back
 *      │         └──────── without a notice ──────▶ │ └─ third decline ─▶ stopped
 *      ├──▶ below_threshold, no_payment_method      └─ money from elsewhere ─▶ paid, below_threshold
 *      └──▶ withdrawn (the calendar was removed)
 *
 *   stopped, charged_back ─ money from elsewhere ─▶ paid, below_threshold
 *   collecting (between two attempts), stopped, charged_back ─ collected by hand ─▶ replaced
 */
export const COLLECTION_STATES = [
  'planned',
  'noticed',
  'collecting',
  'stopped',
  'charged_back',
  'collected',
  'paid',
  'below_threshold',
  'no_payment_method',
  'replaced',
  'withdrawn',
] as const;
export type CollectionState = (typeof COLLECTION_STATES)[number];

/** A collection in one of these states has receivables that it may still collect. No other collection of the calendar takes them. */
export const UNFINISHED_COLLECTION: readonly CollectionState[] = [
  'noticed',
  'collecting',
  'stopped',
  'charged_back',
];

const FINAL: readonly CollectionState[] = [
  'paid',
  'below_threshold',
  'no_payment_method',
  'replaced',
  'withdrawn',
];

/** Whether a collection never collects anything again. One that has collected may be charged back. */
function isFinal(state: CollectionState): boolean {
  return FINAL.includes(state);
}

/** A receivable of a collection. */
export interface CollectedReceivable {
  readonly id: string;
  /** Its open amount when the collection was opened. No more is collected. */
  readonly amountMinor: bigint;
  /** Its open amount now. */
  readonly openMinor: bigint;
}

/** A part of a payment, and the receivable that it pays. */
export interface Share {
  readonly receivableId: string;
  readonly amountMinor: bigint;
}

/** The part of each receivable that a collection can collect: its open amount when the collection was opened, or now if that is less. */
export function sharesOf(receivables: readonly CollectedReceivable[]): Share[] {
  return receivables
    .map(({ id, amountMinor, openMinor }) => ({
      receivableId: id,
      amountMinor: amountMinor < openMinor ? amountMinor : openMinor,
    }))
    .filter(({ amountMinor }) => amountMinor > 0n);
}

function totalOf(shares: readonly Share[]): bigint {
  return shares.reduce((total, { amountMinor }) => total + amountMinor, 0n);
}

/** The amount that is collected in one payment: all shares, or nothing if they are not more than the threshold. */
export function collectable(
  receivables: readonly CollectedReceivable[],
  { state, thresholdMinor }: { readonly state: CollectionState; readonly thresholdMinor: bigint },
): bigint {
  const total = totalOf(sharesOf(receivables));
  return isFinal(state) || total <= thresholdMinor ? 0n : total;
}

/** When an account collects. */
export interface CollectionCalendar {
  /** Null: by hand only. */
  readonly calendar: RunCalendar | null;
  readonly noticeDays: number;
  readonly zone: string;
}

/** The days of a collection: the notice goes out at `noticeAt` (null for no notice), and the money is collected at `dueAt`. */
export interface CollectionDays {
  readonly noticeAt: Instant | null;
  readonly dueAt: Instant;
}

/** The next collection of the calendar after an instant. Its notice can still go out in time. Null without a calendar. */
export function nextCollection(
  { calendar, noticeDays, zone }: CollectionCalendar,
  after: Instant,
): CollectionDays | null {
  if (calendar === null) return null;
  const dueAt = nextRun(calendar, addDaysAtSameTime(after, noticeDays, zone), zone);
  if (noticeDays === 0) return { noticeAt: null, dueAt };
  return { noticeAt: startOfDay(addDays(dateAt(dueAt, zone), -noticeDays), zone), dueAt };
}

/** The instant at which a collection that is opened now collects: its day, or later, so that `noticeDays` lie after the notice. */
export function dueAfterNotice(
  dueAt: Instant,
  { now, noticeDays, zone }: { readonly now: Instant; readonly noticeDays: number; readonly zone: string },
): Instant {
  if (noticeDays === 0) return later(dueAt, now);
  return later(dueAt, startOfDay(addDays(dateAt(now, zone), noticeDays), zone));
}

const SHORTEST_DAYS = { day: 1, week: 7, month: 28, year: 365 } as const;

/** Whether notices of two collections may overlap, so that the second would announce what the first has not collected yet. */
export function noticesOverlap(every: Interval, noticeDays: number): boolean {
  return noticeDays >= every.count * SHORTEST_DAYS[every.unit];
}

/** The state in which a collection is opened, when its receivables are taken. */
export function openedState(of: {
  readonly openMinor: bigint;
  readonly thresholdMinor: bigint;
  readonly hasMethod: boolean;
  readonly noticeDays: number;
}): CollectionState {
  if (of.openMinor <= of.thresholdMinor) return 'below_threshold';
  if (!of.hasMethod) return 'no_payment_method';
  return of.noticeDays > 0 ? 'noticed' : 'collecting';
}

/** Everything that decides the state of a collection after a change. */
export interface CollectionFacts {
  readonly state: CollectionState;
  readonly dueAt: Instant;
  readonly receivables: readonly CollectedReceivable[];
  readonly thresholdMinor: bigint;
  readonly dunningLevel: number;
  readonly attempts: readonly { readonly state: AttemptState }[];
}

/** The state of a collection after its attempts, its receivables or its dunning have changed. */
export function collectionState(facts: CollectionFacts, now: Instant): CollectionState {
  const { state, attempts, receivables } = facts;
  if (isFinal(state) || state === 'planned') return state;
  if (state === 'noticed' && now < facts.dueAt) return state;
  if (attempts.some((each) => OPEN_ATTEMPT.includes(each.state))) return 'collecting';
  const succeeded = attempts.some((each) => each.state === 'succeeded');
  if (collectable(receivables, facts) === 0n) {
    if (succeeded && state !== 'charged_back') return 'collected';
    return totalOf(sharesOf(receivables)) === 0n && attempts.length > 0 ? 'paid' : 'below_threshold';
  }
  if (succeeded) return 'charged_back';
  return facts.dunningLevel >= PAUSE_LEVEL ? 'stopped' : 'collecting';
}
