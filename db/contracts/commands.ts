import { z } from 'zod';
import { instant, int, text, truth } from '../platform/columns.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { type Claimed, LATE, type Looks, OVERDUE, type OverdueRounds } from '../platform/agenda.ts';
import type { MerchantId } from '../platform/ids.ts';
import { roundsOf } from '../platform/rounds.ts';
import { PREFIX } from '../../temporal/ids.ts';

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

const storeCommand = statement('insertCommand', {
  sql: `
    with c as (
      update contracts set last_seq = last_seq + 1 where merchant_id = :merchant and id = :contract
      returning clock_id, last_seq),
    stored as (
      insert into commands (merchant_id, id, contract_id, seq, kind, body, effective, asked_at, actor)
      select :merchant, :command, :contract, c.last_seq, :kind, :body, :effective, :askedAt, :actor from c)
    select clock_id from c`,
  params: {
    merchant: 'text',
    contract: 'text',
    command: 'text',
    kind: 'text',
    body: 'jsonb',
    effective: 'text',
    askedAt: 'timestamptz',
    actor: 'text',
  },
  row: { clock_id: text.nullable() },
});

/** Stores a command, which then waits to be decided. The caller holds the contract's lock. Returns the contract's clock. */
export async function insertCommand(
  tx: Tx,
  merchant: MerchantId,
  { commandId, contractId, ...command }: NewCommand,
): Promise<string | null> {
  const of = { merchant, contract: contractId, command: commandId };
  const { clock_id } = await storeCommand.row(tx, { ...of, ...command });
  return clock_id;
}

/** How many commands one claim takes at most. */
const MOST_CLAIMED = 100;

/** Begins rounds over the merchants whose undecided commands a relay claims. */
export const undecidedRounds = roundsOf('undecidedRounds', {
  waiting: `from commands q where q.state = 'pending'`,
  due: 'greatest(q.recorded_at, q.held_until)',
  until: LATE,
  params: OVERDUE,
  atOnce: MOST_CLAIMED,
});

const claim = statement('claimUndecidedCommands', {
  sql: sqlFile(import.meta.url, 'claim-undecided.sql'),
  params: {
    merchants: 'text[]',
    most: 'int[]',
    overdue: 'float8',
    wait: 'float8',
    longest: 'float8',
    prefix: 'text',
  },
  row: { workflow_id: text, merchant_id: text, due_at: instant, looks: int, incident: truth },
});

/**
 * Claims commands whose decision is overdue: of each merchant as many as its turn allows, the longest overdue first. No other relay
 * gets them until the wait is over, which doubles with each look.
 */
export async function claimUndecided(
  db: Db,
  { overdue, wait, longest }: Looks,
  rounds: OverdueRounds = undecidedRounds(),
): Promise<Claimed> {
  const { turns, ...more } = await rounds.next(db, { overdue });
  if (turns.length === 0) return { due: [], ...more };
  const due = await claim.rows(db, {
    merchants: turns.map(({ merchant }) => merchant),
    most: turns.map(({ most }) => most),
    overdue,
    wait,
    longest,
    prefix: PREFIX.contract,
  });
  return { due, ...more };
}

export const commandState = z.enum(['pending', 'applied', 'refused']);

const answer = {
  id: text,
  state: commandState,
  /** The code of the refusal, if it was refused. */
  code: text.nullable(),
  detail: text.nullable(),
};

/** The state of a command, and its refusal. */
export type CommandAnswer = RowOf<typeof answer>;

const selectAnswers = statement('answersOfCommands', {
  sql: `
    select id, state, answer->>'code' as code, answer->>'detail' as detail
    from commands where merchant_id = :merchant and id = any(:commands)`,
  params: { merchant: 'text', commands: 'text[]' },
  row: answer,
});

/** The states of commands. Commands that are not stored are left out. */
export function answersOf(db: Db, merchant: MerchantId, ids: readonly string[]): Promise<CommandAnswer[]> {
  return selectAnswers.rows(db, { merchant, commands: ids });
}
