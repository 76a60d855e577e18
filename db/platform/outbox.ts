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
  /** `start` starts (or finds) the workflow of that id; `wake` also signals it. */
  readonly kind: 'start' | 'wake';
  readonly workflowId: string;
  readonly clockId: string | null;
  /** Void once this command is decided. */
  readonly commandId?: string;
  /** Wall-clock delay: what the writer itself does at once, the relay does only if the writer died. */
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

/** Writes messages into the transaction that decided them. */
export async function post(db: Db, merchant: MerchantId, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return;
  if (messages.some(({ delaySeconds = 0 }) => delaySeconds === 0)) announce(db);
  await insertMessages.run(db, { merchant, messages });
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
  await writeRows(db, 'postCommand', {
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

export const MESSAGE_KINDS = ['start', 'wake', 'command', 'webhook'] as const;

const message = {
  id: bigint,
  merchant_id: text,
  kind: z.enum(MESSAGE_KINDS),
  object: text,
  payload: z.unknown(),
  /** How often it was claimed, this time included; also names the claim. */
  tries: int,
  /** How often its delivery failed for a reason that lies in the message itself. */
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

/** Longer than a delivery may take: a row whose relay has died is delivered by another one after this. */
export const LEASE_SECONDS = 20;
/** What one of several relays may take: leased to nobody. */
const free = (row: string): string =>
  `(${row}.lease_until is null or ${row}.lease_until <= statement_timestamp())`;
const MOST_CLAIMED = 50;

/** Whose messages a relay claims next. */
export const outboxRounds = roundsOf('outboxRounds', {
  waiting: `from outbox q where q.state = 'waiting'`,
  due: 'q.due_at',
  until: 'statement_timestamp()',
  params: {},
  free: free('q'),
  atOnce: MOST_CLAIMED,
});
export type OutboxRounds = ReturnType<typeof outboxRounds>;

/** Leases the rows that `which` selects as `o`; of the commands for a contract only the oldest. */
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
/** Void: its command is decided, and it need not be delivered. */
const claimed = { ...message, state: z.enum(['waiting', 'void']) };
type ClaimedRow = RowOf<typeof claimed>;

const claimDue = statement('claimMessages', {
  sql: claiming(
    'unnest(:merchants, :most) t(merchant_id, most)',
    // Not by equality: a plan that takes all due rows in their order, and filters the merchant's own, must not be possible.
    'o.merchant_id >= t.merchant_id and (o.merchant_id, o.due_at) <= (t.merchant_id, statement_timestamp())',
    'o.merchant_id, o.due_at',
    't.most',
  ),
  params: { merchants: 'text[]', most: 'int[]' },
  row: claimed,
});

/**
 * A message that failed waits its time on a clock, too; a new one need not be due there. No index has this order: those of a
 * clock are found and sorted, instead of among all that wait in their order.
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
 * Leases waiting rows to the caller, so that relays share them; whose caller dies, comes back when the lease ends. Rows
 * whose command is decided turn void. Of the commands for a contract only the oldest is claimed: a pause and its end are
 * stored in their order. Each merchant with due rows gets a part of the batch. `clockId`: only that clock's, due or not.
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

const take = statement('takeMessage', {
  sql: `update outbox set state = 'delivered' where id = :id and state = 'waiting'`,
  params: { id: 'bigint' },
});

/** Marks a message as delivered; answers whether it waited. */
export async function takeMessage(db: Db, id: bigint): Promise<boolean> {
  return (await take.run(db, { id })) > 0;
}

const deliver = statement('deliverMessages', {
  sql: `update outbox set state = 'delivered' where id = any(:ids)`,
  params: { ids: 'bigint[]' },
});

/** Marks rows as delivered, so that nobody delivers them again. */
export async function delivered(db: Db, ids: readonly bigint[]): Promise<void> {
  await deliver.run(db, { ids });
}

/** What becomes of a row whose delivery failed. */
export interface AfterFailure {
  readonly failures: number;
  /** Until it is tried again; null: never by itself, it is a dead letter. */
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
 * Keeps the error of a delivery that failed, and ends the lease. Somebody whose lease had run out meanwhile changes
 * nothing: the row is another relay's. Answers whether it was the caller's.
 */
export async function failed(
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
