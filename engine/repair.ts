import type { Pool } from '../db/platform/pool.ts';
import { type Suspect, suspects } from '../db/platform/suspects.ts';
import { merchantId } from '../db/platform/ids.ts';
import { remedyFor } from './remedy.ts';
import { inParallel } from './in-parallel.ts';
import { storeAllPosted } from './posted.ts';
import { parseWorkflowId } from '../temporal/ids.ts';
import type { Reach } from '../temporal/client.ts';

export interface RepairDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'find' | 'wake' | 'restart'>;
}

/** A workflow that was started or woken, or would be. */
interface Repaired {
  readonly workflow_id: string;
  readonly what: 'start' | 'wake';
  readonly why: string;
}

export interface RepairReport {
  /** How many workflows were looked at. */
  readonly checked: number;
  readonly repaired: readonly Repaired[];
  /** What Temporal would not do; the next repair tries again. */
  readonly failed: readonly (Repaired & { readonly error: string })[];
}

const AT_ONCE = 32;

/**
 * Brings Temporal in line with Postgres: starts workflows that should run and do not, and wakes those that are late. It
 * decides nothing itself, so it may run at any time, twice, and beside everything else. `dryRun` only reports.
 */
export async function repair(deps: RepairDeps, { dryRun }: { dryRun: boolean }): Promise<RepairReport> {
  const report = { checked: 0, repaired: [] as Repaired[], failed: [] as (Repaired & { error: string })[] };
  for await (const batch of suspects(deps.pool)) {
    report.checked += batch.length;
    await inParallel(batch, AT_ONCE, async (suspect) => {
      const needed = await diagnose(deps, suspect);
      if (needed === null) return;
      try {
        if (!dryRun) {
          const { type, subject } = parseWorkflowId(needed.workflow_id);
          // What collection asked for is stored here, too: no relay may have come.
          if (type === 'contract') await storeAllPosted(deps.pool, merchantId(suspect.merchant_id), subject);
          await deps.reach.wake(needed.workflow_id);
        }
        report.repaired.push(needed);
      } catch (error) {
        report.failed.push({ ...needed, error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
  return report;
}

async function diagnose({ reach }: RepairDeps, { workflow_id, late }: Suspect): Promise<Repaired | null> {
  const run = await reach.find(workflow_id);
  const remedy = remedyFor(run);
  if (remedy === 'start') return { workflow_id, what: 'start', why: ['it does not run', ...late].join('; ') };
  return late.length === 0 ? null : { workflow_id, what: 'wake', why: late.join('; ') };
}
