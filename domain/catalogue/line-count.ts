import { type Interval, mostPeriods } from '../arithmetic/calendar.ts';
import { dec } from '../arithmetic/money.ts';
import { DomainError } from '../errors.ts';
import { type PriceModel, tierOf } from './pricing.ts';
import type { PaymentMode } from './terms.ts';

/** The most lines that one step of a contract may make of what it has booked. */
export const MOST_LINES = 5_000;

/** What a price says of how many lines it makes. */
export interface LinePricing {
  readonly model: PriceModel;
  readonly cap: string | null;
  readonly interval: Interval;
  readonly mode: PaymentMode;
  readonly standalone: boolean;
}

/** What a variant says of how far one bill reaches. */
export interface BillingTerms {
  readonly feeInterval: Interval;
  readonly billingInterval: Interval;
}

/**
 * The most lines of a price in one period: one for each tier that the quantity reaches, and one for the cap.
 * @param quantity null where usage will say it: all tiers may be reached
 */
export function linesPerPeriod(
  { model, cap }: Pick<LinePricing, 'model' | 'cap'>,
  quantity: string | null,
): number {
  return tiersReached(model, quantity) + (cap === null ? 0 : 1);
}

/** Graduated models and buckets have a line per tier, the others one. */
function tiersReached(model: PriceModel, quantity: string | null): number {
  if (model.kind !== 'graduated' && model.kind !== 'buckets') return 1;
  return quantity === null ? model.tiers.length : tierOf(model.tiers, dec(quantity)) + 1;
}

/** The most periods of a price that one bill run closes, or pays ahead. */
export function periodsPerBill(
  { interval, mode, standalone }: Omit<LinePricing, 'model' | 'cap'>,
  { feeInterval, billingInterval }: BillingTerms,
): number {
  if (mode === 'billed_until') return mostPeriods(interval, feeInterval);
  return standalone ? 1 : mostPeriods(interval, billingInterval);
}

/** The most lines of a price in one bill. */
export function linesPerBill(pricing: LinePricing, quantity: string | null, terms: BillingTerms): number {
  return linesPerPeriod(pricing, quantity) * periodsPerBill(pricing, terms);
}

/** The refusal of what could make more lines at once than one bill may have. */
export function tooManyLines(lines: number, field?: string): DomainError {
  return new DomainError(
    'too_many_lines',
    `one bill could have ${lines} lines of what is booked; it has at most ${MOST_LINES}`,
    { field },
  );
}
