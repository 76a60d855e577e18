import type { Interval } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { PriceModel } from './pricing.ts';

/** When a component is paid: for the coming period, for the past one, or as far ahead as the variant's fee. */
export type PaymentMode = 'pre_paid' | 'post_paid' | 'billed_until';

/** How a metered period's usage becomes one quantity. */
export type Aggregation = 'sum' | 'max' | 'last' | 'unique';

/** How a part of a period is charged: by its days, by its seconds, or not before the next period. */
export type Proration = 'days' | 'seconds' | 'none';

/** How one recurring thing is priced: an immutable version of the catalogue. */
export interface Pricing {
  /** The component's version, or null for the fee of a variant. */
  readonly componentVersionId: string | null;
  readonly variantVersionId: string | null;
  /** What its line prints. */
  readonly name: string;
  readonly model: PriceModel;
  /** First units that are free, and the most that a period costs; decimal texts. */
  readonly included: string | null;
  readonly cap: string | null;
  readonly interval: Interval;
  readonly taxPolicyId: string;
  /** Metered components are post-paid. */
  readonly mode: PaymentMode;
  /** Its own start is its anchor. */
  readonly standalone: boolean;
  /** Of metered components, else null. */
  readonly aggregation: Aggregation | null;
}

/** A component as it can be booked now. */
export interface ComponentTerms {
  readonly componentId: string;
  readonly kind: 'bookable' | 'on_off' | 'metered';
  readonly pricing: Pricing;
}

/** A published version of a variant. */
export interface Terms {
  readonly variantId: string;
  readonly variantVersionId: string;
  readonly planGroupId: string;
  readonly planName: string;
  /** What the fee's line prints. */
  readonly name: string;
  /** Null: no fee, nothing is ever due for it. */
  readonly fee: Pricing | null;
  readonly feeInterval: Interval;
  readonly billingInterval: Interval;
  readonly trial: Interval | null;
  /** Once, with the first bill; exact decimal text in major units. */
  readonly setupFee: string | null;
  /** Of what bears no tax policy of its own. */
  readonly taxPolicyId: string;
  readonly proration: Proration;
  readonly creditOnPause: boolean;
  readonly creditOnCancel: boolean;
  /** Without a renewal the contract ends with its term. */
  readonly term: Interval | null;
  readonly renewal: Interval | null;
  readonly notice: Interval | null;
  /** What may be booked with it; a component that is not listed is not allowed. */
  readonly components: readonly ListedComponent[];
}

/** What a variant says of a component. Quantities are decimal texts. */
export interface ListedComponent {
  readonly componentId: string;
  readonly rule: 'included' | 'optional';
  readonly quantity: string;
  /** The first units, free; null: as many as the component itself says. */
  readonly included: string | null;
  /** Bounds of the quantity of all its subscriptions together. */
  readonly least: string | null;
  readonly most: string | null;
}

/**
 * What can be booked in a plan group now: its variants and components in their newest versions, and behind these the
 * versions that scheduled changes have pinned.
 */
export interface Catalogue {
  readonly variants: readonly Terms[];
  readonly components: readonly ComponentTerms[];
}

/** For decisions that need nothing that is sold: see `needsCatalogue`. */
export const NOTHING_SOLD: Catalogue = { variants: [], components: [] };

/**
 * The variant of that id in its newest version, or the version of that id.
 * @throws DomainError variant_not_in_plan_group
 */
export function variantOf(catalogue: Catalogue, variantId: string): Terms {
  const terms = catalogue.variants.find(
    (each) => each.variantVersionId === variantId || each.variantId === variantId,
  );
  if (terms !== undefined) return terms;
  throw new DomainError('variant_not_in_plan_group', 'the variant is not of the contract’s plan group', {
    field: 'variant',
  });
}

/** Whether both have the same periods and the same bill runs. */
export function sameInterval(a: Terms, b: Terms): boolean {
  const text = ({ feeInterval, billingInterval }: Terms): string =>
    JSON.stringify([feeInterval.count, feeInterval.unit, billingInterval.count, billingInterval.unit]);
  return text(a) === text(b);
}
