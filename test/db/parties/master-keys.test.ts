import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRewrap } from '../../../cli/rewrap.ts';
import { requireDatabase } from '../../../compose.ts';
import { loadConfig } from '../../../config.ts';
import { type MasterKeys, rewrap } from '../../../db/parties/master-keys.ts';
import { type VaultRef, createVault } from '../../../db/parties/vault.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const STRANGE = Buffer.alloc(32, 3);
const REFUSAL = 'TENOR_MASTER_KEY is not the key that the personal data of this database is sealed with';

let database: Awaited<ReturnType<typeof createTestPool>>;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestPool();
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
});
afterAll(() => database.close());

const start = (...keys: MasterKeys) => requireDatabase({ pool: database.pool, keys });
const seal = (name: string): Promise<VaultRef> =>
  createVault([OLD]).create(database.pool, merchant, { name });
const open = async (ref: VaultRef, ...keys: MasterKeys) =>
  (await createVault(keys).open(database.pool, merchant, ref))?.name;

describe('a process starts only with the master key of its database', () => {
  test('which one of before canaries has sealed the keys of subjects with', async () => {
    await seal('Ada');
    await expect(start(STRANGE)).rejects.toThrow(REFUSAL);
    expect(await rows(database.pool, 'select from vault_canary')).toHaveLength(0);
    await start(OLD);
    expect(await rows(database.pool, 'select from vault_canary')).toHaveLength(1);
  });

  test('or with the key of before a rotation beside it', async () => {
    await start(OLD);
    await start(NEW, OLD);
    await expect(start(NEW)).rejects.toThrow(REFUSAL);
    await expect(start(NEW, STRANGE)).rejects.toThrow(REFUSAL);
  });
});

describe('a new master key', () => {
  test('opens everything by itself once all keys are sealed anew, and the old one opens nothing', async () => {
    const [ada, bob] = [await seal('Ada'), await seal('Bob')];
    await createVault([OLD]).erase(database.pool, merchant, bob.subjectId);
    expect(await open(ada, NEW, OLD)).toBe('Ada');
    await expect(open(ada, NEW)).rejects.toThrow(`no master key that is known here opens ${ada.subjectId}`);

    const said: string[] = [];
    const environment = {
      TENOR_MASTER_KEY: NEW.toString('base64'),
      TENOR_OTHER_MASTER_KEYS: [STRANGE, OLD].map((key) => key.toString('base64')).join(','),
    };
    const before = await rows(database.pool, 'select from vault_subjects where sealed_key is not null');
    await runRewrap(database.pool, loadConfig(environment), (line) => said.push(line));
    expect(said).toEqual([
      `${before.length} keys are sealed anew; TENOR_OTHER_MASTER_KEYS is needed no more`,
    ]);

    await start(NEW);
    await expect(start(OLD)).rejects.toThrow(REFUSAL);
    expect(await open(ada, NEW)).toBe('Ada');
    await expect(open(ada, OLD)).rejects.toThrow('no master key');
    expect(await open(bob, NEW)).toBeUndefined();
    expect(await rewrap(database.pool, [NEW, OLD])).toBe(0);
  });

  test('leaves a person erased who is erased while the keys are sealed anew', async () => {
    const { pool } = database;
    const eve = await seal('Eve');
    const erasing = await pool.connect();
    await erasing.query('begin');
    await createVault([OLD]).erase(erasing, merchant, eve.subjectId);
    const rewrapped = rewrap(pool, [NEW, OLD]);
    await expect
      .poll(() => rows(pool, `select from pg_stat_activity where wait_event_type = 'Lock'`), {
        timeout: 10_000,
      })
      .toHaveLength(1);
    await erasing.query('commit');
    erasing.release();
    expect(await rewrapped).toBe(0);
    expect(await open(eve, NEW, OLD)).toBeUndefined();
  });
});
