import { afterAll, beforeAll, expect, test } from 'vitest';
import { listKeys, makeKey, revokeKey } from '../../../cli/keys.ts';
import { findApiKey } from '../../../db/parties/api-keys.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { createTestPool } from '../../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
beforeAll(async () => {
  database = await createTestPool();
});
afterAll(() => database.close());

test('A key is made, listed without being shown, and revoked once', async () => {
  const { pool } = database;
  const { test: merchant } = await createMerchant(pool, 'Wolkenwerk');
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  await makeKey(pool, { merchant, name: 'reports', scopes: ['read'], days: 90 }, say);
  const [id = '', key = ''] = (said[0] ?? '').split('  ');
  expect(await findApiKey(pool, key)).toEqual({ merchant, keyId: id, scopes: ['read'], test: true });

  await listKeys(pool, say);
  expect(said.at(-1)).toMatch(
    new RegExp(`^${id} +valid +20\\S+Z +20\\S+Z +read +${merchant} +Wolkenwerk \\(test\\): reports$`),
  );
  expect(said.at(-1)).not.toContain(key);

  await revokeKey(pool, id, say);
  expect(await findApiKey(pool, key)).toBeNull();
  await expect(revokeKey(pool, id, say)).rejects.toThrow(`there is no valid key ${id}`);
  const stranger = { merchant: 'mer_nobody', name: 'x', scopes: ['admin'] as const };
  await expect(makeKey(pool, stranger, say)).rejects.toThrow('no merchant has the id mer_nobody');
});
