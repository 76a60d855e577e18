import type { Config } from '../config.ts';
import { rewrap } from '../db/parties/master-keys.ts';
import { renewSearchKey } from '../db/parties/search-words.ts';
import { createSecretBox } from '../db/parties/secrets.ts';
import type { Pool } from '../db/platform/pool.ts';
import { renewSecrets } from '../db/webhooks/endpoints.ts';
import { checkedKeys } from './checked-keys.ts';

/**
 * `tenor rewrap`: encrypts the keys of the vault, the key of the search and the secrets of webhook endpoints with the current master
 * key. Then the other master keys can be removed.
 */
export async function runRewrap(pool: Pool, config: Config, say: (line: string) => void): Promise<number> {
  const keys = await checkedKeys(pool, config);
  const box = createSecretBox(keys);
  const secrets = await renewSecrets(pool, (sealed, about) => box.renew(sealed, about));
  await renewSearchKey(pool, keys);
  say(
    `${(await rewrap(pool, keys)) + secrets} keys are encrypted again. TENOR_OTHER_MASTER_KEYS is no longer needed.`,
  );
  return 0;
}
