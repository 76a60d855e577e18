import { z } from 'zod';
import { decimal, instant, list, text } from '../platform/columns.ts';
import { type RowOf, sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { checkOfRows } from './slices.ts';

/** A stored total that differs from its events. */
const differing = z.strictObject({
  startsAt: instant,
  endsAt: instant,
  /** The stored total, and the total of its events; null means that there is none. */
  total: decimal.nullable(),
  counted: decimal.nullable(),
  /** The first value of a unique count whose stored quantity differs from its events. */
  value: text.nullable(),
});

const subscriptionRow = { merchant_id: text, id: text, differing: list(differing) };

/** Checks that the stored totals of usage are those of their events. */
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
  if (value !== null) return `${when}: the stored quantity of value “${value}” differs from its events`;
  return `${when}: the stored total is ${total ?? '0'}, the events add up to ${counted ?? '0'}`;
}
