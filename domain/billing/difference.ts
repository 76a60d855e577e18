import { addDays, dateAt, daysBetween, secondsBetween, startOfDay } from '../arithmetic/calendar.ts';
import { includedOf, pricedParts } from '../contracts/items.ts';
import type { ContractState, CoveringLine, Item, NewId, Why } from '../contracts/state.ts';
import { dec, decText, isZero } from '../arithmetic/money.ts';
import { creditLineMinor } from '../arithmetic/proration.ts';
import { type Range, merge, subtract } from '../arithmetic/ranges.ts';
import type { Charge } from '../books/charge.ts';
import { type DueRange, type StepContext, dueRanges } from './due.ts';
import { taxOn } from '../books/tax-on.ts';
import { afterCredits, coverOf, leftOf, newLines } from './cover.ts';
import { sharesOf } from './shares.ts';

/** The reason for which a step bills, and whether it credits ranges that are covered and no longer due. */
export interface Cause {
  readonly why: Why;
  readonly creditsUnused: boolean;
}

/**
 * The difference of recurring items (rule 9). A range that is due and not covered becomes a line. A range that is covered
 * and no longer due becomes a credit. Running it again adds nothing.
 *
 * Of an item paid in advance, only the time from the day of the step on is compared; earlier days are closed. Paused days
 * are not due. Lines that were billed before a pause stay, unless the variant credits pauses.
 * @throws DomainError tax_rate_missing
 */
export function difference(context: StepContext, newId: NewId, cause: Cause): Charge[] {
  const { after } = context;
  const items = [...after.items, ...after.past];
  const subjects = [
    ...new Set([...after.lines.map((line) => line.subject), ...items.map((item) => item.subject)]),
  ];
  const rating = { ...context, ...cause, newId };
  return subjects.sort(feeFirst).flatMap((subject) => {
    const lines = after.lines.filter((line) => line.subject === subject);
    const credits = lines.flatMap((line) => creditsOf(rating, line));
    const revisions = items.filter((item) => item.subject === subject).sort(byRevision);
    return [...credits, ...missingLines(rating, revisions, afterCredits(lines, credits))];
  });
}

/** The inputs for the lines of one step. */
interface Rating extends StepContext, Cause {
  readonly newId: NewId;
}

const byRevision = (a: Item, b: Item): number => a.revision - b.revision;

/** Sorts the fee before components, and components in the order in which they were booked. */
function feeFirst(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'fee' || b === 'fee') return a === 'fee' ? -1 : 1;
  return a < b ? -1 : 1;
}

/**
 * The credits of a line that this step makes. It credits only items that were in force before the step, or before the pause
 * that the step ends: an earlier change to or from a variant without proration may have left a line, and that line stays.
 */
function creditsOf(rating: Rating, line: CoveringLine): Charge[] {
  const { before, after, from, creditsUnused } = rating;
  const prorated = before.terms.proration !== 'none' && after.terms.proration !== 'none';
  const inForce = [...before.items, ...before.suspended].some(
    ({ origin, endsAt }) => origin === line.origin && (endsAt === null || endsAt > from),
  );
  if (!creditsUnused || !prorated || !inForce) return [];
  const paused = after.pauseReasons.length > 0 && after.phase !== 'ended';
  const released = paused && before.pauseReasons.length === 0 && after.terms.creditOnPause;
  if (paused && !released) return [];
  const item = released ? undefined : after.items.find((each) => each.origin === line.origin);
  const kept = item === undefined ? [] : [{ start: item.effectiveAt, end: item.endsAt ?? line.endsAt }];
  let credited = line.amountMinor - leftOf(line);
  const past = { start: line.startsAt, end: from };
  return subtract(coverOf(line), [past, ...kept]).map((range) => {
    const charge = creditCharge(rating, line, range, credited);
    credited -= charge.amountMinor;
    return charge;
  });
}

