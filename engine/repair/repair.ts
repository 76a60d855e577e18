import { onBehalfOf } from '../../db/platform/call.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { type RepairCandidate, repairCandidates } from '../../db/platform/repair-candidates.ts';
import { merchantId } from '../../db/platform/ids.ts';
import { type Remedy, applyRemedy, remedyFor } from './remedy.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { storeAllPosted } from '../contracts/posted-commands.ts';
import { parseWorkflowId } from '../../temporal/ids.ts';
import type { Reach } from '../../temporal/client.ts';
import type { Run } from '../../temporal/run-state.ts';

export interface RepairDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'find' | 'wake' | 'restart'>;
}

/** A workflow that was started, woken, or ended and started anew; or would be. */
interface Repaired {
  readonly workflow_id: string;
  readonly what: Remedy;
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
 * Brings Temporal in line with Postgres, a batch at a time: starts workflows that should run and do not, wakes those that
 * are late, and starts anew those that cannot go on. It decides nothing itself, so it may run at any time, twice, and
 * beside everything else. `dryRun` only reports.
 */
export async function repair(deps: RepairDeps, { dryRun }: { dryRun: boolean }): Promise<RepairReport> {
  const report = { checked: 0, repaired: [] as Repaired[], failed: [] as (Repaired & { error: string })[] };
  for await (const batch of repairCandidates(deps.pool)) {
    report.checked += batch.length;
    await inParallel(batch, AT_ONCE, async (candidate) => {
      const run = await deps.reach.find(candidate.workflow_id);
      const needed = diagnose(run, candidate);
      if (needed === null) return;
      try {
        if (!dryRun)
          await onBehalfOf(candidate.merchant_id, () => carryOut(deps, candidate, run, needed.what));
        report.repaired.push(needed);
      } catch (error) {
        report.failed.push({ ...needed, error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
  return report;
}

async function carryOut(
  { pool, reach }: RepairDeps,
  { workflow_id, merchant_id }: RepairCandidate,
  run: Run,
  what: Remedy,
): Promise<void> {
  const { type, subject } = parseWorkflowId(workflow_id);
  // What collection asked for is stored here, too: no relay may have come.
  if (type === 'contract') await storeAllPosted(pool, merchantId(merchant_id), subject);
  await applyRemedy(reach, workflow_id, run, what);
}

const WHY = { start: ['it does not run'], restart: ['its history does not fit the code'], wake: [] } as const;

/** What a workflow needs. One that runs, and is late with nothing, needs nothing; a wake does no harm to one at work. */
function diagnose(run: Run, { workflow_id, late }: RepairCandidate): Repaired | null {
  const what = remedyFor(run) ?? 'wake';
  if (what === 'wake' && late.length === 0) return null;
  return { workflow_id, what, why: [...WHY[what], ...late].join('; ') };
}
