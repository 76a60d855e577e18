import { masterKeysOf } from '../compose.ts';
import type { Config } from '../config.ts';
import { masterKeyProblem, rewrap } from '../db/parties/master-keys.ts';
import { renewSearchKey } from '../db/parties/search-words.ts';
import { createSecretBox } from '../db/parties/secrets.ts';
import type { Pool } from '../db/platform/pool.ts';
import { renewSecrets } from '../db/webhooks/endpoints.ts';

/** `tenor rewrap`: encrypts the vault's keys and the secrets of webhook endpoints with the current master key. Then the other master keys can be removed. */
export async function runRewrap(
  pool: Pool,
  { masterKey, otherMasterKeys }: Config,
  say: (line: string) => void,
): Promise<number> {
  if (masterKey === null) throw new Error('TENOR_MASTER_KEY is not set');
  const keys = masterKeysOf({ masterKey, otherMasterKeys });
  const problem = await masterKeyProblem(pool, keys);
  if (problem !== null) throw new Error(problem);
  const box = createSecretBox(keys);
  const secrets = await renewSecrets(pool, (sealed, about) => box.renew(sealed, about));
  await renewSearchKey(pool, keys);
  say(
    `${(await rewrap(pool, keys)) + secrets} keys are encrypted again. TENOR_OTHER_MASTER_KEYS is no longer needed.`,
  );
  return 0;
}
