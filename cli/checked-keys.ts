import { masterKeysOf } from '../compose.ts';
import type { Config } from '../config.ts';
import { type MasterKeys, masterKeyProblem } from '../db/parties/master-keys.ts';
import type { Pool } from '../db/platform/pool.ts';

/** The configured master keys. @throws an Error if there are none, or if the database belongs to another one */
export async function checkedKeys(
  pool: Pool,
  { masterKey, otherMasterKeys }: Pick<Config, 'masterKey' | 'otherMasterKeys'>,
): Promise<MasterKeys> {
  if (masterKey === null) throw new Error('TENOR_MASTER_KEY is not set');
  const keys = masterKeysOf({ masterKey, otherMasterKeys });
  const problem = await masterKeyProblem(pool, keys);
  if (problem !== null) throw new Error(problem);
  return keys;
}
