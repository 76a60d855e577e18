import { DomainError } from '../errors.ts';
import { add, dec, mul, roundToMinor } from '../arithmetic/money.ts';
import { MOST_LINES, periodsPerBill, tooManyLines } from '../catalogue/line-count.ts';
import { total } from '../catalogue/pricing.ts';
import { pricedParts } from './items.ts';
import { mostLines, mostLinesOfChange } from './line-bound.ts';
import type { ContractState } from './state.ts';

/** The most items of a contract at a time, its fee included. A step reads all of them, and other steps wait meanwhile. */
const MOST_ITEMS = 1_000;

/**
 * Refuses a request after which the contract would have too many items, one step could make too many lines, or a bill
 * could exceed the digits of an amount (rules 22 and 50). This is checked even if nothing is billed yet, because a later
 * step is due by itself and cannot be refused. A contract that could make too many lines already may become smaller.
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
 * Refuses late usage if the periods that it has reopened could make more lines than one bill may have.
 * @throws DomainError too_many_lines
 */
export function checkLate(state: ContractState): void {
  const lines = mostLines(state);
  if (lines > MOST_LINES) throw tooManyLines(lines);
}

/** Refuses items if a bill of them, with all periods that it pays ahead, would exceed the digits of an amount. */
function checkAmounts({ items, currency, terms }: ContractState): void {
  try {
    const costs = items.map((item) =>
      mul(total(pricedParts(item, item.quantity)), dec(periodsPerBill(item.pricing, terms))),
    );
    roundToMinor(costs.reduce(add, dec(0)), currency);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(error.code, `the amount of a bill would be too large: ${error.message}`, {
      field: 'components',
    });
  }
}
