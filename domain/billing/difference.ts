import { type Instant, type LocalDate, dateAt, daysBetween, periodOf, startOfDay } from '../calendar.ts';
import type { ContractState, CoveringLine, Item, LineTax, NewId } from '../contract/state.ts';
import { type Dec, dec, decText, fromMinor, isZero } from '../money.ts';
import { type PricedPart, price, roundParts } from '../pricing.ts';
import { creditFor, prorate } from '../proration.ts';
import { type Range, intersect, subtract } from '../ranges.ts';
import { rateFor } from '../tax.ts';
import type { Charge, Why } from './charge.ts';

/**
 * The difference, from the day of `at` on: what is due and not covered becomes a line, what is covered and no longer
 * due becomes a credit. Days before that one are closed and not even looked at. Running it again adds nothing.
 *
 * What is paused is not due, but what was billed before the pause stays billed. `credit: false` leaves what is
 * covered as it is (a cancellation without credit).
 * @throws DomainError tax_rate_missing
 */
export function difference(
  state: ContractState,
  at: Instant,
  newId: NewId,
  { why, credit = true }: { why: Why; credit?: boolean },
): Charge[] {
  const from = startOfDay(dateAt(at, state.zone), state.zone);
  const subjects = [
    ...new Set([...state.lines.map((line) => line.subject), ...state.items.map((item) => item.subject)]),
  ];
  return subjects.sort(feeFirst).flatMap((subject) => {
    const item = state.items.find((each) => each.subject === subject);
    const lines = state.lines.filter((line) => line.subject === subject);
    const credits = credit ? lines.flatMap((line) => creditsOf(state, line, item, { from, why, newId })) : [];
    return [...credits, ...(item === undefined ? [] : linesOf(state, item, lines, { from, why, newId }))];
  });
}

interface Window {
  readonly from: Instant;
  readonly why: Why;
  readonly newId: NewId;
}

/** The fee's lines come before the components', and those in the order in which they were booked. */
function feeFirst(a: string, b: string): number {
  if (a === b) return 0;
  if (a === 'fee' || b === 'fee') return a === 'fee' ? -1 : 1;
  return a < b ? -1 : 1;
}

/** Ranges from the window on that a line still covers. */
function coverOf(line: CoveringLine, from: Instant): Range[] {
  const uncovered = line.uncovered.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));
  const start = line.startsAt > from ? line.startsAt : from;
  return subtract([{ start, end: line.endsAt }], uncovered);
}

function creditsOf(
  state: ContractState,
  line: CoveringLine,
  item: Item | undefined,
  window: Window,
): Charge[] {
  const cover = coverOf(line, window.from);
  const kept =
    item !== undefined && item.id === line.itemId ? [{ start: item.effectiveAt, end: line.endsAt }] : [];
  let taken = line.uncovered.reduce((sum, each) => sum + each.amountMinor, 0n);
  return subtract(cover, kept).map((range) => {
    const charge = creditCharge(state, line, range, taken, window);
    taken += charge.amountMinor;
    return charge;
  });
}

/** `taken` is what earlier credits took, so of the opposite sign of the line. */
function creditCharge(
  state: ContractState,
  line: CoveringLine,
  range: Range,
  taken: bigint,
  window: Window,
): Charge {
  const uncovered = line.uncovered.map(({ startsAt, endsAt }) => ({ start: startsAt, end: endsAt }));
  const days = daysOf(state, range);
  const leftDays = subtract([{ start: line.startsAt, end: line.endsAt }], uncovered).reduce(
    (sum, each) => sum + daysOf(state, each),
    0,
  );
  const amountMinor = creditFor({
    lineMinor: line.amountMinor,
    alreadyCredited: -taken,
    fullExact: dec(line.fullAmount),
    days,
    fullDays: line.fullDays,
    leftDays,
    currency: state.currency,
  });
  return {
    id: window.newId('charge'),
    itemId: line.itemId,
    subject: line.subject,
    part: line.part,
    kind: 'credit',
    reversesId: line.chargeId,
    text: line.text,
    ...printedRange(state, range),
    quantity: line.quantity,
    unitPrice: line.unitPrice,
    fullAmount: line.fullAmount,
    days,
    fullDays: line.fullDays,
    amountMinor,
    tax: line.tax,
    derivation: {
      reverses: line.chargeId,
      line_minor: String(line.amountMinor),
      credited_before_minor: String(-taken),
      full_amount: line.fullAmount,
      fraction: { days, of: line.fullDays },
      takes_the_rest: days === leftDays,
      why: window.why,
      rounding: 'half away from zero',
    },
  };
}

