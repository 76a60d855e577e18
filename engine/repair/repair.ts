import { onBehalfOf } from '../../db/platform/call.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { type RepairCandidate, repairCandidates } from '../../db/platform/repair-candidates.ts';
import { merchantId } from '../../db/platform/ids.ts';
import { type Remedy, applyRemedy, remedyFor } from './remedy.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { storeQueuedCommands } from '../contracts/queued-commands.ts';
import { parseWorkflowId } from '../../temporal/ids.ts';
import type { Workflows } from '../../temporal/client.ts';
import type { Run } from '../../temporal/run-state.ts';

export interface RepairDeps {
  readonly pool: Pool;
  readonly workflows: Pick<Workflows, 'find' | 'wake' | 'restart'>;
}

/** A workflow to which a remedy was applied, or would be in a dry run. */
interface Repaired {
  readonly workflow_id: string;
  readonly remedy: Remedy;
  readonly why: string;
}

export interface RepairReport {
  /** The number of workflows that were checked. */
  readonly checked: number;
  readonly repaired: readonly Repaired[];
  /** Remedies that failed. The next repair tries them again. */
  readonly failed: readonly (Repaired & { readonly error: string })[];
}

const AT_ONCE = 32;

/**
 * Brings Temporal in line with Postgres, a batch at a time. It starts workflows that should run and do not, wakes those that
 * are late, and restarts those that cannot go on. It decides nothing about contracts, so it may run at any time, also twice
 * and beside other work. With `dryRun` it only reports.
 */
export async function repair(deps: RepairDeps, { dryRun }: { dryRun: boolean }): Promise<RepairReport> {
  const report = { checked: 0, repaired: [] as Repaired[], failed: [] as (Repaired & { error: string })[] };
  for await (const batch of repairCandidates(deps.pool)) {
    report.checked += batch.length;
    await inParallel(batch, AT_ONCE, async (candidate) => {
      const run = await deps.workflows.find(candidate.workflow_id);
      const needed = diagnose(run, candidate);
      if (needed === null) return;
      try {
        if (!dryRun)
          await onBehalfOf(candidate.merchant_id, () => carryOut(deps, candidate, run, needed.remedy));
        report.repaired.push(needed);
      } catch (error) {
        report.failed.push({ ...needed, error: error instanceof Error ? error.message : String(error) });
      }
    });
  }
  return report;
}

async function carryOut(
  { pool, workflows }: RepairDeps,
  { workflow_id, merchant_id }: RepairCandidate,
  run: Run,
  remedy: Remedy,
): Promise<void> {
  const { type, rowId } = parseWorkflowId(workflow_id);
  // Commands from collection are stored here, too, in case no relay runs.
  if (type === 'contract') await storeQueuedCommands(pool, merchantId(merchant_id), rowId);
  await applyRemedy(workflows, workflow_id, run, remedy);
}

const WHY = { start: ['it does not run'], restart: ['its history does not fit the code'], wake: [] } as const;

/** The remedy that a workflow needs. One that runs and is not late needs none. A wake does no harm to one that is at work. */
function diagnose(run: Run, { workflow_id, late }: RepairCandidate): Repaired | null {
  const remedy = remedyFor(run) ?? 'wake';
  if (remedy === 'wake' && late.length === 0) return null;
  return { workflow_id, remedy, why: [...WHY[remedy], ...late].join('; ') };
}
