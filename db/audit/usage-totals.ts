import { z } from 'zod';
import { decimal, instant, list, text } from '../platform/columns.ts';
import { type RowOf, sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

/** A total that is not what its events add up to. */
const differing = z.strictObject({
  startsAt: instant,
  endsAt: instant,
  /** As it is kept, and as its events add up; null: as if there were none. */
  total: decimal.nullable(),
  counted: decimal.nullable(),
  /** The first value of a unique count that is kept otherwise than its events add up. */
  value: text.nullable(),
});

const subscriptionRow = { merchant_id: text, id: text, differing: list(differing) };

/** Stored totals of usage equal the sum of their events. */
export const usageTotalChecks = checkOfRows({
  name: 'usage_totals',
  table: 'component_subscriptions',
  size: 50,
  sql: sqlFile(import.meta.url, 'usage-totals.sql'),
  row: subscriptionRow,
  findings,
});

function* findings({ merchant_id, id, differing }: RowOf<typeof subscriptionRow>): Generator<Finding> {
  for (const each of differing)
    yield { check: 'usage_total_differs', merchant_id, id, message: messageOf(each) };
}

function messageOf({ startsAt, endsAt, total, counted, value }: z.output<typeof differing>): string {
  const when = `${startsAt} to before ${endsAt}`;
  if (value !== null)
    return `${when}: of value “${value}” another quantity is kept than its events add up to`;
  return `${when}: kept are ${total ?? '0'}, the events add up to ${counted ?? '0'}`;
}
