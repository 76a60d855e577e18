import { masterKeysOf } from '../compose.ts';
import type { Config } from '../config.ts';
import { masterKeyProblem } from '../db/parties/master-keys.ts';
import { indexCustomers } from '../db/parties/search-words.ts';
import { createVault } from '../db/parties/vault.ts';
import type { Pool } from '../db/platform/pool.ts';

/** `tenor index-customers`: makes customers from before the search findable by name and mail address. */
export async function runIndexCustomers(
  pool: Pool,
  { masterKey, otherMasterKeys }: Config,
  say: (line: string) => void,
): Promise<number> {
  if (masterKey === null) throw new Error('TENOR_MASTER_KEY is not set');
  const keys = masterKeysOf({ masterKey, otherMasterKeys });
  const problem = await masterKeyProblem(pool, keys);
  if (problem !== null) throw new Error(problem);
  say(
    `${await indexCustomers(pool, createVault(keys))} customers can now be found by name and mail address.`,
  );
  return 0;
}
