import { oneTimeMinor } from '../../domain/books/one-time.ts';
import { bigint, decimal, text, truth } from '../platform/columns.ts';
import { type RowOf, sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

const oneTimeRow = {
  merchant_id: text,
  id: text,
  state: text,
  quantity: decimal,
  unit_price: decimal,
  currency: text,
  /** The amount of its line; null if it has none. */
  amount_minor: bigint.nullable(),
  /** Whether its line has the same account, contract, currency, price mode, quantity, price and day. A set-up fee may have any day. */
  alike: truth.nullable(),
};
type OneTimeRow = RowOf<typeof oneTimeRow>;

/** Checks that a billed one-time charge is on one line, at quantity × unit price, and that any other is on none. */
export const oneTimeChecks = checkOfRows({
  name: 'one_time',
  table: 'one_time_charges',
  size: 500,
  sql: sqlFile(import.meta.url, 'one-time.sql'),
  row: oneTimeRow,
  findings,
});

function* findings(charge: OneTimeRow): Generator<Finding> {
  const { merchant_id, id } = charge;
  for (const message of problemsOf(charge)) yield { check: 'one_time_differs', merchant_id, id, message };
}

function problemsOf({ state, quantity, unit_price, currency, amount_minor, alike }: OneTimeRow): string[] {
  if ((state === 'billed') !== (amount_minor !== null)) {
    return [`it is ${state}, and there is ${amount_minor === null ? 'no' : 'a'} line of it`];
  }
  if (amount_minor === null) return [];
  const amount = oneTimeMinor({ quantity, unitPrice: unit_price }, currency);
  return [
    ...(amount === amount_minor ? [] : [`its line has ${amount_minor}, quantity × price gives ${amount}`]),
    ...(alike === true ? [] : ['its line is of another account, contract, currency, price or day']),
  ];
}
