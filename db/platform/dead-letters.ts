import { type Db, rows } from './pool.ts';

/** A message that could not be delivered, and is not tried any more. */
export interface DeadLetter {
  readonly id: bigint;
  readonly merchant_id: string;
  readonly kind: string;
  /** The workflow that it is for. */
  readonly object: string;
  readonly tries: number;
  readonly last_error: string | null;
}

const MOST_LISTED = 1_000;

/** Dead letters, oldest first; at most a thousand. */
export function listDeadLetters(db: Db): Promise<DeadLetter[]> {
  return rows<DeadLetter>(
    db,
    `select id, merchant_id, kind, object, tries, last_error from outbox where state = 'dead' order by id limit ${MOST_LISTED}`,
  );
}

/** Has dead letters delivered again, these or all of them, as if they were new; answers how many. */
export async function retryDeadLetters(db: Db, ids: readonly bigint[] | 'all'): Promise<number> {
  const again = await rows(
    db,
    `update outbox set state = 'waiting', due_at = statement_timestamp(), lease_until = null, tries = 0, failures = 0
     where state = 'dead' and ($1::bigint[] is null or id = any($1)) returning id`,
    [ids === 'all' ? null : ids.map(String)],
  );
  return again.length;
}

/** Gives up dead letters, because nothing needs them any more; the rows stay. Answers how many. */
export async function discardDeadLetters(db: Db, ids: readonly bigint[]): Promise<number> {
  const given = await rows(
    db,
    `update outbox set state = 'void' where state = 'dead' and id = any($1::bigint[]) returning id`,
    [ids.map(String)],
  );
  return given.length;
}
