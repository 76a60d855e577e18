import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { refuseEnded } from '../../domain/contracts/conflicts.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import { DomainError } from '../../domain/errors.ts';
import { isAccountDeactivated, lockContract } from '../../db/contracts/locks.ts';
import { type CommandKind, insertCommand } from '../../db/contracts/commands.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import { type Tx, send } from '../../db/platform/pool.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

/** A command to store. */
export interface NewCommand {
  readonly contractId: string;
  readonly kind: CommandKind;
  readonly body: object;
  /** `now`, `period_end` or a local date of the contract's zone. */
  readonly effective: string;
  /** `api:<key id>`, `operator`, `collection:<receivable id>` or `job:<job id>`. */
  readonly actor: string;
  /** Given for commands from the outbox and from operators' signals, so that they are stored once. */
  readonly id?: string;
}

export interface StoredCommand {
  readonly commandId: string;
  readonly askedAt: string;
}

/** The API asks the workflow itself as soon as the command is stored. The relay's wake is needed only if that process dies. */
const API_ASKS_WITHIN_SECONDS = 5;

/**
 * Stores a command under the contract's lock, with the instant at which it counts. It also posts a wake, which the relay sends
 * if this process dies before it asks the workflow (rule 42).
 * @throws DomainError not_found, contract_ended, and for commands from outside clock_advancing, account_deactivated
 */
export async function storeCommand(
  tx: Tx,
  merchant: MerchantId,
  command: NewCommand,
): Promise<StoredCommand> {
  const { contractId } = command;
  const locked = await lockContract(tx, merchant, contractId);
  if (locked === null) throw new DomainError('not_found', 'there is no such contract');
  refuseEnded(locked);
  const fromOutside = command.actor.startsWith('api:');
  if (fromOutside) refuseAdvancing(locked);
  if (command.kind === 'resume' && (fromOutside || command.actor === 'operator'))
    await refuseResume(tx, merchant, contractId);
  const stored = {
    commandId: command.id ?? newId('command'),
    askedAt: countsAt(locked.now_at, locked.settled_through),
  };
  const clockId = await insertCommand(tx, merchant, { ...command, ...stored });
  const delaySeconds = fromOutside ? API_ASKS_WITHIN_SECONDS : 0;
  const wake = enqueue(tx, merchant, [
    {
      kind: 'wake',
      workflowId: contractWorkflow(contractId),
      clockId,
      commandId: stored.commandId,
      delaySeconds,
    },
  ]);
  send(tx, wake);
  return stored;
}

/** Refuses to resume a contract of a deactivated account. Only activating the account resumes its contracts. */
async function refuseResume(tx: Tx, merchant: MerchantId, contractId: string): Promise<void> {
  if (!(await isAccountDeactivated(tx, merchant, contractId))) return;
  throw new DomainError(
    'account_deactivated',
    'the account of the contract is deactivated: activate it first',
  );
}
