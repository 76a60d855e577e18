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
  /** Of its line; null without one. */
  amount_minor: bigint.nullable(),
  /** Whether the line is of its account, contract, currency, price mode, quantity, price and day; a set-up fee is of that of its bill. */
  alike: truth.nullable(),
};
type OneTimeRow = RowOf<typeof oneTimeRow>;

/** A one-time charge that is billed is on one line, at quantity × unit price; one that is not, on none. */
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
    ...(amount === amount_minor ? [] : [`its line has ${amount_minor}, quantity × price are ${amount}`]),
    ...(alike === true ? [] : ['its line is of another account, contract, currency, price or day']),
  ];
}
