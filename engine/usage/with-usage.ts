import type { UsageSpan, UsageTotals } from '../../domain/billing/metered.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Pool, type Tx, inSnapshot } from '../../db/platform/pool.ts';
import { type Total, keyOf, lockTotals, readTotals } from '../../db/usage/totals.ts';

const NOTHING = '0';

/**
 * Makes a pure decision that may ask for what usage comes to: it assumes nothing, and where there is something, it is
 * made again. What is asked never depends on the answers, so that once is enough, but for a forecast that goes on from
 * them; of a subscription that the decision itself makes there is nothing, under whatever id it makes it.
 */
export function withUsage<T>(db: Db, merchant: MerchantId, decide: (totals: UsageTotals) => T): Promise<T> {
  return withTotals((spans) => readTotals(db, merchant, spans), decide);
}

/**
 * Decides on what `load` reads in one snapshot, and on usage as it is afterwards. No transaction is open while it decides, however
 * long that takes.
 */
export async function onSnapshot<T>(
  reads: Pool,
  merchant: MerchantId,
  load: (db: Db) => Promise<(totals: UsageTotals) => T>,
): Promise<T> {
  return withUsage(reads, merchant, await inSnapshot(reads, load));
}

/** As `withUsage`, for a step, which rates what it asks for: under the contract's lock, it locks those totals, too (rule 46). */
export function withLockedUsage<T>(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  decide: (totals: UsageTotals) => T,
): Promise<T> {
  return withTotals((spans) => lockTotals(tx, merchant, contractId, spans), decide);
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
