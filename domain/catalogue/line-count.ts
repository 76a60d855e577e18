import { type Interval, mostPeriods } from '../arithmetic/calendar.ts';
import { dec } from '../arithmetic/money.ts';
import { DomainError } from '../errors.ts';
import { type PriceModel, tierOf } from './pricing.ts';
import type { PaymentMode } from './terms.ts';

/** The most lines that one step of a contract may make for its booked items (rule 50). */
export const MOST_LINES = 5_000;

/** The properties of a price that decide how many lines it makes. */
export interface LinePricing {
  readonly model: PriceModel;
  readonly cap: string | null;
  readonly interval: Interval;
  readonly mode: PaymentMode;
  readonly standalone: boolean;
}

/** The intervals of a variant, which decide how many periods one bill has. */
export interface BillingTerms {
  readonly feeInterval: Interval;
  readonly billingInterval: Interval;
}

/**
 * The most lines of a price in one period: one for each tier that the quantity reaches, and one for the cap.
 * @param quantity null for usage, which may reach all tiers
 */
export function linesPerPeriod(
  { model, cap }: Pick<LinePricing, 'model' | 'cap'>,
  quantity: string | null,
): number {
  return tiersReached(model, quantity) + (cap === null ? 0 : 1);
}

/** Graduated models and buckets make a line for each tier, other models one. */
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

/** The refusal of a request after which one bill could have too many lines. */
export function tooManyLines(lines: number, field?: string): DomainError {
  return new DomainError(
    'too_many_lines',
    `one bill could have ${lines} lines for booked items; the limit is ${MOST_LINES}`,
    { field },
  );
}
