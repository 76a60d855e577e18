import type { Pool } from '../db/platform/pool.ts';
import { type Suspect, suspects } from '../db/platform/suspects.ts';
import { inParallel } from './in-parallel.ts';
import type { Reach } from '../temporal/client.ts';

export interface RepairDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'isRunning' | 'wake'>;
}

/** Something that was done, or would be. */
interface Mended {
  readonly workflow_id: string;
  readonly what: 'start' | 'wake';
  readonly why: string;
}

export interface RepairReport {
  /** How many workflows were looked at. */
  readonly checked: number;
  readonly mended: readonly Mended[];
  /** What Temporal would not do; the next repair tries again. */
  readonly failed: readonly (Mended & { readonly error: string })[];
}

const AT_ONCE = 32;

/**
 * Brings Temporal in line with Postgres: starts what should run and does not, and wakes what is late. It decides
 * nothing itself, so it may run at any time, twice, and beside everything else. `dryRun` only says what it would do.
 */
export async function repair(deps: RepairDeps, { dryRun }: { dryRun: boolean }): Promise<RepairReport> {
  const report = { checked: 0, mended: [] as Mended[], failed: [] as (Mended & { error: string })[] };
  for await (const batch of suspects(deps.pool)) {
    report.checked += batch.length;
    await inParallel(batch, AT_ONCE, async (suspect) => {
      const mending = await diagnose(deps, suspect);
      if (mending === null) return;
      try {
        if (!dryRun) await deps.reach.wake(mending.workflow_id);
        report.mended.push(mending);
      } catch (error) {
        report.failed.push({ ...mending, error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
  return report;
}

async function diagnose({ reach }: RepairDeps, { workflow_id, late }: Suspect): Promise<Mended | null> {
  const runs = await reach.isRunning(workflow_id);
  if (!runs) return { workflow_id, what: 'start', why: ['it does not run', ...late].join('; ') };
  return late.length === 0 ? null : { workflow_id, what: 'wake', why: late.join('; ') };
}
