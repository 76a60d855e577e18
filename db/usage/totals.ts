import type { UsageSpan } from '../../domain/billing/metered.ts';
import { decimal, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

/** The key of a span's total. */
export const keyOf = ({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string =>
  [subscriptionId, startsAt, endsAt, aggregation].join(' ');

const total = { key: text, total: decimal };

/** The total of a span, with its key. */
export type Total = RowOf<typeof total>;

/** Spans as a list of rows, with their keys. */
const spanRows = (spans: readonly UsageSpan[]): readonly object[] =>
  spans.map((span) => ({
    key: keyOf(span),
    subscription: span.subscriptionId,
    starts: span.startsAt,
    ends: span.endsAt,
    aggregation: span.aggregation,
  }));

const selectTotals = statement('usageTotals', {
  sql: `
    select x.key, read_usage(:merchant, x.subscription, x.starts, x.ends, x.aggregation) as total
    from jsonb_to_recordset(:spans)
      as x(key text, subscription text, starts timestamptz, ends timestamptz, aggregation text)`,
  params: { merchant: 'text', spans: 'jsonb' },
  row: total,
});

/** The totals of spans: the stored total of a span, or else the aggregate of its events. The total of a span without events is 0. */
export function readTotals(db: Db, merchant: MerchantId, spans: readonly UsageSpan[]): Promise<Total[]> {
  return selectTotals.rows(db, { merchant, spans: spanRows(spans) });
}

const lockAndSelectTotals = statement('lockUsageTotals', {
  sql: 'select key, comes_to as total from lock_usage(:merchant, :contract, :spans)',
  params: { merchant: 'text', contract: 'text', spans: 'jsonb' },
  row: total,
});

/**
 * Locks and loads the totals of metered periods. The caller holds the lock of their contract. Missing totals are made, and a total
 * whose period has another end now is moved to that end. A subscription that is not stored yet gets no total.
 */
export function lockTotals(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  spans: readonly UsageSpan[],
): Promise<Total[]> {
  return lockAndSelectTotals.rows(tx, { merchant, contract: contractId, spans: spanRows(spans) });
}

const lockExisting = statement('lockExistingUsageTotals', {
  sql: `
    select from usage_totals t
    join jsonb_to_recordset(:spans) as x(subscription text, starts timestamptz, ends timestamptz)
      on t.subscription_id = x.subscription and t.starts_at = x.starts and t.ends_at = x.ends
    where t.merchant_id = :merchant
    order by t.subscription_id, t.starts_at for no key update of t`,
  params: { merchant: 'text', spans: 'jsonb' },
});

/** Locks the existing totals of periods, in the same order as `lockTotals`. Returns how many there are. */
export function lockExistingTotals(
  tx: Tx,
  merchant: MerchantId,
  spans: readonly UsageSpan[],
): Promise<number> {
  return lockExisting.run(tx, { merchant, spans: spanRows(spans) });
}
