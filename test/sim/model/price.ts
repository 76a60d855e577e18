import { ZERO, above, exact, least, minus, most, plus, times, toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import type { Component, Usage } from './types.ts';

/** One line of the price of a full period. `key` identifies it: its tier, the tier that the quantity reaches, or the cap. */
export interface Priced {
  key: string;
  tier: number | null;
  amount: Exact;
}

type Terms = Pick<Component, 'model' | 'cap'>;

/**
 * The lines of a quantity, of which the first `included` units are free. The cap's line is the amount by which the rounded
 * lines of the full period exceed the cap, so that printed lines never exceed it.
 */
export function priced({ model, cap }: Terms, quantity: Exact, included: Exact, digits: number): Priced[] {
  const lines = uncapped(model, quantity, included);
  if (cap === null) return lines;
  const whole = (amount: Exact): Exact => ({ over: toMinor(amount, digits), under: 10n ** BigInt(digits) });
  const total = lines.reduce((sum, line) => plus(sum, whole(line.amount)), ZERO);
  if (!above(total, exact(cap))) return lines;
  return [...lines, { key: 'cap', tier: null, amount: minus(exact(cap), total) }];
}

function uncapped(model: Component['model'], quantity: Exact, included: Exact): Priced[] {
  const paid = most(minus(quantity, included), ZERO);
  if (model.kind === 'free' || !above(paid, ZERO)) return [];
  const one = (price: Exact, key = 'all'): Priced[] => [{ key, tier: null, amount: times(paid, price) }];
  if (model.kind === 'simple') return one(exact(model.price));
  if (model.kind === 'discount') {
    const reached = model.tiers.filter((tier) => !above(exact(tier.from), quantity));
    const percent = reached.length === 0 ? ZERO : exact(reached[reached.length - 1]!.percent);
    const left = minus({ over: 1n, under: 1n }, { ...percent, under: percent.under * 100n });
    return one(times(exact(model.price), left), `reached ${Math.max(0, reached.length - 1)}`);
  }
  if (model.kind === 'volume') {
    const reached = model.tiers.findIndex(({ upTo }) => upTo === null || !above(quantity, exact(upTo)));
    return one(exact(model.tiers[reached]!.price), `reached ${reached}`);
  }
  return stacked(model, quantity, included);
}

/** Graduated prices and buckets: the units of each tier, less included ones, at the tier's price or its flat price. */
function stacked(
  model: Extract<Component['model'], { kind: 'graduated' | 'volume' | 'buckets' }>,
  quantity: Exact,
  included: Exact,
): Priced[] {
  const lines: Priced[] = [];
  let bound = ZERO;
  model.tiers.forEach((tier, index) => {
    const upper = tier.upTo === null ? quantity : least(exact(tier.upTo), quantity);
    const units = minus(upper, most(bound, included));
    if (above(units, ZERO)) {
      const amount = 'flat' in tier ? exact(tier.flat) : times(units, exact(tier.price));
      lines.push({ key: `tier ${index}`, tier: index, amount });
    }
    if (tier.upTo !== null) bound = exact(tier.upTo);
  });
  return lines;
}

/** The total of a period's events, given in the order of their reports. A total below zero is 0. */
export function totalOf(aggregation: Component['aggregation'], events: readonly Usage[]): Exact {
  const quantities = events.map((event) => exact(event.quantity));
  if (events.length === 0) return ZERO;
  if (aggregation === 'max') return most(quantities.reduce(most), ZERO);
  if (aggregation === 'last') {
    let last = events[0]!;
    for (const event of events) if (Date.parse(event.at) >= Date.parse(last.at)) last = event;
    return most(exact(last.quantity), ZERO);
  }
  if (aggregation !== 'unique') return most(quantities.reduce(plus), ZERO);
  const sums = new Map<string, Exact>();
  events.forEach((event, i) => {
    const value = event.value ?? '';
    sums.set(value, plus(sums.get(value) ?? ZERO, quantities[i]!));
  });
  return { over: BigInt([...sums.values()].filter((sum) => above(sum, ZERO)).length), under: 1n };
}
