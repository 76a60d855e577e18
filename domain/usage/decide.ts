import type { Instant } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { type Dec, cmp, dec, neg } from '../arithmetic/money.ts';
import { QUANTITY_DECIMALS, decimalsOf } from '../arithmetic/quantities.ts';
import type { Aggregation } from '../contracts/state.ts';

/** The reasons for which an entry of usage is not counted. */
export const USAGE_REJECTIONS = [
  'event_id_reused',
  'after_contract_end',
  'before_contract_start',
  'in_the_future',
  'not_booked',
  'not_metered',
  'paused',
  'value_required',
  'invalid_quantity',
] as const;
type UsageRejection = (typeof USAGE_REJECTIONS)[number];

/** An entry of usage as it was sent. */
export interface ReportedUsage {
  readonly eventId: string;
  readonly componentId: string;
  /** Null if none was sent. */
  readonly quantity: string | number | null;
  /** An instant, or `NOW`. */
  readonly at: string;
  readonly value: string | null;
}

/** Usage that counts. */
export interface UsageEvent {
  readonly eventId: string;
  readonly subscriptionId: string;
  readonly at: Instant;
  /** Decimal text. */
  readonly quantity: string;
  readonly value: string | null;
  readonly reported: ReportedUsage;
}

/** A span in which a component subscription is booked; `endsAt` is null if no end is known. */
interface SubscriptionSpan {
  readonly subscriptionId: string;
  readonly componentId: string;
  /** Null unless the component is metered. */
  readonly aggregation: Aggregation | null;
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

/** Everything about a contract that decides whether usage counts. */
export interface UsageTimeline {
  readonly now: Instant;
  readonly startsAt: Instant;
  readonly ended: boolean;
  readonly pauses: readonly { readonly startsAt: Instant; readonly endsAt: Instant | null }[];
  /** Oldest subscription first. If two are booked at an instant, the older one gets the usage. */
  readonly booked: readonly SubscriptionSpan[];
}

/** The answer to an entry. `reason` is null if the entry counts. */
export interface UsageAnswer {
  readonly eventId: string;
  readonly reason: UsageRejection | null;
  readonly at: Instant;
}

/** The largest quantity of an event. It has at most the decimals of a booked quantity, so that sums stay exact. */
const MOST = dec('1000000000000');

/**
 * Decides which entries count, in their order. A known event id with the same content gets the same answer and is not
 * counted again, also within the list. A rejected entry is not stored, and is decided again if it is sent again.
 */
export function decideUsage(
  timeline: UsageTimeline,
  stored: readonly UsageEvent[],
  entries: readonly ReportedUsage[],
): { readonly answers: UsageAnswer[]; readonly events: UsageEvent[] } {
  const known = new Map(stored.map((event) => [event.eventId, event]));
  const events: UsageEvent[] = [];
  const answers = entries.map((entry): UsageAnswer => {
    const { eventId } = entry;
    const at = entry.at === 'NOW' ? timeline.now : entry.at;
    const before = known.get(eventId);
    if (before !== undefined) {
      return sameContent(before.reported, entry)
        ? { eventId, reason: null, at: before.at }
        : { eventId, reason: 'event_id_reused', at };
    }
    const decided = decideEntry(timeline, entry, at);
    if (typeof decided === 'string') return { eventId, reason: decided, at };
    known.set(eventId, decided);
    events.push(decided);
    return { eventId, reason: null, at };
  });
  return { answers, events };
}

/** The event of an entry, or the reason for which the entry is rejected. */
function decideEntry(
  timeline: UsageTimeline,
  entry: ReportedUsage,
  at: Instant,
): UsageEvent | UsageRejection {
  if (timeline.ended) return 'after_contract_end';
  if (at < timeline.startsAt) return 'before_contract_start';
  if (at > timeline.now) return 'in_the_future';
  const { componentId, value, eventId } = entry;
  const booked = timeline.booked.find((each) => each.componentId === componentId && contains(each, at));
  if (booked === undefined) return 'not_booked';
  if (booked.aggregation === null) return 'not_metered';
  if (timeline.pauses.some((pause) => contains(pause, at))) return 'paused';
  if (booked.aggregation === 'unique' && value === null) return 'value_required';
  const quantity = quantityOf(entry.quantity ?? (booked.aggregation === 'unique' ? '1' : ''));
  if (quantity === null) return 'invalid_quantity';
  return { eventId, subscriptionId: booked.subscriptionId, at, quantity, value, reported: entry };
}

const contains = (
  { startsAt, endsAt }: { readonly startsAt: Instant; readonly endsAt: Instant | null },
  at: Instant,
): boolean => startsAt <= at && (endsAt === null || at < endsAt);

/** The quantity with the digits that were sent; null if it is invalid. */
function quantityOf(sent: string | number): string | null {
  const value = decimalOf(sent);
  if (value === null || cmp(value, MOST) > 0 || cmp(value, neg(MOST)) < 0) return null;
  const text = String(sent);
  return decimalsOf(text) > QUANTITY_DECIMALS ? null : text;
}

function decimalOf(sent: string | number): Dec | null {
  try {
    return dec(sent);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

function sameContent(a: ReportedUsage, b: ReportedUsage): boolean {
  const same = a.componentId === b.componentId && a.at === b.at && a.value === b.value;
  return same && sameQuantity(a.quantity, b.quantity);
}

/** Compares by value: 1.0 equals 1, as a number and as a text. */
function sameQuantity(a: string | number | null, b: string | number | null): boolean {
  if (a === null || b === null) return a === b;
  const [first, second] = [decimalOf(a), decimalOf(b)];
  return first !== null && second !== null && cmp(first, second) === 0;
}
