import { cmp, dec, decText, isNegative, minorDigits, mul, neg } from '../arithmetic/money.ts';
import { decimalsOf } from '../arithmetic/quantities.ts';
import { DomainError, atField } from '../errors.ts';
import type { PriceModel } from './price-model.ts';

/** Twelve digits in minor units, three fewer than an amount has: below 10,000,000,000 euros, 1,000,000,000,000 dong. */
const PRICE_DIGITS = 12;

/**
 * Refuses a price that is too large in minor units of its currency. A price may be finer than its currency, because it
 * is multiplied first and the line is rounded once (rule 10): 283.3333 euros, or 0.00065.
 * @throws DomainError invalid_price, unknown_currency
 */
export function checkPrice(text: string, currency: string): void {
  const price = dec(text);
  const minor = mul(isNegative(price) ? neg(price) : price, dec(10n ** BigInt(minorDigits(currency))));
  if (cmp(minor, dec(10n ** BigInt(PRICE_DIGITS))) < 0) return;
  const most = PRICE_DIGITS - minorDigits(currency);
  throw new DomainError(
    'invalid_price',
    `a price in ${currency} has at most ${most} digits before the point`,
  );
}

/**
 * Refuses a price that its currency cannot print, such as 100.55 dong. Fees and caps need this check, as they are charged
 * or compared without being multiplied first.
 * @throws DomainError invalid_price, unknown_currency
 */
function checkAsItStands(text: string, currency: string): void {
  checkPrice(text, currency);
  const digits = minorDigits(currency);
  if (decimalsOf(decText(dec(text))) <= digits) return;
  throw new DomainError(
    'invalid_price',
    `${currency} has ${digits} digits after the point, and ${text} has more`,
  );
}

/**
 * Refuses fees of a variant that are too large, or finer than the currency.
 * @throws DomainError invalid_price
 */
export function checkFees(terms: { fee: string | null; setup_fee?: string }, currency: string): void {
  const { fee, setup_fee: setup } = terms;
  if (fee !== null) atField('fee', () => checkAsItStands(fee, currency));
  if (setup !== undefined) atField('setup_fee', () => checkAsItStands(setup, currency));
}

/**
 * Refuses prices of a component that are too large, and a cap that is too large or finer than the currency.
 * @throws DomainError invalid_price, with the path of the field: `price.tiers[1].flat`
 */
export function checkComponentPrices(terms: { price: PriceModel; cap?: string }, currency: string): void {
  const { cap } = terms;
  for (const [field, text] of pricesOf(terms.price)) atField(field, () => checkPrice(text, currency));
  if (cap !== undefined) atField('cap', () => checkAsItStands(cap, currency));
}

/** Every price of a model with its path in the request. */
function pricesOf(model: PriceModel): (readonly [field: string, price: string])[] {
  switch (model.kind) {
    case 'free':
      return [];
    case 'simple':
    case 'discount':
      return [['price.price', model.price]];
    default:
      return model.tiers.map((tier, index) =>
        'flat' in tier
          ? ([`price.tiers[${index}].flat`, tier.flat] as const)
          : ([`price.tiers[${index}].price`, tier.price] as const),
      );
  }
}
