import type { Pool } from '../db/platform/pool.ts';
import { BATCH, RETENTION, RETENTION_KINDS, type Retention, forget } from '../db/platform/retention.ts';
import { deleteOfDeletedEndpoints } from '../db/webhooks/queue.ts';
import type { Observer } from '../telemetry/observer.ts';

export interface RetentionDeps {
  readonly pool: Pool;
  /** For how many days each kind is kept. */
  readonly keep?: Retention | undefined;
  readonly observer?: Pick<Observer, 'forgotten'> | undefined;
}

/** Deletes a batch of each kind of rows whose retention is over. Returns how many rows were in full batches: there may be more. */
export async function deleteExpiredRows({
  pool,
  keep = RETENTION,
  observer,
}: RetentionDeps): Promise<number> {
  let more = 0;
  for (const kind of RETENTION_KINDS) {
    const count = await forget(pool, kind, keep[kind]);
    if (count > 0) observer?.forgotten({ kind, count });
    if (count === BATCH) more += count;
  }
  return more + (await deleteOfDeletedEndpoints(pool));
}
