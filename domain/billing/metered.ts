import { type Instant, daysBetween } from '../arithmetic/calendar.ts';
import { meteredPeriod } from '../contracts/grids.ts';
import { includedOf, pricedParts } from '../contracts/items.ts';
import type {
  Aggregation,
  ContractState,
  Item,
  LineTax,
  NewId,
  RatedPart,
  ReopenedPeriod,
} from '../contracts/state.ts';
import {
  type Dec,
  cmp,
  dec,
  decText,
  formatMinor,
  isNegative,
  isZero,
  max,
  neg,
  sub,
} from '../arithmetic/money.ts';
import { type PricedPart, roundParts } from '../catalogue/pricing.ts';
import type { Range } from '../arithmetic/ranges.ts';
import type { Charge, UsageDerivation } from '../books/charge.ts';
import { printedRange } from './difference.ts';
import { type StepContext, periodsIn, arrearsSpan } from './due.ts';
import { taxOn } from '../books/tax-on.ts';

/** A span of time in which the usage of a component subscription is aggregated. */
export interface UsageSpan {
  readonly subscriptionId: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly aggregation: Aggregation;
}

/** Returns the total of the events in a span as decimal text, 0 if there are none. */
export type UsageTotals = (span: UsageSpan) => string;

/** A metered period that was rated, to be stored. */
export interface RatedPeriod {
  readonly subscriptionId: string;
  readonly itemId: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly total: string;
  /** The tax of all lines of the period, also of those for late usage. */
  readonly tax: LineTax;
}

export interface Metered {
  readonly charges: Charge[];
  readonly periods: RatedPeriod[];
}

const zero = dec(0);
/** The part number of the cap's line, higher than that of any tier. */
const CAP_PART = 9999;

/** A period to be rated, and the parts that were billed of it before. */
interface PeriodToRate {
  readonly item: Item;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly before: readonly RatedPart[] | null;
  /** The tax at which it was rated before; null if it was not. */
  readonly tax: LineTax | null;
}

/**
 * Rates the metered periods that a step closes, and rates again those that late usage has reopened. Of a reopened
 * period only the difference is billed.
 * @throws DomainError tax_rate_missing
 */
export function meteredCharges(
  context: StepContext,
  totals: UsageTotals,
  newId: NewId,
  late: readonly ReopenedPeriod[],
): Metered {
  const again = late.map(({ parts, ...period }) => ({
    ...period,
    before: parts,
    tax: period.tax ?? parts[0]?.tax ?? null,
  }));
  const rated = [...again, ...closedPeriods(context)].map((period) =>
    rate(context.after, period, totals, newId),
  );
  return { charges: rated.flatMap((each) => each.charges), periods: rated.map((each) => each.period) };
}

const closedPeriods = (context: StepContext): PeriodToRate[] =>
  meteredPeriods(context.after, (item) => arrearsSpan(context, item));

/**
 * The metered periods that end in a span of their item. A booking, the trial, a removal or an end cuts a period short.
 * The revision in force at the period's end prices all of it.
 */
export function meteredPeriods(state: ContractState, spanOf: (item: Item) => Range | null): PeriodToRate[] {
  const metered = [...state.past, ...state.items].filter((item) => item.pricing.aggregation !== null);
  const periods = new Map<string, PeriodToRate>();
  // Sorted by revision, so that the last revision in force in a period replaces the others.
  for (const item of metered.sort((a, b) => a.revision - b.revision)) {
    const span = spanOf(item);
    if (span === null) continue;
    const sameGrid = metered.filter((each) => each.subject === item.subject && each.anchor === item.anchor);
    for (const period of periodsIn(state.zone, item, span)) {
      const { start: startsAt, end: endsAt } = meteredPeriod(period, sameGrid, state.trialEndsAt);
      const inForce = item.effectiveAt < endsAt;
      if (startsAt >= endsAt || endsAt > span.end || !inForce || period.start < span.start) continue;
      periods.set(`${item.subject} ${startsAt}`, { item, startsAt, endsAt, before: null, tax: null });
    }
  }
  return [...periods.values()];
}

/** Rates a period with its usage so far. The lines are the difference to the amounts that were billed of it before. */
export function rate(
  state: ContractState,
  { item, startsAt, endsAt, before, tax: ratedAt }: PeriodToRate,
  totals: UsageTotals,
  newId: NewId,
): { charges: Charge[]; period: RatedPeriod } {
  const aggregation = item.pricing.aggregation ?? 'sum';
  const total = totals({ subscriptionId: item.subject, startsAt, endsAt, aggregation });
  const printed = printedRange(state, { start: startsAt, end: endsAt });
  // A period keeps the tax at which it was rated, even if the customer has moved since.
  const tax = ratedAt ?? taxOn(state, item.pricing.taxPolicyId, printed.from);
  const period = { subscriptionId: item.subject, itemId: item.id, startsAt, endsAt, total, tax };
  const tiers = tiersOf(item, total, state.currency);
  const charges = differences(tiers, before, tax).map((each) => ({
    id: newId('charge'),
    itemId: item.id,
    subject: item.subject,
    part: each.part,
    kind: 'usage' as const,
    reversesId: null,
    oneTimeId: null,
    text: item.pricing.name,
    ...printed,
    ...priced(each, state.currency),
    fullAmount: decText(each.tier.amount),
    unit: 'day' as const,
    used: daysBetween(printed.from, printed.to),
    fullLength: daysBetween(printed.from, printed.to),
    amountMinor: each.minor - each.billedMinor,
    tax: each.tax,
    derivation: derivationOf(item, { total, aggregation, late: before !== null }, each, printed),
  }));
  return { charges, period };
}

