import type { AnyDerivation, UsageDerivation } from '../books/charge.ts';
import type { PricedPart } from '../catalogue/pricing.ts';

/** The texts for a part of a price. Numbers are already written in the language; null means that the part has none. */
export interface PartWords {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly cap: string | null;
  /** The bounds of its tier. `above` is null for the first tier, `upTo` for the open one. */
  readonly tier: { readonly above: string | null; readonly upTo: string | null } | null;
  /** For a discount: the price before it, the percentage, and the quantity from which it applies. */
  readonly discount: { readonly base: string; readonly percent: string; readonly from: string } | null;
  /** The number of included units, and the quantity that they are part of. */
  readonly included: { readonly units: string; readonly of: string } | null;
}

/** A full period from its first day to its last, and the part of it that is billed. */
export interface ShareWords {
  readonly from: string;
  readonly to: string;
  readonly full: string;
  /** Null if all of the period is billed. */
  readonly fraction: FractionWords | null;
  /** For a line that takes a total less other lines. */
  readonly balance: {
    readonly of: 'rest_of_period' | 'share_of_cap';
    readonly total: string;
    readonly others: string;
  } | null;
}

/** A part of a full period, in days or in seconds, and its exact amount. */
interface FractionWords {
  readonly days: string;
  readonly of: string;
  readonly unit: 'day' | 'second';
  readonly exact: string;
}

interface UsageWords {
  readonly aggregation: UsageDerivation['usage']['aggregation'];
  readonly total: string;
  /** Whether the total is below zero, and rated as 0. */
  readonly floored: boolean;
  readonly part: string;
  /** For late usage: the amount of the tier now, and the amount that was billed of it before. */
  readonly late: { readonly tier: string; readonly before: string } | null;
}

interface CreditWords {
  readonly line: string;
  readonly creditedBefore: string | null;
  readonly full: string;
  /** Null if all that was left of the line is credited. */
  readonly fraction: FractionWords | null;
}

/** The sentences that a language needs for lines. A new kind of derivation needs one more entry. */
export interface Words {
  readonly line: (words: {
    readonly text: string;
    readonly from: string;
    /** Null if the line is for one day. */
    readonly to: string | null;
    readonly how: string;
    readonly result: string;
    readonly why: string;
    readonly tax: string;
  }) => string;
  readonly price: (part: string, share: string) => string;
  readonly part: { readonly [Kind in PricedPart['kind']]: (words: PartWords) => string };
  readonly share: (words: ShareWords) => string;
  readonly credit: (words: CreditWords) => string;
  readonly usage: (words: UsageWords) => string;
  readonly oneTime: (quantity: string, unitPrice: string, exact: string) => string;
  /** The amount with its currency, and how it was rounded, if it was. */
  readonly result: (amount: string, mode: 'net' | 'gross', rounded: boolean) => string;
  readonly why: { readonly [Reason in AnyDerivation['why']]: string };
  readonly tax: { readonly [Mode in 'net' | 'gross']: (rate: string, country: string) => string };
}
