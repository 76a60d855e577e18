import type { UsageSpan } from '../../../domain/billing/metered.ts';
import type { ItemRow } from '../../../domain/contracts/state.ts';
import { type UsageEvent, type UsageTimeline, decideUsage } from '../../../domain/usage/decide.ts';
import { type Dec, add, cmp, dec, decText } from '../../../domain/arithmetic/money.ts';
import type { UsageReport } from '../backend.ts';

/** The usage of one contract, in the order in which it was consumed. */
export class PureUsage {
  private readonly events: UsageEvent[] = [];

  /** Reports an event. Returns it if it is consumed, with whether that is the first time; otherwise null. */
  report(
    timeline: UsageTimeline,
    { event, component, ...entry }: UsageReport,
    times: number,
  ): { event: UsageEvent; fresh: boolean } | null {
    const one = { ...entry, eventId: event, componentId: component };
    const entries = Array.from({ length: times }, () => one);
    const { answers, events } = decideUsage(timeline, this.events, entries);
    if (answers[0]?.reason !== null) return null;
    this.events.push(...events);
    const known = this.events.find((each) => each.eventId === event);
    return known === undefined ? null : { event: known, fresh: events.length > 0 };
  }

  total({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string {
    const events = this.events.filter(
      (each) => each.subscriptionId === subscriptionId && each.at >= startsAt && each.at < endsAt,
    );
    switch (aggregation) {
      case 'sum':
        return decText(sum(events));
      case 'max':
        return events.map((each) => each.quantity).reduce(most, '') || '0';
      case 'last':
        return events.reduce<UsageEvent | null>(last, null)?.quantity ?? '0';
      default: {
        const values = [...new Set(events.map((each) => each.value))];
        const counts = values.filter(
          (value) => cmp(sum(events.filter((each) => each.value === value)), dec(0)) > 0,
        );
        return String(counts.length);
      }
    }
  }
}

const sum = (events: readonly UsageEvent[]): Dec =>
  events.reduce((all, each) => add(all, dec(each.quantity)), dec(0));

const most = (a: string, b: string): string => (a === '' || cmp(dec(a), dec(b)) < 0 ? b : a);

const last = (a: UsageEvent | null, b: UsageEvent): UsageEvent => (a !== null && a.at > b.at ? a : b);

/** Every span in which a component was booked, the oldest subscription first. A span ends where the next revision begins. */
export function bookedOf(rows: readonly ItemRow[]): UsageTimeline['booked'] {
  return rows
    .filter((row) => row.subject !== 'fee')
    .sort((a, b) => (a.subject === b.subject ? a.revision - b.revision : a.subject < b.subject ? -1 : 1))
    .flatMap((row) => {
      if (row.quantity === null) return [];
      const later = rows.filter((each) => each.subject === row.subject && each.revision > row.revision);
      const ends = [row.endsAt, ...later.map((each) => each.effectiveAt)].filter((each) => each !== null);
      return {
        subscriptionId: row.subject,
        componentId: row.componentId ?? '',
        aggregation: row.pricing.aggregation,
        startsAt: row.effectiveAt,
        endsAt: ends.length === 0 ? null : ends.reduce((a, b) => (a < b ? a : b)),
      };
    });
}