interface Tier {
  readonly part: number;
  readonly tier: PricedPart;
  readonly minor: bigint;
}

/** The price of a total, tier by tier. A total that costs nothing makes one part of 0.00; a total of 0 makes none. */
function tiersOf(item: Item, total: string, currency: string): Tier[] {
  const exact = pricedParts(item, decText(max(dec(total), zero)));
  const all = roundParts(exact, currency, item.pricing.cap ?? undefined);
  const charged = all.filter(
    ({ minor, part }) => minor !== 0n || part.kind === 'units' || part.kind === 'flat',
  );
  return (charged.length > 0 ? charged : all.slice(0, 1)).map(({ part, minor }) => ({
    part: part.kind === 'cap' ? CAP_PART : (part.tier ?? 0),
    tier: part,
    minor,
  }));
}

interface Difference extends Tier {
  readonly billedMinor: bigint;
  readonly billedQuantity: string;
  readonly samePrice: boolean;
  readonly tax: LineTax;
}

/** The difference of each tier to the amount that was billed of it, at the tax of the earlier line. */
function differences(
  tiers: readonly Tier[],
  before: readonly RatedPart[] | null,
  tax: LineTax,
): Difference[] {
  if (before === null) {
    return tiers.map((each) => ({ ...each, billedMinor: 0n, billedQuantity: '0', samePrice: true, tax }));
  }
  // Included units belong to no tier. They have a line only if a period has no other.
  const charged = tiers.filter(({ tier }) => tier.kind !== 'included');
  const missing = before.filter((old) => !charged.some((each) => each.part === old.part)).map(nothingOf);
  return [...charged, ...missing].flatMap((each) => {
    const old = before.find((one) => one.part === each.part);
    if ((old?.amountMinor ?? 0n) === each.minor) return [];
    const first = old === undefined || (old.amountMinor === 0n && isZero(dec(old.unitPrice)));
    return [
      {
        ...each,
        billedMinor: old?.amountMinor ?? 0n,
        billedQuantity: first ? '0' : old.quantity,
        samePrice: first || cmp(dec(old.unitPrice), dec(each.tier.unitPrice)) === 0,
        tax: old?.tax ?? tax,
      },
    ];
  });
}

/** A tier that was billed and that the usage no longer reaches. */
function nothingOf({ part, unitPrice }: RatedPart): Tier {
  const tier = { kind: part === CAP_PART ? 'cap' : 'units', tier: part === CAP_PART ? null : part } as const;
  return { part, minor: 0n, tier: { ...tier, from: null, to: null, quantity: '0', unitPrice, amount: zero } };
}

/** Quantity and unit price as printed. For a cap, and if the unit price has changed, they are 1 and the difference. */
function priced(each: Difference, currency: string): { quantity: string; unitPrice: string } {
  const quantity = sub(dec(each.tier.quantity), dec(each.billedQuantity));
  if (each.samePrice && each.part !== CAP_PART && cmp(quantity, zero) !== 0) {
    return { quantity: decText(quantity), unitPrice: each.tier.unitPrice };
  }
  return { quantity: '1', unitPrice: formatMinor(each.minor - each.billedMinor, currency) };
}

function derivationOf(
  item: Item,
  { total, aggregation, late }: { total: string; aggregation: Aggregation; late: boolean },
  each: Difference,
  { from, to }: { from: string; to: string },
): UsageDerivation {
  const { variantVersionId, componentVersionId, model, cap } = item.pricing;
  const rated: Dec = dec(total);
  const amount = decText(each.tier.amount);
  return {
    price: { variant_version: variantVersionId, component_version: componentVersionId },
    model,
    quantity: decText(max(rated, zero)),
    included: includedOf(item),
    cap,
    part: { ...each.tier, amount },
    full_amount: amount,
    full_period: { start: from, end: to },
    usage: {
      aggregation,
      total,
      shortfall: isNegative(rated) ? decText(neg(rated)) : '0',
      tier_minor: each.minor.toString(),
      billed_before_minor: each.billedMinor.toString(),
    },
    why: late ? 'late_usage' : 'usage',
    rounding: 'half away from zero',
  };
}
