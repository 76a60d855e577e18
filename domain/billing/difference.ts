import { addDays, dateAt, daysBetween, secondsBetween, startOfDay } from '../arithmetic/calendar.ts';
import { includedOf, pricedParts } from '../contracts/items.ts';
import type { ContractState, CoveringLine, Item, NewId, Why } from '../contracts/state.ts';
import { type Dec, dec, decText, fromMinor, isZero } from '../arithmetic/money.ts';
import { type PricedPart, roundParts } from '../catalogue/pricing.ts';
import { creditFor, prorate } from '../arithmetic/proration.ts';
import { type Range, subtract } from '../arithmetic/ranges.ts';
import type { Charge } from '../books/charge.ts';
import { type DueRange, type Window, dueRanges } from './due.ts';
import { taxOn } from '../books/tax-on.ts';

/** Why a step bills, and whether what is covered and no longer due is credited. */
export interface Cause {
  readonly why: Why;
  readonly credit: boolean;
}

/**
 * The difference of recurring things: what is due and not covered becomes a line, what is covered and no longer due
 * becomes a credit. Running it again adds nothing.
 *
 * What is paid in advance is looked at from the day of the step on; days before it are closed. What is paused is not
 * due, but what was billed before stays billed, unless the variant credits it.
 * @throws DomainError tax_rate_missing
 */
export function difference(window: Window, newId: NewId, cause: Cause): Charge[] {
  const { after } = window;
  const items = [...after.items, ...after.past];
  const subjects = [
    ...new Set([...after.lines.map((line) => line.subject), ...items.map((item) => item.subject)]),
  ];
  const making = { ...window, ...cause, newId };
  return subjects.sort(feeFirst).flatMap((subject) => {
    const lines = after.lines.filter((line) => line.subject === subject);
    const revisions = items.filter((item) => item.subject === subject).sort(byRevision);
    const credits = lines.flatMap((line) => creditsOf(making, line));
    const credited = credits.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));
    const covered = subtract(lines.flatMap(coverOf), credited);
    return [...credits, ...revisions.flatMap((item) => linesOf(making, item, covered))];
  });
}

interface Making extends Window, Cause {
  readonly newId: NewId;
}

const byRevision = (a: Item, b: Item): number => a.revision - b.revision;

/** The fee's lines come before the components', and those in the order in which they were booked. */
function feeFirst(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'fee' || b === 'fee') return a === 'fee' ? -1 : 1;
  return a < b ? -1 : 1;
}

const uncoveredOf = (line: CoveringLine): Range[] =>
  line.uncovered.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));

/** Ranges that a line still covers. */
function coverOf(line: CoveringLine): Range[] {
  return subtract([{ start: line.startsAt, end: line.endsAt }], uncoveredOf(line));
}

/**
 * What this step takes back of a line. What an earlier one left with the customer, because a variant without proration
 * was in it, stays there: only items that were in force before the step are looked at.
 */
function creditsOf(making: Making, line: CoveringLine): Charge[] {
  const { before, after, from, credit } = making;
  const prorated = before.terms.proration !== 'none' && after.terms.proration !== 'none';
  const inForce = before.items.some(
    ({ id, endsAt }) => id === line.itemId && (endsAt === null || endsAt > from),
  );
  if (!credit || !prorated || !inForce) return [];
  const pauses = before.pauseReasons.length === 0 && after.pauseReasons.length > 0;
  const released = pauses && after.terms.creditOnPause;
  const item = released ? undefined : after.items.find((each) => each.id === line.itemId);
  const kept = item === undefined ? [] : [{ start: item.effectiveAt, end: item.endsAt ?? line.endsAt }];
  let taken = line.uncovered.reduce((sum, each) => sum + each.amountMinor, 0n);
  const past = { start: line.startsAt, end: from };
  return subtract(coverOf(line), [past, ...kept]).map((range) => {
    const charge = creditCharge(making, line, range, taken);
    taken += charge.amountMinor;
    return charge;
  });
}

