import { nextDue } from '../domain/contract/when.ts';
import { setAgenda } from './agenda.ts';
import { loadContract } from './contracts.ts';
import type { MerchantId } from './ids.ts';
import { post } from './outbox.ts';
import type { Tx } from './pool.ts';

/**
 * Puts contracts on the agenda where they are due now that something waits for them, or does so no more, and wakes
 * those that this moved (rule 39). The caller holds the lock of their account.
 */
export async function reschedule(
  tx: Tx,
  merchant: MerchantId,
  contractIds: readonly string[],
): Promise<void> {
  for (const contractId of contractIds) {
    const { state, context } = await loadContract(tx, merchant, contractId);
    const { clockId, agendaDue } = context;
    const dueAt = nextDue(state);
    if (dueAt === agendaDue) continue;
    const workflowId = `contract/${contractId}`;
    await setAgenda(tx, merchant, { workflowId, kind: 'contract', clockId, dueAt });
    await post(tx, merchant, [{ kind: 'wake', workflowId, clockId }]);
  }
}
