import { bigint, int, text } from './columns.ts';
import type { Db } from './pool.ts';
import { type RowOf, statement } from './statement.ts';

const deadLetter = {
  id: bigint,
  merchant_id: text,
  kind: text,
  /** The id of the workflow that the message is for. */
  object: text,
  tries: int,
  last_error: text.nullable(),
};

/** A message that could not be delivered and is not tried any more. */
export type DeadLetter = RowOf<typeof deadLetter>;

const MOST_LISTED = 1_000;

const selectDead = statement('listDeadLetters', {
  sql: `select id, merchant_id, kind, object, tries, last_error from outbox where state = 'dead'
    order by id limit ${MOST_LISTED}`,
  row: deadLetter,
});

/** Dead letters, oldest first; at most a thousand. */
export function listDeadLetters(db: Db): Promise<DeadLetter[]> {
  return selectDead.rows(db, {});
}

const retryDead = statement('retryDeadLetters', {
  sql: `
    update outbox set state = 'waiting', due_at = statement_timestamp(), lease_until = null, tries = 0, failures = 0
    where state = 'dead' and (:ids is null or id = any(:ids::bigint[]))`,
  params: { ids: 'text[]?' },
});

/** Puts dead letters back into the outbox as if they were new: those with these ids, or all. Returns how many. */
export function retryDeadLetters(db: Db, ids: readonly bigint[] | 'all'): Promise<number> {
  return retryDead.run(db, { ids: ids === 'all' ? null : ids.map(String) });
}

const discardDead = statement('discardDeadLetters', {
  sql: `update outbox set state = 'void' where state = 'dead' and id = any(:ids::bigint[])`,
  params: { ids: 'text[]' },
});

/** Makes dead letters void. The rows stay. Returns how many. */
export function discardDeadLetters(db: Db, ids: readonly bigint[]): Promise<number> {
  return discardDead.run(db, { ids: ids.map(String) });
}
