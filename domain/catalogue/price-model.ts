import { DomainError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { cmp, dec, isNegative } from '../arithmetic/money.ts';

/** A tier `(previous upTo, upTo]` with a price per unit; only the last one is open (`null`). */
export type UnitTier = { readonly upTo: string | null; readonly price: string };

/** A bucket costs `flat` as a whole; the open one may have a price per unit instead. */
export type BucketTier =
  | { readonly upTo: string | null; readonly flat: string }
  | { readonly upTo: null; readonly price: string };

/** A discount of `percent` on all units if there are at least `from` of them. */
export type DiscountTier = { readonly from: string; readonly percent: string };

/** The most tiers with which a price can be published. Older versions may have more. */
export const MOST_TIERS = 100;

/** How a quantity becomes an amount. All numbers are decimal texts, prices in major units of the currency. */
export type PriceModel =
  | { readonly kind: 'simple'; readonly price: string }
  | { readonly kind: 'volume'; readonly tiers: readonly UnitTier[] }
  | { readonly kind: 'graduated'; readonly tiers: readonly UnitTier[] }
  | { readonly kind: 'buckets'; readonly tiers: readonly BucketTier[] }
  | { readonly kind: 'discount'; readonly price: string; readonly tiers: readonly DiscountTier[] }
  | { readonly kind: 'free' };

/**
 * Refuses a price model that could not price every quantity. It runs when a price is published, so that pricing
 * itself needs no checks.
 * @throws DomainError invalid_price, invalid_quantity, tiers_out_of_order or tiers_not_open, with the path of the
 *   field, such as `tiers[1].upTo`
 */
export function checkPriceModel(model: PriceModel): void {
  switch (model.kind) {
    case 'free':
      return;
    case 'simple':
      return checkPrice(model.price, 'price');
    case 'volume':
    case 'graduated':
      checkBounds(model.tiers);
      return model.tiers.forEach((tier, index) => checkPrice(tier.price, `tiers[${index}].price`));
    case 'buckets':
      checkBounds(model.tiers);
      return model.tiers.forEach(checkBucket);
    case 'discount':
      checkPrice(model.price, 'price');
      return checkDiscounts(model.tiers);
    default:
      model satisfies never;
      throw refusal('invalid_price', 'not a kind of price model', 'kind');
  }
}

/** Refuses a price below zero, which would pay the customer. Only credits may do that. */
function checkPrice(text: string, field: string): void {
  if (isNegative(dec(text, field))) throw refusal('invalid_price', 'a price must not be negative', field);
}

/** Refuses bounds unless they rise from above zero and only the last one is open. */
function checkBounds(tiers: readonly { readonly upTo: string | null }[]): void {
  if (tiers.length === 0) throw refusal('tiers_not_open', 'there must be at least one tier', 'tiers');
  let previous = dec(0);
  tiers.forEach(({ upTo }, index) => {
    const field = `tiers[${index}].upTo`;
    const last = index === tiers.length - 1;
    if (last && upTo !== null) throw refusal('tiers_not_open', 'the last tier must be open', field);
    if (last) return;
    if (upTo === null) throw refusal('tiers_out_of_order', 'only the last tier may be open', field);
    const bound = dec(upTo, field);
    if (cmp(bound, previous) <= 0) throw refusal('tiers_out_of_order', 'tiers must rise', field);
    previous = bound;
  });
}

function checkBucket(tier: BucketTier, index: number): void {
  if ('flat' in tier === 'price' in tier) {
    throw refusal('invalid_price', 'a bucket has either a flat price or one per unit', `tiers[${index}]`);
  }
  if ('flat' in tier) return checkPrice(tier.flat, `tiers[${index}].flat`);
  if (tier.upTo !== null) {
    throw refusal('invalid_price', 'only the open bucket may have a price per unit', `tiers[${index}].price`);
  }
  checkPrice(tier.price, `tiers[${index}].price`);
}

function checkDiscounts(tiers: readonly DiscountTier[]): void {
  let previous = dec(0);
  tiers.forEach((tier, index) => {
    const from = dec(tier.from, `tiers[${index}].from`);
    if (cmp(from, previous) <= 0) {
      throw refusal('tiers_out_of_order', 'discount tiers must rise', `tiers[${index}].from`);
    }
    previous = from;
    const percent = dec(tier.percent, `tiers[${index}].percent`);
    if (isNegative(percent) || cmp(percent, dec(100)) > 0) {
      throw refusal('invalid_price', 'a discount is 0 to 100 percent', `tiers[${index}].percent`);
    }
  });
}

function refusal(code: ErrorCode, message: string, field: string): DomainError {
  return new DomainError(code, message, { field });
}
