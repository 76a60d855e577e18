import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import type { PriceModel, PricedPart } from '../catalogue/pricing.ts';
import type { Aggregation, LineTax, Why } from '../contracts/state.ts';

/** The part of a full period that a line bills or credits. */
interface Fraction {
  readonly days: number;
  readonly of: number;
  /** The unit of both. */
  readonly unit: 'day' | 'second';
}

/** How a price was applied to a quantity, and the part of it that a line bills. */
export interface PricedDerivation {
  readonly price: { readonly variant_version: string | null; readonly component_version: string | null };
  readonly model: PriceModel;
  readonly quantity: string;
  readonly included: string | null;
  readonly cap: string | null;
  /** The part of the price that this line bills. Its bounds are null for models without tiers. */
  readonly part: Omit<PricedPart, 'amount'> & { readonly amount: string };
  /** The exact amount of the full period, in major units. */
  readonly full_amount: string;
  /** `end` is the day after the last day. */
  readonly full_period: { readonly start: LocalDate; readonly end: LocalDate };
  readonly rounding: 'half away from zero';
}

/**
 * A total less other lines, in minor units, which is the amount of a line. A line that completes a period takes the full
 * amount less the period's other lines. A cap's line takes the cap's share less the tiers' lines.
 */
export interface Remainder {
  readonly of: 'rest_of_period' | 'share_of_cap';
  readonly total_minor: string;
  readonly others_minor: string;
}

/** How a line came to its amount. It suffices to compute the line again to the cent, and to explain it. */
export interface Derivation extends PricedDerivation {
  readonly fraction: Fraction;
  /** Left out if the amount is a share of its own. */
  readonly balance?: Remainder;
  readonly why: Why;
}

/** How a credit came to its amount: it reverses a stored line at that line's price and tax. */
export interface CreditLineDerivation {
  readonly reverses: string;
  readonly line_minor: string;
  readonly credited_before_minor: string;
  readonly full_amount: string;
  readonly fraction: Fraction;
  /** Whether all days that were left are credited, so that the credit is exactly the amount that was left. */
  readonly takes_the_rest: boolean;
  readonly why: Why;
  readonly rounding: 'half away from zero';
}

/** How a line of metered usage came to its amount. The quantity that is priced is the total of the period. */
export interface UsageDerivation extends PricedDerivation {
  readonly usage: {
    readonly aggregation: Aggregation;
    /** The total of the events. If it is below zero, 0 is rated. */
    readonly total: string;
    /** By how much the total was below zero. */
    readonly shortfall: string;
    /** The amount of the whole tier, in minor units. The line is this amount less `billed_before_minor`. */
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

export type AnyDerivation = Derivation | CreditLineDerivation | UsageDerivation | OneTimeDerivation;

/** A rated line with its derivation, to be stored. Amounts are signed minor units. */
export interface Charge {
  readonly id: string;
  /** Null for one-time charges, which have no item. */
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
  /** The day after the last day. */
  readonly to: LocalDate;
  readonly quantity: string;
  readonly unitPrice: string;
  /** The exact amount of the full period; decimal text. */
  readonly fullAmount: string;
  readonly unit: 'day' | 'second';
  readonly used: number;
  readonly fullLength: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly derivation: AnyDerivation;
}

/** The fields of a charge that its document depends on. */
export type BilledCharge = Pick<
  Charge,
  'id' | 'kind' | 'amountMinor' | 'tax' | 'from' | 'to' | 'reversesId' | 'oneTimeId'
>;

/** The charges of one contract on a document, or those of the account itself. */
export interface ChargeGroup<C extends BilledCharge = Charge> {
  /** Null for charges of the account itself. */
  readonly contractId: string | null;
  readonly charges: readonly C[];
}
