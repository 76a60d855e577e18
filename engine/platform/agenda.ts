import { nextDue } from '../../domain/contracts/next-due.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import { type LoadedContract, loadContract } from '../../db/contracts/contracts.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

/**
 * Moves the agenda rows of contracts after a charge or late usage was added for their next bill, or was withdrawn. Each contract
 * whose row moved is woken (rule 39). The caller holds the contracts' locks.
 */
export async function reschedule(
  tx: Tx,
  merchant: MerchantId,
  contractIds: readonly string[],
): Promise<void> {
  for (const contractId of contractIds) {
    const loaded = await loadContract(tx, merchant, contractId);
    if (!(await putOnAgenda(tx, merchant, loaded))) continue;
    const { clockId } = loaded.context;
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: contractWorkflow(contractId), clockId }]);
  }
}

/** Sets the agenda row of a contract to its next due instant, or removes it. Returns whether that changed the row. */
export function putOnAgenda(
  tx: Tx,
  merchant: MerchantId,
  { state, context }: LoadedContract,
): Promise<boolean> {
  const workflowId = contractWorkflow(state.contractId);
  const { clockId } = context;
  return setAgenda(tx, merchant, { workflowId, kind: 'contract', clockId, dueAt: nextDue(state) });
}
