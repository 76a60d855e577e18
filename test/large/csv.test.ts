// A CSV of a million rows is a stream: the process that sends it does not need more memory for more rows.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createVault } from '../../db/parties/vault.ts';
import { createPool } from '../../db/platform/pool.ts';
import { type TestApi, startTestApi } from '../support/api.ts';
import { type Books, createBooks, createTestPool } from '../support/fixtures.ts';
import { rows } from '../support/rows.ts';

const ROWS = 1_000_000;

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let books: Books;

beforeAll(async () => {
  database = await createTestPool();
  books = await createBooks(database.pool);
  const filling = createPool(database.url, { max: 1, limits: { statementMs: 0 } });
  await rows(filling, 'set session_replication_role = replica');
  await rows(
    filling,
    `insert into payments (merchant_id, id, account_id, provider, reference, currency, amount_minor, effective_at)
     select $1, 'pmt_' || lpad(n::text, 8, '0'), $2, 'hand', 'many ' || n, 'EUR', n, timestamptz '2020-01-01T00:00:00Z' + n * interval '1 second'
     from generate_series(1, $3::int) n`,
    [books.merchant, books.accountId, ROWS],
  );
  await rows(filling, 'vacuum analyze payments');
  await filling.end();
  api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]));
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

it('a CSV of a million payments takes less memory than a tenth of its size', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { key } = await createApiKey(database.pool, books.merchant, 'csv', ['read']);
  const authorization = `Bearer ${key}`;
  const before = used();
  const { body } = await fetch(`${api.url}/v1/payments.csv?sort=at`, { headers: { authorization } });
  let [bytes, lines, most] = [0, 0, 0];
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    const seen = Math.floor(lines / 50_000);
    bytes += chunk.length;
    for (const byte of chunk) if (byte === 10) lines += 1;
    if (Math.floor(lines / 50_000) > seen) most = Math.max(most, used() - before);
  }
  expect(lines).toBe(1 + ROWS);
  expect(bytes).toBeGreaterThan(100_000_000);
  expect(most).toBeLessThan(bytes / 10);
});
