import { afterAll, beforeAll, expect, it } from 'vitest';
import { deleteBelowClock } from '../../../db/clocks/deletion.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, order, settle } from '../../support/merchant.ts';

/** Queues, keys, findings, buckets, webhooks, and the words of names, which erasure deletes. They have their own retention. */
const NOT_KEPT = [
  'agenda',
  'api_keys',
  'audit_findings',
  'audit_runs',
  'events',
  'idempotency_keys',
  'incidents',
  'mail_attempts',
  'mail_settings',
  'mail_templates',
  'mails',
  'outbox',
  'pdf_requests',
  'rate_buckets',
  'vault_words',
  'webhook_attempts',
  'webhook_deliveries',
  'webhook_endpoints',
];
let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let test: MerchantId;
let clock: string;
let live: MerchantId;

const placeOrder = async (merchant: MerchantId, on: { clock?: string }): Promise<void> => {
  const party = { name: 'Nordlicht' };
  const customer = { party, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', ...on };
  const components = [{ component: 'seat', quantity: '5' }];
  await settle(pool, (await order(pool, merchant, { customer, variant: 'pro', components })).contractId);
};

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  test = await createSampleMerchant(pool);
  clock = await createClock(pool, test, '2024-01-01T08:00:00.000Z');
  await placeOrder(test, { clock });
  live = await createSampleMerchant(pool);
  await placeOrder(live, {});
  // The sample merchant is a test merchant. This makes it live, without the triggers, which would refuse that.
  await pool.query(`begin; set local session_replication_role = replica;
    update merchants set live_merchant_id = null where id = '${live}'; commit`);
});
afterAll(() => database.close());

/** The tables that have rows of the merchant. */
async function tablesOf(merchant: MerchantId): Promise<string[]> {
  const tables = await rows<{ name: string }>(
    pool,
    `select t.tablename as name from pg_tables t join information_schema.columns k on k.table_schema = t.schemaname
       and k.table_name = t.tablename and k.column_name = 'merchant_id' where t.schemaname = 'public' order by 1`,
  );
  const filled: string[] = [];
  for (const { name } of tables) {
    const found = await rows(pool, `select from ${name} where merchant_id = $1 limit 1`, [merchant]);
    if (found.length > 0) filled.push(name);
  }
  return filled;
}

/** Runs a statement, with or without the setting of a clock's deletion. Returns `done`, or the database's error. */
async function run(statement: string, deleting: string): Promise<string> {
  try {
    await inTransaction(pool, async (tx) => {
      await rows(tx, `select set_config('tenor.deleting_clock', $1, true)`, [deleting]);
      await rows(tx, statement);
    });
    return 'done';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

it("no row of a live merchant can be deleted, whatever the session's settings", async () => {
  const kept = (await tablesOf(live)).filter((name) => !NOT_KEPT.includes(name));
  expect(kept).toEqual(
    expect.arrayContaining(['charges', 'contracts', 'documents', 'postings', 'receivables']),
  );
  for (const name of kept) {
    for (const deleting of ['', clock]) {
      const answer = await run(`delete from ${name} where merchant_id = '${live}'`, deleting);
      expect([name, answer]).toEqual([name, expect.stringMatching(/is append-only$|^rows of \w+ are kept$/)]);
    }
  }
});

it('no table can be truncated, except those with their own retention', async () => {
  const tables = await rows<{ name: string }>(
    pool,
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> all($1) order by tablename`,
    [NOT_KEPT],
  );
  for (const { name } of tables) {
    const answer = await run(`truncate ${name} cascade`, clock);
    expect([name, answer]).toEqual([name, expect.stringMatching(/^rows of \w+ are kept$/)]);
  }
});

it('a live merchant cannot become a test merchant, and no merchant can be deleted', async () => {
  const same = 'merchants are kept as they are';
  expect(await run(`update merchants set live_merchant_id = '${test}' where id = '${live}'`, clock)).toBe(
    same,
  );
  expect(await run(`delete from merchants where id = '${live}'`, clock)).toBe(same);
  expect(await run(`update merchants set name = 'Other' where id = '${live}'`, '')).toBe('done');
});

it('the contracts and documents of a test clock are deleted with it', async () => {
  expect(await tablesOf(test)).toContain('documents');
  await inTransaction(pool, (tx) => deleteBelowClock(tx, test, clock));
  expect(await row(pool, 'select count(*)::int as n from documents where merchant_id = $1', [test])).toEqual({
    n: 0,
  });
  expect(await tablesOf(test)).not.toContain('contracts');
});
