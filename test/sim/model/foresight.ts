import type { Agreement } from './agreement.ts';
import type { Item } from './state.ts';
import type { LocalDate } from './types.ts';
import type { Pinned } from './versions.ts';

/** A scheduled change: its day, and the number of its command. */
export interface Scheduled {
  day: LocalDate;
  number: number;
  asked: Pinned;
}

/** The instant up to which an item is billed in advance: the first day on which it is known to end or to change (rule 9). */
export type Bound = (subject: string, item: Item) => number;

/**
 * Performs the scheduled changes and the end of the term on a copy, day by day, up to the end or a pause. A change bounds an
 * item only if the variants before and after it prorate. Otherwise it is passed over.
 */
export function foresee(agreement: Agreement, scheduled: readonly Scheduled[], today: LocalDate): Bound {
  const copy = agreement.copy();
  copy.state.begun = true;
  const items = itemsOf(copy);
  const changes = new Map<Item, number>();
  let all = Infinity;
  for (let day = nextDay(copy, scheduled, today); day !== null; day = nextDay(copy, scheduled, day)) {
    const instant = copy.start(day);
    const before = copy.variant;
    const due = scheduled.filter((each) => each.day === day).map(({ asked }) => asked);
    copy.pass({ at: instant, day, decided: null }, due);
    if (copy.state.ended || copy.paused) {
      all = instant;
      break;
    }
    const prorated = before.proration !== 'none' && copy.variant.proration !== 'none';
    for (const [item, subject] of items) {
      if (copy.stands(subject, item, instant)) continue;
      items.delete(item);
      if (prorated) changes.set(item, instant);
    }
  }
  return (subject, item) => {
    const booked = subject === 'fee' ? Infinity : copy.named(subject).to;
    return Math.min(all, booked, changes.get(item) ?? Infinity);
  };
}

/** The next day on which something is known to happen, or null. */
function nextDay(copy: Agreement, scheduled: readonly Scheduled[], today: LocalDate): LocalDate | null {
  const days = [...scheduled.map(({ day }) => day), ...(copy.ends === null ? [] : [copy.ends])];
  return days.filter((day) => day > today).sort()[0] ?? null;
}

function itemsOf({ state }: Agreement): Map<Item, string> {
  const items = new Map<Item, string>([[state.phases.at(-1)!, 'fee']]);
  for (const { name, revisions } of state.subscriptions)
    for (const revision of revisions) items.set(revision, name);
  return items;
}
