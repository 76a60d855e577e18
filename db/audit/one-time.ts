import { oneTimeMinor } from '../../domain/books/one-time.ts';
import type { Keyed } from '../platform/batches.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

interface OneTimeRow extends Keyed {
  readonly state: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
  /** Of its line; null without one. */
  readonly amount_minor: bigint | null;
  /** Whether the line is of its account, contract, currency, price mode, quantity, price and day; a set-up fee is of that of its bill. */
  readonly alike: boolean | null;
}

const sql = (
  part: string,
): string => `select o.merchant_id, o.id, o.state, o.quantity, o.unit_price, o.currency, c.amount_minor,
    c.account_id = o.account_id and c.contract_id is not distinct from coalesce(o.contract_id, c.contract_id) and c.currency = o.currency
      and c.price_mode = o.price_mode and c.quantity = o.quantity and c.unit_price = o.unit_price 
      and (c.from_date = o.service_date or o.kind = 'setup') as alike
  from ${part} o left join charges c on c.merchant_id = o.merchant_id and c.one_time_id = o.id
  order by o.merchant_id, o.id`;

/** A one-time charge that is billed is on one line, at quantity × unit price; one that is not, on none. */
export const oneTimeChecks = checkOfRows<OneTimeRow>({
  name: 'one_time',
  table: 'one_time_charges',
  size: 500,
  sql,
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
