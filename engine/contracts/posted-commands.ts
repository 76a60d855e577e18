import { DomainError } from '../../domain/errors.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { storeCommand } from './store-command.ts';
import { type MerchantId, merchantId } from '../../db/platform/ids.ts';
import {
  type OutboxRow,
  type PostedCommand,
  takeMessage,
  waitingCommands,
} from '../../db/platform/outbox.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';

/**
 * Stores a command that waits in the outbox, in a transaction of its own, together with the end of its message: once,
 * however often the message is delivered. A contract that has ended, or was deleted, takes none any more.
 */
export function storePosted(
  pool: Pool,
  { id, merchant_id, payload }: Pick<OutboxRow, 'id' | 'merchant_id' | 'payload'>,
): Promise<void> {
  const command = payload as PostedCommand;
  const merchant = merchantId(merchant_id);
  return inTransaction(pool, async (tx) => {
    // Under the contract's lock, which both of two deliveries need, only the first one finds the message.
    await lockContract(tx, merchant, command.contractId);
    if (!(await takeMessage(tx, id))) return;
    try {
      await storeCommand(tx, merchant, command);
    } catch (error) {
      if (error instanceof DomainError && /^(contract_ended|not_found)$/.test(error.code)) return;
      throw error;
    }
  });
}

/** Stores the commands that wait for a contract, in their order; answers how many there were. */
export async function storeAllPosted(pool: Pool, merchant: MerchantId, contractId: string): Promise<number> {
  const messages = await waitingCommands(pool, merchant, contractId);
  for (const message of messages) await storePosted(pool, message);
  return messages.length;
}
