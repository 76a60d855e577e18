import type { Instant, LocalDate } from '../calendar.ts';
import type { PriceModel, PricedPart } from '../pricing.ts';
import type { LineTax } from '../contract/state.ts';

/** Why a range became due or ceased to be. */
export type Why = 'renewal' | 'first_period' | 'change' | 'resume' | 'cancel' | 'end';

/** How a line came to its amount: enough to compute it again to the same cents, and to explain it. */
export interface Derivation {
  readonly price: { readonly variant_version: string | null; readonly component_version: string | null };
  readonly model: PriceModel;
  readonly quantity: string;
  readonly included: string | null;
  readonly cap: string | null;
  /** The tier that this line is of; null bounds for models without tiers. */
  readonly part: Omit<PricedPart, 'amount'> & { readonly amount: string };
  /** Exact, of the full period, in major units. */
  readonly full_amount: string;
  readonly full_period: { readonly start: LocalDate; readonly end: LocalDate };
  readonly fraction: { readonly days: number; readonly of: number };
  readonly why: Why;
  readonly rounding: 'half away from zero';
}

/** How a credit came to its amount: it reverses a stored line at that line's price and tax. */
export interface CreditDerivation {
  readonly reverses: string;
  readonly line_minor: string;
  readonly credited_before_minor: string;
  readonly full_amount: string;
  readonly fraction: { readonly days: number; readonly of: number };
  /** All that was left of the line is taken, so exactly what is left. */
  readonly takes_the_rest: boolean;
  readonly why: Why;
  readonly rounding: 'half away from zero';
}

/** A rated line to be stored: what a step bills, with its derivation. Amounts are signed minor units. */
export interface Charge {
  readonly id: string;
  readonly itemId: string;
  readonly subject: string;
  readonly part: number;
  readonly kind: 'recurring' | 'credit';
  readonly reversesId: string | null;
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
  readonly days: number;
  readonly fullDays: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly derivation: Derivation | CreditDerivation;
}
