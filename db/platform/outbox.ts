import { contractWorkflow } from '../../temporal/ids.ts';
import { z } from 'zod';
import { bigint, int, text } from './columns.ts';
import { type Db, announce } from './pool.ts';
import type { MerchantId } from './ids.ts';
import { roundsOf } from './rounds.ts';
import { type RowOf, statement } from './statement.ts';
import { writeRows } from './write.ts';

/** A message to a workflow, to be delivered after the commit, at least once. */
export interface Message {
  /** Both start the workflow of that id if it does not run, and wake it if it does. */
  readonly kind: 'start' | 'wake';
  readonly workflowId: string;
  readonly clockId: string | null;
  /** The message becomes void when this command is decided. */
  readonly commandId?: string;
  /** A delay on wall time. The writer reaches the workflow itself; the relay delivers the message only if the writer died first. */
  readonly delaySeconds?: number;
}

const insertMessages = statement('insertMessages', {
  sql: `
    insert into outbox (merchant_id, kind, object, clock_id, command_id, due_at)
    select :merchant, m.kind, m."workflowId", m."clockId", m."commandId",
      clock_timestamp() + make_interval(secs => coalesce(m."delaySeconds", 0))
    from jsonb_to_recordset(:messages)
      as m(kind text, "workflowId" text, "clockId" text, "commandId" text, "delaySeconds" float8)`,
  params: { merchant: 'text', messages: 'jsonb' },
});

/** Writes messages. Call it in the transaction that decided them. */
export async function enqueue(db: Db, merchant: MerchantId, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  if (messages.some(({ delaySeconds = 0 }) => delaySeconds === 0)) announce(db);
  await insertMessages.run(db, { merchant, messages });
}

/** A command for a contract, from a transaction that may not lock the contract. */
export interface QueuedCommand {
  /** The id of the command's row. It makes sure that a message that is delivered twice stores one command. */
  readonly id: string;
  readonly contractId: string;
  readonly kind: 'pause' | 'resume';
  readonly body: object;
  readonly effective: 'now';
  readonly actor: string;
}

/** Leaves a command for a contract in the outbox. Call it in the transaction that decided it; the relay stores the command. */
export async function enqueueCommand(
  db: Db,
  merchant: MerchantId,
  clockId: string | null,
  command: QueuedCommand,
): Promise<void> {
  await writeRows(db, 'enqueueCommand', {
    outbox: [
      {
        merchant_id: merchant,
        kind: 'command',
        object: contractWorkflow(command.contractId),
        clock_id: clockId,
        payload: command,
      },
    ],
  });
}

export const MESSAGE_KINDS = ['start', 'wake', 'command'] as const;

const message = {
  id: bigint,
  merchant_id: text,
  kind: z.enum(MESSAGE_KINDS),
  object: text,
  payload: z.unknown(),
  /** How often it was claimed, this time included. The number also identifies the claim. */
  tries: int,
  /** How often its delivery failed by the message's own fault. */
  failures: int,
};
export type OutboxRow = RowOf<typeof message>;

const selectCommands = statement('waitingCommands', {
  sql: `
    select id, merchant_id, kind, object, payload, tries, failures from outbox
    where merchant_id = :merchant and object = :workflow and kind = 'command' and state = 'waiting'
    order by id`,
  params: { merchant: 'text', workflow: 'text' },
  row: message,
});

/** The commands that wait for a contract, oldest first. */
export function waitingCommands(db: Db, merchant: MerchantId, contractId: string): Promise<OutboxRow[]> {
  return selectCommands.rows(db, { merchant, workflow: contractWorkflow(contractId) });
}

/** How long a claimed row belongs to its relay. This is longer than a delivery may take; afterwards another relay takes the row. */
export const LEASE_SECONDS = 20;
/** The condition of rows that no relay has leased. */
const free = (row: string): string =>
  `(${row}.lease_until is null or ${row}.lease_until <= statement_timestamp())`;
const MOST_CLAIMED = 50;

/** Begins rounds over the merchants whose messages a relay claims. */
export const outboxRounds = roundsOf('outboxRounds', {
  waiting: `from outbox q where q.state = 'waiting'`,
  due: 'q.due_at',
  until: 'statement_timestamp()',
  params: {},
  free: free('q'),
  atOnce: MOST_CLAIMED,
});
export type OutboxRounds = ReturnType<typeof outboxRounds>;

