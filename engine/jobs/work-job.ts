import { DomainError } from '../../domain/errors.ts';
import { addDuration } from '../../domain/arithmetic/calendar.ts';
import { getRun } from '../../db/books/runs.ts';
import {
  type ItemEnd,
  type JobItem,
  progressOfItem,
  storeItemEnd,
  storeRunOfItem,
} from '../../db/jobs/job-items.ts';
import { type JobKind, isRunning, ownerOfJob, storeJobEnded, waitingAccounts } from '../../db/jobs/jobs.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { isTransient } from '../../db/platform/transient.ts';
import { requestRun } from '../books/account-runs.ts';
import { type RunDeps, type RunMoment, runAccount } from '../books/run-account.ts';
import { ClockAhead } from '../clocks/now.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { setAccountState } from './account-state.ts';
import { type JobMoment, putJobOnAgenda } from './jobs.ts';

/** The result of a step for the workflow of a job. */
export interface JobStanding {
  /** Whether the job has ended. Otherwise the workflow takes the next step at once. */
  readonly finished: boolean;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  readonly shown: { readonly merchant: string; readonly kind: string };
}

export interface JobDeps extends Omit<RunDeps, 'onMoment'> {
  readonly onMoment?: (moment: JobMoment | RunMoment) => void;
}

/** How many accounts a step works on at most. */
const MOST_ACCOUNTS = 20;
const AT_ONCE = 4;
/** Longer than a step may take. If no step begins for so long, the sweep checks the job's workflow. */
const STEP_MINUTES = 6;

/**
 * Takes the next step of a job: works on up to twenty of its accounts, each in transactions of its own. Before each account, it reads
 * whether the job was asked to stop. An account that fails is stored with the reason, and the step goes on with the others.
 */
export async function workJob(
  deps: JobDeps,
  { jobId, woken }: { readonly jobId: string; readonly woken: string },
): Promise<JobStanding> {
  const { pool, limit } = deps;
  const owner = await ownerOfJob(pool, jobId);
  if (owner === null) return { finished: true, limit, shown: { merchant: '', kind: '' } };
  const { merchant, kind } = owner;
  const shown = { merchant, kind };
  return onBehalfOf(merchant, async () => {
    const accounts = (await isRunning(pool, merchant, jobId))
      ? await waitingAccounts(pool, merchant, jobId, MOST_ACCOUNTS)
      : [];
    if (accounts.length === 0) {
      await inTransaction(pool, async (tx) => {
        await storeJobEnded(tx, merchant, jobId);
        await putJobOnAgenda(tx, merchant, jobId, null);
      });
      return { finished: true, limit, shown };
    }
    await inTransaction(pool, (tx) =>
      putJobOnAgenda(tx, merchant, jobId, addDuration(woken, { minutes: STEP_MINUTES })),
    );
    const late: unknown[] = [];
    await inParallel(accounts, AT_ONCE, async (account) => {
      if (!(await isRunning(pool, merchant, jobId))) return;
      try {
        await workOn(deps, merchant, kind, { job: jobId, account }, woken);
      } catch (error) {
        late.push(error);
        return;
      }
      deps.onMoment?.('job:account');
    });
    // Accounts that could not be reached are tried again by the next step. If that is true of all, the activity is retried.
    if (late.length === accounts.length) throw late[0];
    return { finished: false, limit, shown };
  });
}

/** Works on an account of a job and stores its result. */
async function workOn(
  deps: JobDeps,
  merchant: MerchantId,
  kind: JobKind,
  item: JobItem,
  woken: string,
): Promise<void> {
  const { pool } = deps;
  try {
    const end =
      kind === 'bill'
        ? await billAccount(deps, merchant, item, woken)
        : await setAccountState(deps, merchant, kind, item);
    await storeItemEnd(pool, merchant, item, end);
  } catch (error) {
    if (isTransient(error) || error instanceof ClockAhead) throw error;
    const reason =
      error instanceof DomainError
        ? { code: error.code, detail: error.message }
        : { code: 'internal_error', detail: error instanceof Error ? error.message : String(error) };
    await storeItemEnd(pool, merchant, item, { state: 'failed', ...reason });
  }
}

/** Requests a run of an account, and takes the run's steps until it is done. */
async function billAccount(
  deps: JobDeps,
  merchant: MerchantId,
  item: JobItem,
  woken: string,
): Promise<ItemEnd> {
  const { pool } = deps;
  const { run: asked } = await progressOfItem(pool, merchant, item);
  const run =
    asked ??
    (await inTransaction(pool, async (tx) => {
      const id = await requestRun(tx, merchant, item.account, { wakes: false });
      await storeRunOfItem(tx, merchant, item, id);
      return id;
    }));
  for (;;) {
    const { incident, behind } = await runAccount(deps, { accountId: item.account, woken });
    const stored = await getRun(pool, merchant, run);
    if (stored?.state === 'done') {
      if (stored.left_out.length === 0) return { state: 'done' };
      const detail = `its run left out ${stored.left_out.join(', ')}`;
      return { state: 'failed', code: 'contracts_left_out', detail };
    }
    if (incident !== null)
      return { state: 'failed', code: 'incident', detail: `its run failed: see incident ${incident}` };
    if (!behind) return { state: 'failed', code: 'run_not_due', detail: `its run ${run} is not due yet` };
  }
}
