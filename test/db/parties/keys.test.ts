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

test('an operator creates an API key, lists it without its secret, and can revoke it only once', async () => {
  const { pool } = database;
  const { test: merchant } = await createMerchant(pool, 'Wolkenwerk');
  const printed: string[] = [];
  const print = (line: string) => printed.push(line);
  await makeKey(pool, { merchant, name: 'reports', scopes: ['read'], days: 90 }, print);
  const [id = '', key = ''] = (printed[0] ?? '').split('  ');
  expect(await findApiKey(pool, key)).toEqual({ merchant, keyId: id, scopes: ['read'], test: true });

  await listKeys(pool, print);
  expect(printed.at(-1)).toMatch(
    new RegExp(`^${id} +valid +20\\S+Z +20\\S+Z +read +${merchant} +Wolkenwerk \\(test\\): reports$`),
  );
  expect(printed.at(-1)).not.toContain(key);

  await revokeKey(pool, id, print);
  expect(await findApiKey(pool, key)).toBeNull();
  await expect(revokeKey(pool, id, print)).rejects.toThrow(`there is no valid key ${id}`);
  const stranger = { merchant: 'mer_nobody', name: 'x', scopes: ['admin'] as const };
  await expect(makeKey(pool, stranger, print)).rejects.toThrow('no merchant has the id mer_nobody');
});
