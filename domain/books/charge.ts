import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import type { PriceModel, PricedPart } from '../catalogue/pricing.ts';
import type { Aggregation, LineTax, Why } from '../contracts/state.ts';

/** The share of a full period that a line stands for. */
interface Fraction {
  readonly days: number;
  readonly of: number;
  /** What both count. */
  readonly unit: 'day' | 'second';
}

/** A price as it was applied to a quantity, and the tier of it that a line is of. */
export interface PricedDerivation {
  readonly price: { readonly variant_version: string | null; readonly component_version: string | null };
  readonly model: PriceModel;
  readonly quantity: string;
  readonly included: string | null;
  readonly cap: string | null;
  /** The tier that this line is of; null bounds for models without tiers. */
  readonly part: Omit<PricedPart, 'amount'> & { readonly amount: string };
  /** Exact, of the full period, in major units. */
  readonly full_amount: string;
  /** Its `end` is the day after the last. */
  readonly full_period: { readonly start: LocalDate; readonly end: LocalDate };
  readonly rounding: 'half away from zero';
}

/**
 * A line that takes what others leave of a total: the one that completes a period takes what its other lines leave of
 * the full amount, and the cap's line what the tiers' lines leave of the cap's share. Minor units.
 */
export interface Balance {
  readonly of: 'rest_of_period' | 'share_of_cap';
  readonly total_minor: string;
  readonly others_minor: string;
}

/** How a line came to its amount: enough to compute it again to the same cents, and to explain it. */
export interface Derivation extends PricedDerivation {
  readonly fraction: Fraction;
  /** Left out where the line is a share of its own. */
  readonly balance?: Balance;
  readonly why: Why;
}

/** How a credit came to its amount: it reverses a stored line at that line's price and tax. */
export interface CreditDerivation {
  readonly reverses: string;
  readonly line_minor: string;
  readonly credited_before_minor: string;
  readonly full_amount: string;
  readonly fraction: Fraction;
  /** All that was left of the line is taken, so exactly what is left. */
  readonly takes_the_rest: boolean;
  readonly why: Why;
  readonly rounding: 'half away from zero';
}

/** How metered usage came to its amount: the quantity of its price is the total of the period. */
export interface UsageDerivation extends PricedDerivation {
  readonly usage: {
    readonly aggregation: Aggregation;
    /** As the events add up; what is rated is never below zero. */
    readonly total: string;
    /** By how much the total was below zero. */
    readonly shortfall: string;
    /** The whole tier, in minor units; the line is what it exceeds what was billed before. */
    readonly tier_minor: string;
    readonly billed_before_minor: string;
  };
  readonly why: 'usage' | 'late_usage';
}

/** How a one-time charge came to its amount. */
export interface OneTimeDerivation {
  readonly one_time: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly reference: string | null;
  readonly application: string | null;
  readonly why: 'one_time' | 'setup';
  readonly rounding: 'half away from zero';
}

export type AnyDerivation = Derivation | CreditDerivation | UsageDerivation | OneTimeDerivation;

/** A rated line to be stored: what a step bills, with its derivation. Amounts are signed minor units. */
export interface Charge {
  readonly id: string;
  /** Null for one-time charges, which are of no item. */
  readonly itemId: string | null;
  /** `fee`, a component subscription, or a one-time charge. */
  readonly subject: string;
  readonly part: number;
  readonly kind: 'recurring' | 'credit' | 'usage' | 'one_time';
  readonly reversesId: string | null;
  readonly oneTimeId: string | null;
  readonly text: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly from: LocalDate;
  /** The day after the last. */
  readonly to: LocalDate;
  readonly quantity: string;
  readonly unitPrice: string;
  /** Exact, of the full period; decimal text. */
  readonly fullAmount: string;
  readonly unit: 'day' | 'second';
  readonly days: number;
  readonly fullDays: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly derivation: AnyDerivation;
}