function linesOf(state: ContractState, item: Item, lines: readonly CoveringLine[], window: Window): Charge[] {
  if (state.pauseReasons.length > 0 || state.phase === 'ordered' || state.phase === 'ended') return [];
  const today = dateAt(window.from, state.zone);
  const period = periodOf(item.anchor, item.pricing.interval, today);
  const due = {
    start: latest(window.from, item.effectiveAt, state.trialEndsAt),
    end: startOfDay(period.end, state.zone),
  };
  const own = lines.filter((line) => line.itemId === item.id);
  const open = subtract(
    [due],
    own.flatMap((line) => coverOf(line, window.from)),
  );
  return intersect(open, [due]).flatMap((range) => chargesOf(state, item, range, period, window));
}

function latest(...instants: readonly (Instant | null)[]): Instant {
  return instants.reduce<Instant>((last, each) => (each !== null && each > last ? each : last), '');
}

/** One line per tier, each rounded by itself; a price of nothing is one line of 0.00, so that its days are covered. */
function chargesOf(
  state: ContractState,
  item: Item,
  range: Range,
  period: { start: LocalDate; end: LocalDate },
  window: Window,
): Charge[] {
  const { included, cap, model } = item.pricing;
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  const all = price(model, item.quantity, options);
  const worth = all.filter((part) => !isZero(part.amount));
  const printed = printedRange(state, range);
  const [days, fullDays] = [daysBetween(printed.from, printed.to), daysBetween(period.start, period.end)];
  const tax = taxOn(state, item.pricing.taxPolicyId, printed.from);
  const full = roundedCap(worth.length > 0 ? worth : all.slice(0, 1), state.currency, cap);
  return full.map((part, index) => {
    const amount = part.amount;
    return {
      id: window.newId('charge'),
      itemId: item.id,
      subject: item.subject,
      part: index,
      kind: 'recurring',
      reversesId: null,
      text: item.pricing.name,
      ...printed,
      quantity: part.quantity,
      unitPrice: part.unitPrice,
      fullAmount: decText(amount),
      days,
      fullDays,
      amountMinor: prorate(amount, days, fullDays, state.currency).minor,
      tax,
      derivation: {
        price: {
          variant_version: item.pricing.variantVersionId,
          component_version: item.pricing.componentVersionId,
        },
        model,
        quantity: item.quantity,
        included,
        cap,
        part: { ...part, amount: decText(amount) },
        full_amount: decText(amount),
        full_period: { start: period.start, end: period.end },
        fraction: { days, of: fullDays },
        why: days === fullDays && window.why === 'first_period' ? 'renewal' : window.why,
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

function taxOn(state: ContractState, taxPolicyId: string, serviceDate: LocalDate): LineTax {
  const policy = state.taxRates.filter((rate) => rate.taxPolicyId === taxPolicyId);
  const { validFrom } = rateFor(policy, state.country, serviceDate);
  const found = policy.find((rate) => rate.country === state.country && rate.validFrom === validFrom);
  if (found === undefined) throw new RangeError('the rate that was found is not of the policy');
  return { category: found.category, rate: found.rate, text: found.text, country: found.country };
}

function daysOf(state: ContractState, range: Range): number {
  return daysBetween(dateAt(range.start, state.zone), dateAt(range.end, state.zone));
}

function printedRange(
  state: ContractState,
  range: Range,
): Pick<Charge, 'startsAt' | 'endsAt' | 'from' | 'to'> {
  return {
    startsAt: range.start,
    endsAt: range.end,
    from: dateAt(range.start, state.zone),
    to: dateAt(range.end, state.zone),
  };
}
