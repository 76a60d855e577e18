import { type Db, type Tx, row, rows } from '../platform/pool.ts';
import type { MerchantId } from '../platform/ids.ts';

export type CommandKind = 'order' | 'change' | 'pause' | 'resume' | 'cancel' | 'withdraw' | 'unreadable';

/** A command to store. */
interface NewCommand {
  readonly commandId: string;
  readonly contractId: string;
  readonly kind: CommandKind;
  readonly body: object;
  readonly effective: string;
  /** The instant at which it counts. */
  readonly askedAt: string;
  readonly actor: string;
}

/**
 * Stores a command, which waits to be decided; the caller holds the contract's lock. Answers the clock of the contract.
 */
export async function insertCommand(
  tx: Tx,
  merchant: MerchantId,
  command: NewCommand,
): Promise<string | null> {
  const { clock_id } = await row<{ clock_id: string | null }>(
    tx,
    `with c as (update contracts set last_seq = last_seq + 1 where merchant_id = $1 and id = $2 returning clock_id, last_seq),
       stored as (insert into commands (merchant_id, id, contract_id, seq, kind, body, effective, asked_at, actor)
         select $1, $3, $2, c.last_seq, $4, $5, $6, $7, $8 from c)
     select clock_id from c`,
    [
      merchant,
      command.contractId,
      command.commandId,
      command.kind,
      JSON.stringify(command.body),
      command.effective,
      command.askedAt,
      command.actor,
    ],
  );
  return clock_id;
}

/** How a command stands. */
export interface CommandAnswer {
  readonly id: string;
  readonly state: 'pending' | 'applied' | 'refused';
  /** Why it was refused. */
  readonly code: string | null;
  readonly detail: string | null;
}

/** How commands stand; those that are not stored are missing. */
export function answersOf(db: Db, merchant: MerchantId, ids: readonly string[]): Promise<CommandAnswer[]> {
  return rows<CommandAnswer>(
    db,
    `select id, state, answer->>'code' as code, answer->>'detail' as detail from commands
     where merchant_id = $1 and id = any($2)`,
    [merchant, ids],
  );
}
