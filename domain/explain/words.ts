import type { AnyDerivation, UsageDerivation } from '../books/charge.ts';
import type { PricedPart } from '../catalogue/pricing.ts';

/** What a part of a price is said with; numbers are written already, null is what it does not have. */
export interface PartWords {
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly cap: string | null;
  /** Where its tier begins and ends; both null without tiers. */
  readonly tier: { readonly above: string | null; readonly upTo: string | null } | null;
  /** Of a discount: the price before it, the percentage, and from which quantity on. */
  readonly discount: { readonly base: string; readonly percent: string; readonly from: string } | null;
  /** How many of how many units are included in the price, if this part is what comes after them. */
  readonly included: { readonly units: string; readonly of: string } | null;
}

/** A full period from its first day to its last, and the part of it that is billed; null when all of it is. */
export interface ShareWords {
  readonly from: string;
  readonly to: string;
  readonly full: string;
  readonly fraction: FractionWords | null;
  /** Of a line that takes what others leave of a total. */
  readonly balance: {
    readonly of: 'rest_of_period' | 'share_of_cap';
    readonly total: string;
    readonly others: string;
  } | null;
}

/** A share of a full period, in days or in seconds, and what it comes to exactly. */
interface FractionWords {
  readonly days: string;
  readonly of: string;
  readonly unit: 'day' | 'second';
  readonly exact: string;
}

interface UsageWords {
  readonly aggregation: UsageDerivation['usage']['aggregation'];
  readonly total: string;
  /** Whether the total is below zero, and rated as nothing. */
  readonly floored: boolean;
  readonly part: string;
  /** Of usage that came late: what the tier costs now, and what was billed of it before. */
  readonly late: { readonly tier: string; readonly before: string } | null;
}

interface CreditWords {
  readonly line: string;
  readonly creditedBefore: string | null;
  readonly full: string;
  /** Null when all that was left of the line is taken. */
  readonly fraction: FractionWords | null;
}

/** Everything that a language must be able to say about a line; a new kind of derivation is one more entry. */
export interface Words {
  readonly line: (words: {
    readonly text: string;
    readonly from: string;
    /** Null when the line is for one day. */
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
