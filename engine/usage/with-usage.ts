import type { UsageSpan, UsageTotals } from '../../domain/billing/metered.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Pool, type Tx, inSnapshot } from '../../db/platform/pool.ts';
import { type Total, keyOf, lockTotals, readTotals } from '../../db/usage/totals.ts';

const ZERO = '0';

/**
 * Makes a pure decision that may need totals of usage. The decision is first made as if all totals were zero. If it asked for
 * a total that is not zero, it is made again with the loaded totals. One repetition is enough, as the totals that are asked for
 * do not depend on the answers; only a forecast that goes on from them may need more. A subscription that the decision itself
 * creates has no usage, whatever id it gets.
 */
export function withUsage<T>(db: Db, merchant: MerchantId, decide: (totals: UsageTotals) => T): Promise<T> {
  return withTotals((spans) => readTotals(db, merchant, spans), decide);
}

/**
 * Loads with `load` in one snapshot, then decides with the totals of usage as they are afterwards. No transaction is open
 * during the decision, however long it takes.
 */
export async function onSnapshot<T>(
  reads: Pool,
  merchant: MerchantId,
  load: (db: Db) => Promise<(totals: UsageTotals) => T>,
): Promise<T> {
  return withUsage(reads, merchant, await inSnapshot(reads, load));
}

/** As `withUsage`, for a step. It rates the totals that it asks for, so it locks them, under the contract's lock (rule 46). */
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
    const decision = decide((span) => {
      const total = known.get(keyOf(span));
      if (total === undefined) missing.set(keyOf(span), span);
      return total ?? ZERO;
    });
    const loaded = missing.size === 0 ? [] : await load([...missing.values()]);
    if (loaded.every(({ total }) => total === ZERO)) return decision;
    for (const key of missing.keys()) known.set(key, ZERO);
    for (const { key, total } of loaded) known.set(key, total);
  }
}
