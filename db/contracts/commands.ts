import { later } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { refuseAdvancing } from '../clocks/clocks.ts';
import { type Tx, preparedRows, row, rows } from '../platform/pool.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { post } from '../platform/outbox.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

export type CommandKind = 'order' | 'change' | 'pause' | 'resume' | 'cancel' | 'withdraw' | 'unreadable';

/** What is asked of a contract: who asks for what, from when. */
export interface NewCommand {
  readonly contractId: string;
  readonly kind: CommandKind;
  readonly body: object;
  /** `now`, `period_end` or a local date of the contract's zone. */
  readonly effective: string;
  /** 'api:<key id>', 'operator', 'collection:<receivable id>'. */
  readonly actor: string;
  /** Given by operators' signals, so that a repeated activity stores it once. */
  readonly id?: string;
}

export interface StoredCommand {
  readonly commandId: string;
  readonly askedAt: string;
}

/** A contract under its lock and that of its clock (shared), and what time it is there. */
export interface Locked {
  readonly now_at: string;
  readonly advancing: boolean;
  readonly phase: string;
  readonly settled_through: string;
}

/** Locks a contract, and nothing of its account; null when the merchant has no such contract. */
export async function lockContract(tx: Tx, merchant: MerchantId, contractId: string): Promise<Locked | null> {
  const [locked] = await preparedRows<Locked | { phase: null }>(
    tx,
    'select now_at, advancing, phase, settled_through from lock_contract($1, $2)',
    [merchant, contractId],
  );
  return locked === undefined || locked.phase === null ? null : locked;
}

/** A living contract that may bill what waits for it, or for any contract of its account. */
export interface BillingContract {
  readonly id: string;
  readonly price_mode: 'net' | 'gross';
}

/**
 * Locks the living contracts of an account, by id, because what waits for them changes: their rows are written anew, so
 * that whoever waits for one of them loads it anew. A contract that is named is the only one. Answers those locked.
 */
export async function lockBillingContracts(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  contractId: string | null,
): Promise<BillingContract[]> {
  const living = `c.merchant_id = $1 and c.account_id = $2 and ($3::text is null or c.id = $3) and c.phase <> 'ended'`;
  await rows(tx, `select from contracts c where ${living} order by c.id for no key update`, [
    merchant,
    accountId,
    contractId,
  ]);
  return rows(
    tx,
    `with written as (update contracts c set last_seq = last_seq where ${living} returning c.id, c.plan_group_id)
     select w.id, g.price_mode from written w join plan_groups g on g.merchant_id = $1 and g.id = w.plan_group_id order by w.id`,
    [merchant, accountId, contractId],
  );
}

/**
 * Stores a command under the contract's lock and fixes the instant at which it counts: max(now, settled through).
 * Also writes the wake that the relay sends if whoever stored it dies before asking the workflow.
 * Throws `not_found`, `contract_ended`, and `clock_advancing` for what comes from outside while a clock advances.
 */
export async function storeCommand(
  tx: Tx,
  merchant: MerchantId,
  command: NewCommand,
): Promise<StoredCommand> {
  const locked = await lockContract(tx, merchant, command.contractId);
  if (locked === null) throw new DomainError('not_found', 'there is no such contract');
  if (locked.phase === 'ended') throw new DomainError('contract_ended', 'the contract has ended');
  if (command.actor.startsWith('api:')) refuseAdvancing(locked);
  const id = command.id ?? newId('command');
  const askedAt = later(locked.now_at, locked.settled_through);
  const { clock_id } = await row<{ clock_id: string | null }>(
    tx,
    `with c as (update contracts set last_seq = last_seq + 1 where merchant_id = $1 and id = $2 returning clock_id, last_seq),
       stored as (insert into commands (merchant_id, id, contract_id, seq, kind, body, effective, asked_at, actor)
         select $1, $3, $2, c.last_seq, $4, $5, $6, $7, $8 from c)
     select clock_id from c`,
    [
      merchant,
      command.contractId,
      id,
      command.kind,
      JSON.stringify(command.body),
      command.effective,
      askedAt,
      command.actor,
    ],
  );
  const workflowId = contractWorkflow(command.contractId);
  const delaySeconds = command.actor.startsWith('api:') ? 5 : 0;
  await post(tx, merchant, [{ kind: 'wake', workflowId, clockId: clock_id, commandId: id, delaySeconds }]);
  return { commandId: id, askedAt };
}
