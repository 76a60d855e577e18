import type { Config } from '../config.ts';
import { indexCustomers } from '../db/parties/search-words.ts';
import { createVault } from '../db/parties/vault.ts';
import type { Pool } from '../db/platform/pool.ts';
import { checkedKeys } from './checked-keys.ts';

/** `tenor index-customers`: makes customers from before the search findable by name and mail address. */
export async function runIndexCustomers(
  pool: Pool,
  config: Config,
  say: (line: string) => void,
): Promise<number> {
  const count = await indexCustomers(pool, createVault(await checkedKeys(pool, config)));
  say(`${count} customers can now be found by name and mail address.`);
  return 0;
}
