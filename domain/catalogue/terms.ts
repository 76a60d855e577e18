import type { Interval } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { PriceModel } from './pricing.ts';

/** When a component is paid: before its period, after it, or as far ahead as the variant's fee. */
export type PaymentMode = 'pre_paid' | 'post_paid' | 'billed_until';

/** How a metered period's usage becomes one quantity. */
export type Aggregation = 'sum' | 'max' | 'last' | 'unique';

/** How a part of a period is charged: by its days, by its seconds, or not before the next period. */
export type Proration = 'days' | 'seconds' | 'none';

/** The price of an item: an immutable version of the catalogue. */
export interface Pricing {
  /** The component's version, or null for the fee of a variant. */
  readonly componentVersionId: string | null;
  readonly variantVersionId: string | null;
  /** The text that its line prints. */
  readonly name: string;
  readonly model: PriceModel;
  /** The number of first units that are free; decimal text. */
  readonly included: string | null;
  /** The most that a full period costs; decimal text in major units. */
  readonly cap: string | null;
  readonly interval: Interval;
  readonly taxPolicyId: string;
  /** Metered components are post-paid. */
  readonly mode: PaymentMode;
  /** Whether its own first day is its anchor. */
  readonly standalone: boolean;
  /** Null unless the component is metered. */
  readonly aggregation: Aggregation | null;
}

/** A version of a component that can be booked. */
export interface ComponentTerms {
  readonly componentId: string;
  readonly kind: 'bookable' | 'on_off' | 'metered';
  readonly pricing: Pricing;
}

/** A published version of a variant. */
export interface VariantTerms {
  readonly variantId: string;
  readonly variantVersionId: string;
  readonly planGroupId: string;
  readonly planName: string;
  /** The text that the fee's line prints. */
  readonly name: string;
  /** Null for a variant without a fee. */
  readonly fee: Pricing | null;
  readonly feeInterval: Interval;
  readonly billingInterval: Interval;
  readonly trial: Interval | null;
  /** Billed once, with the first bill; exact decimal text in major units. */
  readonly setupFee: string | null;
  /** The tax policy of everything without one of its own, such as the set-up fee. */
  readonly taxPolicyId: string;
  readonly proration: Proration;
  readonly creditOnPause: boolean;
  readonly creditOnCancel: boolean;
  /** The contract ends with its term if `renewal` is null. */
  readonly term: Interval | null;
  readonly renewal: Interval | null;
  readonly notice: Interval | null;
  /** The components that may be booked with it. */
  readonly components: readonly ListedComponent[];
}

/** A component that a variant lists, with the variant's rules for it. Quantities are decimal texts. */
export interface ListedComponent {
  readonly componentId: string;
  readonly rule: 'included' | 'optional';
  readonly quantity: string;
  /** The number of first units that are free; null for the component's own number. */
  readonly included: string | null;
  /** The bounds of the total quantity of its subscriptions. */
  readonly least: string | null;
  readonly most: string | null;
}

/**
 * The variants and components of a plan group: first their newest versions, which can be booked now, then the versions
 * that scheduled changes have pinned.
 */
export interface Catalogue {
  readonly variants: readonly VariantTerms[];
  readonly components: readonly ComponentTerms[];
}

/** An empty catalogue, for steps that need none: see `needsCatalogue`. */
export const NOTHING_SOLD: Catalogue = { variants: [], components: [] };

/**
 * The newest version of the variant with that id, or the version with that id.
 * @throws DomainError variant_not_in_plan_group
 */
export function variantOf(catalogue: Catalogue, variantId: string): VariantTerms {
  const terms = catalogue.variants.find(
    (each) => each.variantVersionId === variantId || each.variantId === variantId,
  );
  if (terms !== undefined) return terms;
  throw new DomainError('variant_not_in_plan_group', 'the variant is not of the contract’s plan group', {
    field: 'variant',
  });
}

/** Whether both have the same fee interval and the same billing interval. */
export function sameInterval(a: VariantTerms, b: VariantTerms): boolean {
  const text = ({ feeInterval, billingInterval }: VariantTerms): string =>
    JSON.stringify([feeInterval.count, feeInterval.unit, billingInterval.count, billingInterval.unit]);
  return text(a) === text(b);
}
