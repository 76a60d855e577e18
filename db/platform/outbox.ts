import { contractWorkflow } from '../../temporal/ids.ts';
import { type Db, announce, rows } from './pool.ts';
import type { MerchantId } from './ids.ts';
import { Rounds } from './rounds.ts';

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
  if (messages.some(({ delaySeconds = 0 }) => delaySeconds === 0)) announce(db);
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
  announce(db);
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
    `select id, merchant_id, kind, object, payload, tries, failures from outbox
     where merchant_id = $1 and object = $2 and kind = 'command' and state = 'waiting' order by id`,
    [merchant, contractWorkflow(contractId)],
  );
}

export const MESSAGE_KINDS = ['start', 'wake', 'command', 'webhook'] as const;

export interface OutboxRow {
  readonly id: bigint;
  readonly merchant_id: string;
  readonly kind: (typeof MESSAGE_KINDS)[number];
  readonly object: string;
  readonly payload: unknown;
  /** How often it was claimed, this time included; also names the claim. */
  readonly tries: number;
  /** How often its delivery failed for a reason that lies in the message itself. */
  readonly failures: number;
}

/** Longer than a delivery may take: a row whose relay has died is delivered by another one after this. */
export const LEASE_SECONDS = 20;
/** What one of several relays may take: leased to nobody. */
const free = (row: string): string =>
  `(${row}.lease_until is null or ${row}.lease_until <= statement_timestamp())`;
const MOST_CLAIMED = 50;

/** Whose messages a relay claims next. */
export const outboxRounds = (): Rounds =>
  new Rounds({
    waiting: `from outbox q where q.state = 'waiting'`,
    due: 'q.due_at',
    until: 'statement_timestamp()',
    free: free('q'),
    atOnce: MOST_CLAIMED,
  });

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
const CLAIM_DUE = claiming(
  'unnest($1::text[], $2::int[]) t(merchant_id, most)',
  // Not by equality: a plan that takes all due rows in their order, and filters the merchant's own, must not be possible.
  'o.merchant_id >= t.merchant_id and (o.merchant_id, o.due_at) <= (t.merchant_id, statement_timestamp())',
  'o.merchant_id, o.due_at',
  't.most',
);
/**
 * A message that failed waits its time on a clock, too; a new one need not be due there. No index has this order: those of a
 * clock are found and sorted, instead of among all that wait in their order.
 */
const CLAIM_OF_CLOCK = claiming(
  '(values ($1)) t(clock_id)',
  'o.clock_id = t.clock_id and (o.tries = 0 or o.due_at <= statement_timestamp())',
  `o.due_at + interval '0'`,
  `${MOST_CLAIMED}`,
);

interface ClaimedRow extends OutboxRow {
  /** Void: its command is decided, and it need not be delivered. */
  readonly state: 'waiting' | 'void';
}

/**
 * Leases waiting rows to the caller, so that relays share them; whose caller dies, comes back when the lease ends. Rows
 * whose command is decided turn void. Of the commands for a contract only the oldest is claimed: a pause and its end are
 * stored in their order. Each merchant with due rows gets a part of the batch. `clockId`: only that clock's, due or not.
 */
export async function claim(
  db: Db,
  { clockId, rounds = outboxRounds() }: { clockId?: string; rounds?: Rounds } = {},
): Promise<ClaimedRow[]> {
  if (clockId !== undefined) return rows<ClaimedRow>(db, CLAIM_OF_CLOCK, [clockId]);
  const { turns } = await rounds.next(db);
  if (turns.length === 0) return [];
  return rows<ClaimedRow>(db, CLAIM_DUE, [
    turns.map(({ merchant }) => merchant),
    turns.map(({ most }) => most),
  ]);
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

/** What becomes of a row whose delivery failed. */
export interface AfterFailure {
  readonly failures: number;
  /** Until it is tried again; null: never by itself, it is a dead letter. */
  readonly waitSeconds: number | null;
}

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
  const kept = await rows(
    db,
    `update outbox set last_error = $3, failures = $4, lease_until = null,
       state = case when $5::float8 is null then 'dead' else state end,
       due_at = coalesce(statement_timestamp() + make_interval(secs => $5), due_at)
     where id = $1 and tries = $2 and state = 'waiting' returning id`,
    [id.toString(), tries, error.slice(0, 500), failures, waitSeconds],
  );
  return kept.length > 0;
}
