import { type Instant, dateAt, startOfDay } from '../arithmetic/calendar.ts';
import { arrearsBilledUntil, endOfBooking, gridOf, nextOf, wasCut } from '../contracts/grids.ts';
import type { Aggregation, ContractState } from '../contracts/state.ts';
import { type UsageTotals, meteredPeriods, rate } from './metered.ts';

/** A metered period that no bill run has closed, with its usage so far. */
export interface UsageSoFar {
  readonly subscriptionId: string;
  readonly componentId: string | null;
  readonly name: string;
  readonly aggregation: Aggregation;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly total: string;
  /** The amount that this total would cost. */
  readonly amountMinor: bigint;
}

/**
 * The metered periods that have begun and are not rated yet, oldest first: those that wait for their bill run, and the
 * current one. The trial has none.
 * @throws DomainError invalid_amount, tax_rate_missing
 */
export function usageSoFar(state: ContractState, now: Instant, totals: UsageTotals): UsageSoFar[] {
  if (state.phase === 'ended') return [];
  const [today, settled] = [dateAt(now, state.zone), dateAt(state.settledThrough, state.zone)];
  const periods = meteredPeriods(state, (item) =>
    wasCut(state, item)
      ? null
      : {
          start: arrearsBilledUntil(state, item, endOfBooking(state, item), settled),
          end: startOfDay(nextOf(gridOf(item), today), state.zone),
        },
  );
  return periods
    .filter(({ startsAt }) => startsAt <= now)
    .sort((a, b) => (a.startsAt < b.startsAt ? -1 : Number(a.startsAt > b.startsAt)))
    .map((open) => {
      const { charges, period } = rate(state, open, totals, (kind) => kind);
      const { componentId, pricing } = open.item;
      return {
        subscriptionId: period.subscriptionId,
        componentId,
        name: pricing.name,
        aggregation: pricing.aggregation ?? 'sum',
        startsAt: period.startsAt,
        endsAt: period.endsAt,
        total: period.total,
        amountMinor: charges.reduce((sum, each) => sum + each.amountMinor, 0n),
      };
    });
}
