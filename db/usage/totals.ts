import type { UsageSpan, UsageTotals } from '../../domain/billing/metered.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, rows } from '../platform/pool.ts';

const NOTHING = '0';

const keyOf = ({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string =>
  [subscriptionId, startsAt, endsAt, aggregation].join(' ');

/**
 * Makes a pure decision that may ask for what usage comes to: it assumes nothing, and where there is something, it is
 * made again. What is asked never depends on the answers, so that once is enough, but for a forecast that goes on from
 * them; of a subscription that the decision itself makes there is nothing, under whatever id it makes it.
 */
export async function withUsage<T>(
  db: Db,
  merchant: MerchantId,
  decide: (totals: UsageTotals) => T,
): Promise<T> {
  const known = new Map<string, string>();
  for (;;) {
    const missing = new Map<string, UsageSpan>();
    const made = decide((span) => {
      const total = known.get(keyOf(span));
      if (total === undefined) missing.set(keyOf(span), span);
      return total ?? NOTHING;
    });
    const loaded = missing.size === 0 ? [] : await loadTotals(db, merchant, [...missing]);
    if (loaded.every(([, total]) => total === NOTHING)) return made;
    for (const [key, total] of loaded) known.set(key, total);
  }
}

/**
 * What the usage of a span comes to; `x` is a row of subscription, aggregation, starts and ends. An empty span comes to
 * 0; a unique count counts values whose quantities add up to more than nothing.
 */
export function usageTotal(merchant: string, x: string): string {
  const events = `usage_events e where e.merchant_id = ${merchant} and e.subscription_id = ${x}.subscription
    and e.at >= ${x}.starts and e.at < ${x}.ends`;
  return `coalesce(case ${x}.aggregation
    when 'sum' then (select sum(quantity) from ${events})
    when 'max' then (select max(quantity) from ${events})
    when 'last' then (select quantity from ${events} order by e.at desc, e.seq desc limit 1)
    else (select count(*) from (select from ${events} group by e.value having sum(quantity) > 0) v) end, 0)`;
}

async function loadTotals(
  db: Db,
  merchant: MerchantId,
  spans: readonly (readonly [key: string, span: UsageSpan])[],
): Promise<[string, string][]> {
  const found = await rows<{ key: string; total: string }>(
    db,
    `select x.key, ${usageTotal('$1', 'x')}::text as total
     from jsonb_to_recordset($2::jsonb) as x(key text, subscription text, starts timestamptz, ends timestamptz, aggregation text)`,
    [
      merchant,
      JSON.stringify(
        spans.map(([key, { subscriptionId, startsAt, endsAt, aggregation }]) => ({
          key,
          subscription: subscriptionId,
          starts: startsAt,
          ends: endsAt,
          aggregation,
        })),
      ),
    ],
  );
  return found.map(({ key, total }) => [key, total]);
}