/** `taken` is what earlier credits took, so of the opposite sign of the line. */
function creditCharge(
  { after, why, newId }: Making,
  line: CoveringLine,
  range: Range,
  taken: bigint,
): Charge {
  const days = lengthOf(after, range, line.unit);
  const leftDays = coverOf(line).reduce((sum, each) => sum + lengthOf(after, each, line.unit), 0);
  const amountMinor = creditFor({
    lineMinor: line.amountMinor,
    alreadyCredited: -taken,
    fullExact: dec(line.fullAmount),
    days,
    fullDays: line.fullDays,
    leftDays,
    currency: after.currency,
  });
  return {
    id: newId('charge'),
    itemId: line.itemId,
    subject: line.subject,
    part: line.part,
    kind: 'credit',
    reversesId: line.chargeId,
    oneTimeId: null,
    text: line.text,
    ...printedRange(after, range),
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    fullAmount: line.fullAmount,
    unit: line.unit,
    days,
    fullDays: line.fullDays,
    amountMinor,
    tax: line.tax,
    derivation: {
      reverses: line.chargeId,
      line_minor: String(line.amountMinor),
      credited_before_minor: String(-taken),
      full_amount: line.fullAmount,
      fraction: { days, of: line.fullDays, unit: line.unit },
      takes_the_rest: days === leftDays,
      why,
      rounding: 'half away from zero',
    },
  };
}

/** What is due and not covered by any line of the subject; what is charged in whole periods waits for the next one. */
function linesOf(making: Making, item: Item, covered: readonly Range[]): Charge[] {
  return dueRanges(making, item).flatMap((due) => {
    if (due.proration === 'none') {
      return isCovered(due.start, covered) ? [] : chargesOf(making, item, due);
    }
    return subtract([due], covered).flatMap((range) => chargesOf(making, item, { ...due, ...range }));
  });
}

function isCovered(first: string, covered: readonly Range[]): boolean {
  return covered.some((range) => range.start <= first && first < range.end);
}

/** One line per tier, each rounded by itself; a price of nothing is one line of 0.00, so that its days are covered. */
function chargesOf({ after, why, newId }: Making, item: Item, due: DueRange): Charge[] {
  const { cap, model, taxPolicyId, name } = item.pricing;
  const all = pricedParts(item, item.quantity);
  const worth = all.filter((part) => !isZero(part.amount));
  const printed = printedRange(after, due);
  const unit = due.proration === 'seconds' ? 'second' : 'day';
  const days = lengthOf(after, due, unit);
  const fullDays = lengthOf(after, spanOf(after, due), unit);
  const tax = taxOn(after, taxPolicyId, printed.from);
  const parts = roundedCap(worth.length > 0 ? worth : all.slice(0, 1), after.currency, cap);
  return parts.map((part, index) => {
    const amount = decText(part.amount);
    return {
      id: newId('charge'),
      itemId: item.id,
      subject: item.subject,
      part: index,
      kind: 'recurring',
      reversesId: null,
      oneTimeId: null,
      text: name,
      ...printed,
      quantity: part.quantity,
      unitPrice: part.unitPrice,
      fullAmount: amount,
      unit,
      days,
      fullDays,
      amountMinor: prorate(part.amount, days, fullDays, after.currency).minor,
      tax,
      derivation: {
        price: {
          variant_version: item.pricing.variantVersionId,
          component_version: item.pricing.componentVersionId,
        },
        model,
        quantity: item.quantity,
        included: includedOf(item),
        cap,
        part: { ...part, amount },
        full_amount: amount,
        full_period: { ...due.period },
        fraction: { days, of: fullDays, unit },
        why: days === fullDays && why === 'first_period' ? 'renewal' : why,
        rounding: 'half away from zero',
      },
    };
  });
}

/** The cap's part is what the rounded lines exceed it by, so that what is printed never exceeds the cap. */
function roundedCap(parts: readonly PricedPart[], currency: string, cap: string | null): PricedPart[] {
  if (cap === null) return [...parts];
  return roundParts(parts, currency, cap).map(({ part, minor }): PricedPart => {
    const amount: Dec = fromMinor(minor, currency);
    return part.kind === 'cap' ? { ...part, amount, unitPrice: decText(amount) } : part;
  });
}

/** The full period of a due range, from its first instant to that of the next one. */
function spanOf({ zone }: ContractState, { period }: DueRange): Range {
  return { start: startOfDay(period.start, zone), end: startOfDay(period.end, zone) };
}

function lengthOf({ zone }: ContractState, { start, end }: Range, unit: 'day' | 'second'): number {
  return unit === 'second' ? secondsBetween(start, end) : daysBetween(dateAt(start, zone), dateAt(end, zone));
}

/** A range as its line says it: the instants, and the local dates that are printed. */
export function printedRange(
  { zone }: Pick<ContractState, 'zone'>,
  { start, end }: Range,
): Pick<Charge, 'startsAt' | 'endsAt' | 'from' | 'to'> {
  return { startsAt: start, endsAt: end, from: dateAt(start, zone), to: lastDayAfter(end, zone) };
}

/** The day after the last: of an end within a day, the day after that day. */
function lastDayAfter(end: string, zone: string): string {
  const day = dateAt(end, zone);
  return startOfDay(day, zone) === end ? day : addDays(day, 1);
}