/** SQL that leases the rows `o` that meet `which`; of the commands for one contract, only the oldest. */
const claiming = (from: string, which: string, order: string, most: string): string => `
  with mine as materialized (select q.id from ${from} cross join lateral (
    select o.id from outbox o where o.state = 'waiting' and ${free('o')} and ${which}
      and not (o.kind = 'command' and exists (select from outbox e where e.merchant_id = o.merchant_id and e.object = o.object
        and e.kind = 'command' and e.state = 'waiting' and e.id < o.id))
    order by ${order} limit ${most} for no key update skip locked) q)
  update outbox o set tries = tries + 1, lease_until = statement_timestamp() + interval '${LEASE_SECONDS} seconds',
    state = case when exists (select from commands c where c.merchant_id = o.merchant_id and c.id = o.command_id and c.state <> 'pending')
      then 'void' else o.state end
  where id = any(array(select id from mine))
  returning id, merchant_id, kind, object, payload, tries, failures, state`;
/** A void message has a command that is decided already, and is not delivered. */
const claimed = { ...message, state: z.enum(['waiting', 'void']) };
type ClaimedRow = RowOf<typeof claimed>;

const claimDue = statement('claimMessages', {
  sql: claiming(
    'unnest(:merchants, :most) t(merchant_id, most)',
    // A row comparison, not an equality: so Postgres cannot choose to read all due rows in order and filter those of the merchant.
    'o.merchant_id >= t.merchant_id and (o.merchant_id, o.due_at) <= (t.merchant_id, statement_timestamp())',
    'o.merchant_id, o.due_at',
    't.most',
  ),
  params: { merchants: 'text[]', most: 'int[]' },
  row: claimed,
});

/**
 * The messages of one clock. A new message need not be due; one that failed waits until it is. The order is an expression that no
 * index has, so that Postgres finds the messages of the clock and sorts them, instead of reading all waiting ones in order.
 */
const claimOfClock = statement('claimMessagesOfClock', {
  sql: claiming(
    '(values (:clock)) t(clock_id)',
    'o.clock_id = t.clock_id and (o.tries = 0 or o.due_at <= statement_timestamp())',
    `o.due_at + interval '0'`,
    `${MOST_CLAIMED}`,
  ),
  params: { clock: 'text' },
  row: claimed,
});

/**
 * Leases waiting rows to the caller, so that relays share them. If the caller dies, its rows can be claimed again when the lease
 * ends. Rows whose command is decided become void. Of the commands for one contract only the oldest is claimed, so that a pause
 * and its resumption are stored in their order. Each merchant with due rows gets a part of the batch. With `clockId`, only rows of
 * that clock are claimed, due or not.
 */
export async function claim(
  db: Db,
  { clockId, rounds = outboxRounds() }: { clockId?: string; rounds?: OutboxRounds } = {},
): Promise<ClaimedRow[]> {
  if (clockId !== undefined) return claimOfClock.rows(db, { clock: clockId });
  const { turns } = await rounds.next(db, {});
  if (turns.length === 0) return [];
  return claimDue.rows(db, {
    merchants: turns.map(({ merchant }) => merchant),
    most: turns.map(({ most }) => most),
  });
}

const deliverOne = statement('markOneDelivered', {
  sql: `update outbox set state = 'delivered' where id = :id and state = 'waiting'`,
  params: { id: 'bigint' },
});

/** Marks a message as delivered. Returns false if it was not waiting any more. */
export async function markOneDelivered(db: Db, id: bigint): Promise<boolean> {
  return (await deliverOne.run(db, { id })) > 0;
}

const deliver = statement('deliverMessages', {
  sql: `update outbox set state = 'delivered' where id = any(:ids)`,
  params: { ids: 'bigint[]' },
});

/** Marks messages as delivered. */
export async function markDelivered(db: Db, ids: readonly bigint[]): Promise<void> {
  await deliver.run(db, { ids });
}

/** The next state of a message whose delivery failed. */
export interface AfterFailure {
  readonly failures: number;
  /** The time until the next try; null makes it a dead letter, which is not tried again by itself. */
  readonly waitSeconds: number | null;
}

const keepFailure = statement('keepFailureOfMessage', {
  sql: `
    update outbox set last_error = :error, failures = :failures, lease_until = null,
      state = case when :wait is null then 'dead' else state end,
      due_at = coalesce(statement_timestamp() + make_interval(secs => :wait), due_at)
    where id = :id and tries = :tries and state = 'waiting'`,
  params: { id: 'bigint', tries: 'int', error: 'text', failures: 'int', wait: 'float8?' },
});

/**
 * Stores the error of a failed delivery, and ends the lease. Changes nothing if another relay has claimed the row since then.
 * Returns whether the row was still the caller's.
 */
export async function storeFailure(
  db: Db,
  { id, tries }: Pick<OutboxRow, 'id' | 'tries'>,
  error: string,
  { failures, waitSeconds }: AfterFailure,
): Promise<boolean> {
  const kept = await keepFailure.run(db, {
    id,
    tries,
    error: error.slice(0, 500),
    failures,
    wait: waitSeconds,
  });
  return kept > 0;
}
