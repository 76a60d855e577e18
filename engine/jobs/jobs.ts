import { type JobKind, type JobScope, getJob, storeJob, storeStopping } from '../../db/jobs/jobs.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { nowOf } from '../../db/clocks/clocks.ts';
import { found } from '../../db/platform/refs.ts';
import { jobWorkflow } from '../../temporal/ids.ts';

/** The moments at which tests kill the process: after some contracts of an account were asked, and after an account was done. */
export type JobMoment = `job:asked:${number}` | 'job:account';

/** Stores a job over the accounts of a scope, and the message that starts its workflow. Returns the job's id. */
export async function requestJob(
  tx: Tx,
  merchant: MerchantId,
  kind: JobKind,
  scope: JobScope,
): Promise<string> {
  const id = await storeJob(tx, merchant, kind, scope);
  await putJobOnAgenda(tx, merchant, id, await nowOf(tx, merchant, null));
  await wake(tx, merchant, id);
  return id;
}

/** Asks a job to stop between two accounts. One that has ended stays as it is. @throws DomainError not_found */
export async function stopJob(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  found(await getJob(tx, merchant, id), 'job');
  if (await storeStopping(tx, merchant, id)) await wake(tx, merchant, id);
}

/** Sets the instant at which the sweep checks the workflow of a job; null removes the agenda row. */
export async function putJobOnAgenda(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  dueAt: string | null,
): Promise<void> {
  await setAgenda(tx, merchant, { workflowId: jobWorkflow(id), kind: 'job', clockId: null, dueAt });
}

function wake(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  return enqueue(tx, merchant, [{ kind: 'wake', workflowId: jobWorkflow(id), clockId: null }]);
}
