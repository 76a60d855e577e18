import { contractWorkflow } from '../../temporal/ids.ts';
import { type Db, rows } from './pool.ts';
import type { MerchantId } from './ids.ts';

/** A message to a workflow, to be delivered after the commit, at least once. */
export interface Message {
  /** `start` starts (or finds) the workflow of that id; `wake` also signals it. */
  readonly kind: 'start' | 'wake';
  readonly workflowId: string;
  readonly clockId: string | null;
  /** Void once this command is decided. */
  readonly commandId?: string;
  /** Wall-clock delay: what the writer itself does at once, the relay does only if the writer died. */
  readonly delaySeconds?: number;
}

/** Writes messages into the transaction that decided them. */
export async function post(db: Db, merchant: MerchantId, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  await rows(
    db,
    `insert into outbox (merchant_id, kind, object, clock_id, command_id, due_at)
     select $1, m.kind, m.workflow_id, m.clock_id, m.command_id, clock_timestamp() + make_interval(secs => m.delay)
     from jsonb_to_recordset($2::jsonb) as m(kind text, workflow_id text, clock_id text, command_id text, delay float)`,
    [
      merchant,
      JSON.stringify(
        messages.map((m) => ({
          kind: m.kind,
          workflow_id: m.workflowId,
          clock_id: m.clockId,
          command_id: m.commandId ?? null,
          delay: m.delaySeconds ?? 0,
        })),
      ),
    ],
  );
}

/** A command for a contract, as whoever may not lock the contract leaves it. */
export interface PostedCommand {
  /** Of the command's row, so that a message that comes twice stores it once. */
  readonly id: string;
  readonly contractId: string;
  readonly kind: 'pause' | 'resume';
  readonly body: object;
  readonly effective: 'now';
  readonly actor: string;
}

/** Asks a contract for something, in the transaction that decided it; the relay stores the command. */
export async function postCommand(
  db: Db,
  merchant: MerchantId,
  clockId: string | null,
  command: PostedCommand,
): Promise<void> {
  await rows(
    db,
    `insert into outbox (merchant_id, kind, object, clock_id, payload) values ($1, 'command', $2, $3, $4)`,
    [merchant, contractWorkflow(command.contractId), clockId, JSON.stringify(command)],
  );
}

/** The commands that wait for a contract, oldest first. */
export function waitingCommands(db: Db, merchant: MerchantId, contractId: string): Promise<OutboxRow[]> {
  return rows<OutboxRow>(
    db,
    `select id, merchant_id, kind, object, payload, tries from outbox
     where merchant_id = $1 and object = $2 and kind = 'command' and state = 'waiting' order by id`,
    [merchant, contractWorkflow(contractId)],
  );
}

export interface OutboxRow {
  readonly id: bigint;
  readonly merchant_id: string;
  readonly kind: 'start' | 'wake' | 'command' | 'webhook';
  readonly object: string;
  readonly payload: unknown;
  readonly tries: number;
}

/**
 * Claims waiting rows by their state and hides them from other relays for a while (they come back if the claimer
 * dies). Rows whose command is decided turn void. Of the commands for a contract only the oldest is claimed: a pause and
 * its end are stored in their order. `clockId`: only that clock's, due or not.
 */
export async function claim(
  db: Db,
  { limit = 50, clockId }: { limit?: number; clockId?: string } = {},
): Promise<OutboxRow[]> {
  await rows(
    db,
    `update outbox o set state = 'void' from commands c
     where o.state = 'waiting' and o.command_id is not null and c.id = o.command_id and c.state <> 'pending'
       and ($1::text is null and o.due_at <= clock_timestamp() or o.clock_id = $1)`,
    [clockId ?? null],
  );
  return rows<OutboxRow>(
    db,
    `update outbox set tries = tries + 1, due_at = clock_timestamp() + make_interval(secs => least(60, 5 * power(2, tries)))
     where id in (select o.id from outbox o where o.state = 'waiting'
       and ($1::text is null and o.due_at <= clock_timestamp() or o.clock_id = $1)
       and not (o.kind = 'command' and exists (select from outbox e where e.merchant_id = o.merchant_id and e.object = o.object
         and e.kind = 'command' and e.state = 'waiting' and e.id < o.id))
       order by o.id limit $2 for no key update skip locked)
     returning id, merchant_id, kind, object, payload, tries`,
    [clockId ?? null, limit],
  );
}

/** Marks a message as delivered; answers whether it waited. */
export async function takeMessage(db: Db, id: bigint): Promise<boolean> {
  const taken = await rows(
    db,
    `update outbox set state = 'delivered' where id = $1 and state = 'waiting' returning id`,
    [id.toString()],
  );
  return taken.length > 0;
}

/** Marks rows as delivered, so that nobody delivers them again. */
export async function delivered(db: Db, ids: readonly bigint[]): Promise<void> {
  await rows(db, `update outbox set state = 'delivered' where id = any($1::bigint[])`, [ids.map(String)]);
}

/** Keeps the last error of a row whose delivery failed; it is tried again when it is due. */
export async function failed(db: Db, id: bigint, error: string): Promise<void> {
  await rows(db, 'update outbox set last_error = $2 where id = $1', [id.toString(), error.slice(0, 500)]);
}
