import type { UsageSpan, UsageTotals } from '../../domain/billing/metered.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, type Tx, rows } from '../platform/pool.ts';

const NOTHING = '0';

const keyOf = ({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string =>
  [subscriptionId, startsAt, endsAt, aggregation].join(' ');

/**
 * Makes a pure decision that may ask for what usage comes to: it assumes nothing, and where there is something, it is
 * made again. What is asked never depends on the answers, so that once is enough, but for a forecast that goes on from
 * them; of a subscription that the decision itself makes there is nothing, under whatever id it makes it.
 */
export function withUsage<T>(db: Db, merchant: MerchantId, decide: (totals: UsageTotals) => T): Promise<T> {
  return withTotals((spans) => readTotals(db, merchant, spans), decide);
}

/** The same for a step, which rates what it asks for: under the contract's lock, it locks those totals, too (rule 46). */
export function withLockedUsage<T>(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  decide: (totals: UsageTotals) => T,
): Promise<T> {
  return withTotals((spans) => lockTotals(tx, merchant, contractId, spans), decide);
}

/** What spans come to, by their keys. */
interface Total {
  readonly key: string;
  readonly total: string;
}

async function withTotals<T>(
  load: (spans: readonly UsageSpan[]) => Promise<Total[]>,
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
    const loaded = missing.size === 0 ? [] : await load([...missing.values()]);
    if (loaded.every(({ total }) => total === NOTHING)) return made;
    for (const key of missing.keys()) known.set(key, NOTHING);
    for (const { key, total } of loaded) known.set(key, total);
  }
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
function readTotals(db: Db, merchant: MerchantId, spans: readonly UsageSpan[]): Promise<Total[]> {
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
