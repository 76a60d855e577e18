import { masterKeysOf } from '../compose.ts';
import type { Config } from '../config.ts';
import { masterKeyProblem, rewrap } from '../db/parties/master-keys.ts';
import type { Pool } from '../db/platform/pool.ts';

/** `tenor rewrap`: afterwards the other master keys open nothing any more, and can be taken away. */
export async function runRewrap(
  pool: Pool,
  { masterKey, otherMasterKeys }: Config,
  say: (line: string) => void,
): Promise<number> {
  if (masterKey === null) throw new Error('TENOR_MASTER_KEY is not set');
  const keys = masterKeysOf({ masterKey, otherMasterKeys });
  const problem = await masterKeyProblem(pool, keys);
  if (problem !== null) throw new Error(problem);
  say(`${await rewrap(pool, keys)} keys are sealed anew; TENOR_OTHER_MASTER_KEYS is needed no more`);
  return 0;
}
