import { DomainError } from '../errors.ts';
import { add, dec, roundToMinor } from '../arithmetic/money.ts';
import { total } from '../catalogue/pricing.ts';
import { pricedParts } from './items.ts';
import type { ContractState } from './state.ts';

/** What a contract has at a time, its fee included: a step looks at all of it, and others' steps wait meanwhile. */
const MOST_ITEMS = 1_000;

/**
 * Refuses more items than one step can take in its stride, and what would make a period dearer than an amount may be,
 * also where nothing is billed yet: later there would be nobody to refuse it to.
 * @throws DomainError too_many_components, invalid_amount
 */
export function checkLimits({ items, currency }: Pick<ContractState, 'items' | 'currency'>): void {
  if (items.length > MOST_ITEMS) {
    throw new DomainError('too_many_components', `a contract has at most ${MOST_ITEMS} items at a time`, {
      field: 'components',
    });
  }
  try {
    const costs = items.map((item) => total(pricedParts(item, item.quantity)));
    roundToMinor(costs.reduce(add, dec(0)), currency);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `a period would cost too much: ${error.message}`, {
      field: 'components',
    });
  }
}
