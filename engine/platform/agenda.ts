import { nextDue } from '../../domain/contracts/next-due.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import { type LoadedContract, loadContract } from '../../db/contracts/contracts.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { post } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

/**
 * Puts contracts on the agenda where they are due now that something waits for them, or does so no more, and wakes
 * those that this moved (rule 39). The caller holds their locks.
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
    await post(tx, merchant, [{ kind: 'wake', workflowId: contractWorkflow(contractId), clockId }]);
  }
}

/** Puts a contract on the agenda where it is due, or takes it off; answers whether that moved it. */
export function putOnAgenda(
  tx: Tx,
  merchant: MerchantId,
  { state, context }: LoadedContract,
): Promise<boolean> {
  const workflowId = contractWorkflow(state.contractId);
  const { clockId } = context;
  return setAgenda(tx, merchant, { workflowId, kind: 'contract', clockId, dueAt: nextDue(state) });
}
