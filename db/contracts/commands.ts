import { type Db, type Tx, row, rows } from '../platform/pool.ts';
import type { Claimed, Looks, Overdue } from '../platform/agenda.ts';
import type { MerchantId } from '../platform/ids.ts';
import { Rounds } from '../platform/rounds.ts';
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

/** At most so many at once. */
const MOST_CLAIMED = 100;
const LATE = 'statement_timestamp() - make_interval(secs => $2)';

/** Whose undecided commands a relay looks at next. */
export const undecidedRounds = (): Rounds =>
  new Rounds({
    waiting: `from commands q where q.state = 'pending'`,
    due: 'greatest(q.recorded_at, q.held_until)',
    until: LATE,
    atOnce: MOST_CLAIMED,
  });

/**
 * Claims commands that have waited for longer than they should, of each merchant what is its turn, longest first. Nobody
 * else gets them for the first wait, which doubles with each look.
 */
export async function claimUndecided(
  db: Db,
  { overdue, wait, longest }: Looks,
  rounds: Rounds = undecidedRounds(),
): Promise<Claimed> {
  const { turns, ...more } = await rounds.next(db, [overdue]);
  if (turns.length === 0) return { due: [], ...more };
  const due = await rows<Overdue>(
    db,
    `with late as materialized (select q.id from unnest($1::text[], $5::int[]) t(merchant_id, most) cross join lateral (
       select o.id from commands o where o.state = 'pending' and o.merchant_id >= t.merchant_id
         and (o.merchant_id, greatest(o.recorded_at, o.held_until)) <= (t.merchant_id, ${LATE})
       order by o.merchant_id, greatest(o.recorded_at, o.held_until) limit t.most for no key update skip locked) q)
     update commands c set looks = c.looks + 1,
       held_until = statement_timestamp() + make_interval(secs => least($4, $3 * power(2, least(c.looks, 30))) - $2::float8)
     where c.id = any(array(select id from late))
     returning '${PREFIX.contract}' || c.contract_id as workflow_id, c.merchant_id, c.recorded_at as due_at, c.looks - 1 as looks,
       exists (select from incidents i where i.workflow_id = '${PREFIX.contract}' || c.contract_id and i.closed_at is null) as incident`,
    [turns.map(({ merchant }) => merchant), overdue, wait, longest, turns.map(({ most }) => most)],
  );
  return { due, ...more };
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
