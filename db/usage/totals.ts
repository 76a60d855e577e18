import type { UsageSpan } from '../../domain/billing/metered.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, type Tx, rows } from '../platform/pool.ts';

/** The key of a total. */
export const keyOf = ({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string =>
  [subscriptionId, startsAt, endsAt, aggregation].join(' ');

/** The totals of spans, by their keys. */
export interface Total {
  readonly key: string;
  readonly total: string;
}

/** Spans as a list of rows, with their keys. */
const spansJson = (spans: readonly UsageSpan[]): string =>
  JSON.stringify(
    spans.map((span) => ({
      key: keyOf(span),
      subscription: span.subscriptionId,
      starts: span.startsAt,
      ends: span.endsAt,
      aggregation: span.aggregation,
    })),
  );

/** What spans come to: what is kept of them, or else their events added up. An empty span comes to 0. */
export function readTotals(db: Db, merchant: MerchantId, spans: readonly UsageSpan[]): Promise<Total[]> {
  return rows<Total>(
    db,
    `select x.key, read_usage($1, x.subscription, x.starts, x.ends, x.aggregation)::text as total
     from jsonb_to_recordset($2::jsonb) as x(key text, subscription text, starts timestamptz, ends timestamptz, aggregation text)`,
    [merchant, spansJson(spans)],
  );
}

/**
 * Locks the totals of metered periods under the lock of their contract; makes those that there are not, and cuts those
 * whose period ends elsewhere now. Of a subscription that there is not yet, there is none.
 */
export function lockTotals(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  spans: readonly UsageSpan[],
): Promise<Total[]> {
  return rows<Total>(tx, `select key, comes_to::text as total from lock_usage($1, $2, $3)`, [
    merchant,
    contractId,
    spansJson(spans),
  ]);
}

/** Locks the totals that there are of periods, in the order in which `lockTotals` does; answers how many there are. */
export async function lockKeptTotals(
  tx: Tx,
  merchant: MerchantId,
  spans: readonly UsageSpan[],
): Promise<number> {
  const locked = await rows(
    tx,
    `select from usage_totals t join jsonb_to_recordset($2::jsonb) as x(subscription text, starts timestamptz, ends timestamptz)
       on t.subscription_id = x.subscription and t.starts_at = x.starts and t.ends_at = x.ends
     where t.merchant_id = $1 order by t.subscription_id, t.starts_at for no key update of t`,
    [merchant, spansJson(spans)],
  );
  return locked.length;
}
