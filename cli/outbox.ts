import { discardDeadLetters, listDeadLetters, retryDeadLetters } from '../db/platform/dead-letters.ts';
import type { Pool } from '../db/platform/pool.ts';
import { table } from './table.ts';

type Say = (line: string) => void;

/** `tenor outbox list`: lists messages that could not be delivered. Returns the exit code: 1 if there are any. */
export async function listOutbox(pool: Pool, say: Say): Promise<number> {
  const letters = await listDeadLetters(pool);
  const rows = letters.map((each) => [
    each.id.toString(),
    each.kind,
    each.object,
    each.merchant_id,
    String(each.tries),
    each.last_error ?? '',
  ]);
  if (rows.length > 0)
    for (const line of table(['message', 'kind', 'for', 'merchant', 'tries', 'error'], rows)) say(line);
  say(`${letters.length} dead letters.`);
  return letters.length === 0 ? 0 : 1;
}

/** `tenor outbox retry`: has the relay deliver dead letters again, by their numbers, or all of them. */
export async function retryOutbox(pool: Pool, ids: readonly string[], say: Say): Promise<number> {
  const retried = await retryDeadLetters(pool, ids.length === 0 ? 'all' : ids.map(numberOf));
  say(`${retried} dead letters are retried.`);
  return ids.length > retried ? 1 : 0;
}

/** `tenor outbox discard`: discards dead letters, which are then never delivered. */
export async function discardOutbox(pool: Pool, ids: readonly string[], say: Say): Promise<number> {
  const discarded = await discardDeadLetters(pool, ids.map(numberOf));
  say(`${discarded} dead letters are discarded.`);
  return ids.length > discarded ? 1 : 0;
}

function numberOf(id: string): bigint {
  if (!/^\d{1,18}$/.test(id)) throw new Error(`${id} is not the number of a message`);
  return BigInt(id);
}
