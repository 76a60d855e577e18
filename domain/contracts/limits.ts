import { DomainError } from '../errors.ts';
import { add, dec, mul, roundToMinor } from '../arithmetic/money.ts';
import { MOST_LINES, periodsPerBill, tooManyLines } from '../catalogue/line-count.ts';
import { total } from '../catalogue/pricing.ts';
import { pricedParts } from './items.ts';
import { mostLines, mostLinesOfChange } from './line-bound.ts';
import type { ContractState } from './state.ts';

/** Items of a contract at a time, its fee included: a step looks at all of them, and others' steps wait meanwhile. */
const MOST_ITEMS = 1_000;

/**
 * Refuses what a contract becomes if it has more items, or could make more lines at once, than one step can take in its
 * stride, or if a bill would be dearer than an amount may be; also where nothing is billed yet, as later there would
 * be nobody to refuse it to. A contract that could make more lines already may become smaller.
 * @throws DomainError too_many_components, too_many_lines, invalid_amount
 */
export function checkLimits(before: ContractState, after: ContractState): void {
  if (after.items.length > MOST_ITEMS) {
    throw new DomainError('too_many_components', `a contract has at most ${MOST_ITEMS} items at a time`, {
      field: 'components',
    });
  }
  const lines = mostLinesOfChange(before, after);
  if (lines > MOST_LINES && lines > mostLines(before)) throw tooManyLines(lines, 'components');
  checkAmounts(after);
}

/**
 * Refuses late usage once the periods that it has opened again could make more lines than one bill may have.
 * @throws DomainError too_many_lines
 */
export function checkLate(state: ContractState): void {
  const lines = mostLines(state);
  if (lines > MOST_LINES) throw tooManyLines(lines);
}

/** A bill that pays many periods ahead is an amount, too. */
function checkAmounts({ items, currency, terms }: ContractState): void {
  try {
    const costs = items.map((item) =>
      mul(total(pricedParts(item, item.quantity)), dec(periodsPerBill(item.pricing, terms))),
    );
    roundToMinor(costs.reduce(add, dec(0)), currency);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `a bill would come to too much: ${error.message}`, {
      field: 'components',
    });
  }
}
