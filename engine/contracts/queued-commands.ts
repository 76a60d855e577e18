import { DomainError } from '../../domain/errors.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { storeCommand } from './store-command.ts';
import { type MerchantId, merchantId } from '../../db/platform/ids.ts';
import {
  type OutboxRow,
  type QueuedCommand,
  markOneDelivered,
  waitingCommands,
} from '../../db/platform/outbox.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';

/**
 * Stores a command that waits in the outbox, and marks its message as delivered in the same transaction. However often the
 * message is delivered, the command is stored once. If the contract has ended or was deleted, the command is dropped.
 */
export function storeQueuedCommand(
  pool: Pool,
  { id, merchant_id, payload }: Pick<OutboxRow, 'id' | 'merchant_id' | 'payload'>,
): Promise<void> {
  const command = payload as QueuedCommand;
  const merchant = merchantId(merchant_id);
  return inTransaction(pool, async (tx) => {
    // Two deliveries both need the contract's lock, and only the first one then finds the message.
    await lockContract(tx, merchant, command.contractId);
    if (!(await markOneDelivered(tx, id))) return;
    try {
      await storeCommand(tx, merchant, command);
    } catch (error) {
      if (error instanceof DomainError && /^(contract_ended|not_found)$/.test(error.code)) return;
      throw error;
    }
  });
}

/** Stores the commands that wait for a contract, in their order. Returns their number. */
export async function storeQueuedCommands(
  pool: Pool,
  merchant: MerchantId,
  contractId: string,
): Promise<number> {
  const messages = await waitingCommands(pool, merchant, contractId);
  for (const message of messages) await storeQueuedCommand(pool, message);
  return messages.length;
}
