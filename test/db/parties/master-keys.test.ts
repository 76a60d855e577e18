import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRewrap } from '../../../cli/rewrap.ts';
import { requireDatabase } from '../../../compose.ts';
import { loadConfig } from '../../../config.ts';
import { type MasterKeys, rewrap } from '../../../db/parties/master-keys.ts';
import { type VaultRef, createVault } from '../../../db/parties/vault.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { row, rows } from '../../support/rows.ts';
import { createSecretBox } from '../../../db/parties/secrets.ts';
import { insertEndpoint, renewSecrets, rotateSecret } from '../../../db/webhooks/endpoints.ts';
import { createTestPool } from '../../support/fixtures.ts';

const OLD = Buffer.alloc(32, 1);
const NEW = Buffer.alloc(32, 2);
const OTHER = Buffer.alloc(32, 3);
const REFUSAL = 'TENOR_MASTER_KEY is not the key that the personal data of this database is sealed with';

let database: Awaited<ReturnType<typeof createTestPool>>;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestPool();
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
});
afterAll(() => database.close());

const startWith = (...keys: MasterKeys) => requireDatabase({ pool: database.pool, keys });
const seal = (name: string): Promise<VaultRef> =>
  createVault([OLD]).create(database.pool, merchant, { name });
const open = async (ref: VaultRef, ...keys: MasterKeys) =>
  (await createVault(keys).open(database.pool, merchant, ref))?.name;

describe('a process', () => {
  test("without a canary in its database starts only with the key that seals the subjects' keys, and adds one", async () => {
    await seal('Ada');
    await expect(startWith(OTHER)).rejects.toThrow(REFUSAL);
    expect(await rows(database.pool, 'select from vault_canary')).toHaveLength(0);
    await startWith(OLD);
    expect(await rows(database.pool, 'select from vault_canary')).toHaveLength(1);
  });

  test('with a new master key starts only if the old one is configured beside it', async () => {
    await startWith(OLD);
    await startWith(NEW, OLD);
    await expect(startWith(NEW)).rejects.toThrow(REFUSAL);
    await expect(startWith(NEW, OTHER)).rejects.toThrow(REFUSAL);
  });
});

describe('a new master key', () => {
  test('alone opens everything after all keys are sealed again, and the old one opens nothing', async () => {
    const [ada, bob] = [await seal('Ada'), await seal('Bob')];
    await createVault([OLD]).erase(database.pool, merchant, bob.subjectId);
    expect(await open(ada, NEW, OLD)).toBe('Ada');
    await expect(open(ada, NEW)).rejects.toThrow(`no master key that is known here opens ${ada.subjectId}`);

    const oldBox = createSecretBox([OLD]);
    const endpoint = await insertEndpoint(
      database.pool,
      merchant,
      { url: 'https://shop.example/', description: null, eventTypes: null },
      (id) => oldBox.seal(Buffer.from('whsec'), id),
    );
    const rotated = { sealed: oldBox.seal(Buffer.from('newer'), endpoint), hours: 24 };
    await rotateSecret(database.pool, merchant, endpoint, rotated);

    const printed: string[] = [];
    const environment = {
      TENOR_MASTER_KEY: NEW.toString('base64'),
      TENOR_OTHER_MASTER_KEYS: [OTHER, OLD].map((key) => key.toString('base64')).join(','),
    };
    const before = await rows(database.pool, 'select from vault_subjects where sealed_key is not null');
    await runRewrap(database.pool, loadConfig(environment), (line) => printed.push(line));
    expect(printed).toEqual([
      `${before.length + 1} keys are encrypted again. TENOR_OTHER_MASTER_KEYS is no longer needed.`,
    ]);

    await startWith(NEW);
    await expect(startWith(OLD)).rejects.toThrow(REFUSAL);
    expect(await open(ada, NEW)).toBe('Ada');
    await expect(open(ada, OLD)).rejects.toThrow('no master key');
    expect(await open(bob, NEW)).toBeUndefined();
    const secrets = await row<{ newer: Buffer; older: Buffer }>(
      database.pool,
      'select sealed_secret as newer, sealed_old_secret as older from webhook_endpoints where id = $1',
      [endpoint],
    );
    const box = createSecretBox([NEW]);
    expect(Buffer.from(box.open(secrets.newer, endpoint)).toString()).toBe('newer');
    expect(Buffer.from(box.open(secrets.older, endpoint)).toString()).toBe('whsec');
    expect(await rewrap(database.pool, [NEW, OLD])).toBe(0);
    expect(
      await renewSecrets(database.pool, (sealed, id) => createSecretBox([NEW, OLD]).renew(sealed, id)),
    ).toBe(0);
  });

  test('leaves a person erased who is erased while the keys are sealed again', async () => {
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
