import { addDays, startOfDay } from '../arithmetic/calendar.ts';
import type { ContractState, NewId, OneTimeCharge } from '../contracts/state.ts';
import { dec, decText, mul, roundToMinor } from '../arithmetic/money.ts';
import type { Charge } from './charge.ts';
import { taxOn } from './tax-on.ts';

/** The contract or account on which a one-time charge is billed: the zone of its service date, its currency and its tax. */
export type OneTimePlace = Pick<ContractState, 'zone' | 'country' | 'currency' | 'taxRates'>;

/**
 * The amount of a one-time charge, rounded once.
 * @throws DomainError invalid_amount
 */
export function oneTimeMinor(
  { quantity, unitPrice }: Pick<OneTimeCharge, 'quantity' | 'unitPrice'>,
  currency: string,
): bigint {
  return roundToMinor(mul(dec(quantity), dec(unitPrice)), currency);
}

/**
 * The line of a one-time charge: quantity × unit price, rounded once. Below zero it is a one-time credit.
 * @throws DomainError tax_rate_missing, invalid_amount
 */
export function oneTimeLine(place: OneTimePlace, charge: OneTimeCharge, newId: NewId): Charge {
  const [from, to] = [charge.serviceDate, addDays(charge.serviceDate, 1)];
  return {
    id: newId('charge'),
    itemId: null,
    subject: charge.id,
    part: 0,
    kind: 'one_time',
    reversesId: null,
    oneTimeId: charge.id,
    text: charge.text,
    startsAt: startOfDay(from, place.zone),
    endsAt: startOfDay(to, place.zone),
    from,
    to,
    quantity: charge.quantity,
    unitPrice: charge.unitPrice,
    fullAmount: decText(mul(dec(charge.quantity), dec(charge.unitPrice))),
    unit: 'day',
    used: 1,
    fullLength: 1,
    amountMinor: oneTimeMinor(charge, place.currency),
    tax: taxOn(place, charge.taxPolicyId, from),
    derivation: {
      one_time: charge.id,
      quantity: charge.quantity,
      unit_price: charge.unitPrice,
      reference: charge.reference,
      application: charge.application,
      why: charge.kind === 'setup' ? 'setup' : 'one_time',
      rounding: 'half away from zero',
    },
  };
}