/** @param credited the amount that earlier credits of the line took, with the sign of the line */
function creditCharge(
  { after, why, newId }: Rating,
  line: CoveringLine,
  range: Range,
  credited: bigint,
): Charge {
  const units = lengthOf(after, range, line.unit);
  const leftUnits = coverOf(line).reduce((sum, each) => sum + lengthOf(after, each, line.unit), 0);
  const amountMinor = creditLineMinor({
    lineMinor: line.amountMinor,
    alreadyCredited: credited,
    fullExact: dec(line.fullAmount),
    units,
    fullLength: line.fullLength,
    leftUnits,
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
    used: units,
    fullLength: line.fullLength,
    amountMinor,
    tax: line.tax,
    derivation: {
      reverses: line.chargeId,
      line_minor: String(line.amountMinor),
      credited_before_minor: String(credited),
      full_amount: line.fullAmount,
      fraction: { days: units, of: line.fullLength, unit: line.unit },
      takes_the_rest: units === leftUnits,
      why,
      rounding: 'half away from zero',
    },
  };
}

/**
 * Lines for all ranges that are due and that no line of the subject covers. Each line is computed with the earlier lines
 * of its period, because a line that completes the period takes the full amount less what is left of them.
 */
function missingLines(rating: Rating, revisions: readonly Item[], lines: readonly CoveringLine[]): Charge[] {
  const covered = merge(lines.flatMap(coverOf));
  return revisions.flatMap((item) => {
    const stored = lines.filter(({ origin }) => origin === item.origin).sort(byStart);
    return dueRanges(rating, item).flatMap((due) => {
      const made: Charge[] = [];
      const ofPeriod = linesIn(stored, spanOf(rating.after, due));
      for (const range of uncovered(due, covered)) {
        const before = [...ofPeriod, ...newLines(made, [item])];
        made.push(...chargesOf(rating, item, { ...due, ...range }, before));
      }
      return made;
    });
  });
}

const byStart = (a: CoveringLine, b: CoveringLine): number => {
  if (a.startsAt === b.startsAt) return 0;
  return a.startsAt < b.startsAt ? -1 : 1;
};

/** The lines within a period, found by bisection: there may be thousands of periods and lines. `sorted` is by start. */
function linesIn(sorted: readonly CoveringLine[], { start, end }: Range): CoveringLine[] {
  let [first, beyond] = [0, sorted.length];
  while (first < beyond) {
    const middle = (first + beyond) >>> 1;
    if ((sorted[middle]?.startsAt ?? start) < start) first = middle + 1;
    else beyond = middle;
  }
  const inside: CoveringLine[] = [];
  for (let n = first; n < sorted.length; n++) {
    const line = sorted[n];
    if (line === undefined || line.startsAt >= end) break;
    if (line.endsAt <= end) inside.push(line);
  }
  return inside;
}

/** The ranges of a due range that no line covers. Without proration it is billed as a whole, or not if its start is covered. */
function uncovered(due: DueRange, covered: readonly Range[]): Range[] {
  if (due.proration !== 'none') return subtract([due], covered);
  return covered.some((range) => range.start <= due.start && due.start < range.end) ? [] : [due];
}

/** One line for each tier, rounded by itself. A price of zero makes one line of 0.00, so that its days are covered. */
function chargesOf(rating: Rating, item: Item, due: DueRange, inPeriod: readonly CoveringLine[]): Charge[] {
  const { after, why, newId } = rating;
  const { cap, model, taxPolicyId, name } = item.pricing;
  const all = pricedParts(item, item.quantity).filter((part) => part.kind !== 'cap');
  const charged = all.filter((part) => !isZero(part.amount));
  const printed = printedRange(after, due);
  const unit = due.proration === 'seconds' ? 'second' : 'day';
  const used = lengthOf(after, due, unit);
  const fullLength = lengthOf(after, spanOf(after, due), unit);
  const tax = taxOn(after, taxPolicyId, printed.from);
  const others = completes(due, spanOf(after, due), inPeriod);
  const portion = { used, fullLength, cap, currency: after.currency, others };
  return sharesOf(charged.length > 0 ? charged : all.slice(0, 1), portion).map(
    ({ part, priced, minor, balance }) => {
      const amount = decText(priced.amount);
      return {
        id: newId('charge'),
        itemId: item.id,
        subject: item.subject,
        part,
        kind: 'recurring',
        reversesId: null,
        oneTimeId: null,
        text: name,
        ...printed,
        quantity: priced.quantity,
        unitPrice: priced.unitPrice,
        fullAmount: amount,
        unit,
        used,
        fullLength,
        amountMinor: minor,
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
          part: { ...priced, amount },
          full_amount: amount,
          full_period: { ...due.period },
          fraction: { days: used, of: fullLength, unit },
          ...(balance === null ? {} : { balance }),
          why: used === fullLength && why === 'first_period' ? 'renewal' : why,
          rounding: 'half away from zero',
        },
      };
    },
  );
}

/**
 * If a range completes its period, the amounts that are left, by part, of the item's other lines in it. Null if the range
 * and these lines together leave a gap in the period.
 */
function completes(
  range: Range,
  period: Range,
  inside: readonly CoveringLine[],
): ReadonlyMap<number, bigint> | null {
  if (subtract([period], [range, ...inside.flatMap(coverOf)]).length > 0) return null;
  const left = new Map<number, bigint>();
  for (const line of inside) left.set(line.part, (left.get(line.part) ?? 0n) + leftOf(line));
  return left;
}

/** The full period of a due range, as instants. */
function spanOf({ zone }: ContractState, { period }: DueRange): Range {
  return { start: startOfDay(period.start, zone), end: startOfDay(period.end, zone) };
}

function lengthOf({ zone }: ContractState, { start, end }: Range, unit: 'day' | 'second'): number {
  return unit === 'second' ? secondsBetween(start, end) : daysBetween(dateAt(start, zone), dateAt(end, zone));
}

/** The instants of a line's range, and the local dates that are printed for it. */
export function printedRange(
  { zone }: Pick<ContractState, 'zone'>,
  { start, end }: Range,
): Pick<Charge, 'startsAt' | 'endsAt' | 'from' | 'to'> {
  return { startsAt: start, endsAt: end, from: dateAt(start, zone), to: lastDayAfter(end, zone) };
}

/** The day after the last day of a range. An end within a day gives the day after that day. */
function lastDayAfter(end: string, zone: string): string {
  const day = dateAt(end, zone);
  return startOfDay(day, zone) === end ? day : addDays(day, 1);
}
