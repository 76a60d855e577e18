import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BELOW_A_CLOCK } from '../../../db/clocks/deletion.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { listUsage } from '../../../db/usage/usage.ts';
import { EVERYTHING, sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createSampleMerchant, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
});
afterAll(() => database.close());

/**
 * A condition: the table has an index that begins with these columns, in any order, and omits at most nulls. Of three
 * columns (merchant, contract or customer, and one of their own) the first two are enough, as they leave only a few rows.
 */
const INDEXED = (
  table: string,
  columns: string,
) => `exists (select from pg_index i where i.indrelid = ${table}
  and coalesce(pg_get_expr(i.indpred, i.indrelid), '') !~ '=|<|>'
  and (select array_agg(k order by k) from unnest((i.indkey::int2[])[0:least(cardinality(${columns}), 2) - 1]) k)
    <@ ${columns}::int2[])`;

describe('deleting a test clock', () => {
  const deleted = [
    ...BELOW_A_CLOCK.map(([table]) => table),
    'customers',
    'vault_records',
    'vault_subjects',
    'test_clocks',
    'sandbox.intents',
  ];

  it('finds rows that refer to a deleted row with an index', async () => {
    const scanned = await rows<{ name: string }>(
      pool,
      `select format('%s (%s)', c.conrelid::regclass, (select string_agg(a.attname, ', ') from pg_attribute a
         where a.attrelid = c.conrelid and a.attnum = any(c.conkey))) as name
       from pg_constraint c where c.contype = 'f' and c.confrelid = any($1::regclass[])
         and not ${INDEXED('c.conrelid', 'c.conkey')} order by 1`,
      [deleted],
    );
    // There are only a few issuers and plan groups.
    expect(scanned.map(({ name }) => name)).toEqual([
      'issuers (customer_id, merchant_id)',
      'issuers (merchant_id, subject_id, subject_version)',
      'plan_groups (issuer_id, merchant_id)',
    ]);
  });

  it('finds the rows of the clock, of its accounts and of its contracts with an index', async () => {
    // `test/db/platform/look-ups.test.ts` names the indexes of the sandbox's own tables and of its events.
    const columns = BELOW_A_CLOCK.filter(([, where]) => !/sandbox\.|attempts/.test(where)).map(
      ([table, where]) => [table, /^\(?(\w+)/.exec(where)?.[1]],
    );
    const scanned = await rows<{ name: string }>(
      pool,
      `select distinct format('%s (%s)', x.of_table, x.of_column) as name
       from jsonb_to_recordset($1::jsonb) as x(of_table regclass, of_column text)
       cross join lateral (select array_agg(attnum) as key from pg_attribute
         where attrelid = x.of_table and attname in ('merchant_id', x.of_column)) a
       where not ${INDEXED('x.of_table', 'a.key')} order by 1`,
      [JSON.stringify(columns.map(([of_table, of_column]) => ({ of_table, of_column })))],
    );
    // Delivered messages are deleted after their retention, and there are only a few issuers and series.
    expect(scanned.map(({ name }) => name)).toEqual([
      'issuers (customer_id)',
      'outbox (clock_id)',
      'series_counters (clock_id)',
    ]);
  });
});

describe('a page of usage', () => {
  it('is read with an index in the order of arrival, however many events a contract has', async () => {
    const merchant = await createSampleMerchant(pool);
    await sellEveryKind(pool, merchant);
    const customer = { party: { name: 'N' }, country: 'DE', time_zone: 'UTC', language: 'en' };
    const { contractId } = await order(pool, merchant, { customer, ...EVERYTHING });
    await settle(pool, contractId);
    await rows(
      pool,
      `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
       select s.merchant_id, s.contract_id, md5(n::text), s.id, clock_timestamp(), 1, '{}', clock_timestamp()
       from component_subscriptions s join components c on c.merchant_id = s.merchant_id and c.id = s.component_id,
         generate_series(1, 5000) n
       where s.contract_id = $1 and c.kind = 'metered'`,
      [contractId],
    );
    await rows(pool, 'analyze usage_events');
    const read = (cursor: { cursor?: string }) =>
      inTransaction(pool, async (tx) => {
        const soFar = async (): Promise<number> =>
          (
            await row<{ n: number }>(
              tx,
              `select (seq_tup_read + idx_tup_fetch)::int as n from pg_stat_xact_user_tables where relname = 'usage_events'`,
            )
          ).n;
        const before = await soFar();
        const page = await listUsage(tx, merchant, contractId, {}, { limit: 100, ...cursor });
        return { page, read: (await soFar()) - before };
      });
    const first = await read({});
    const second = await read({ cursor: first.page.nextCursor ?? '' });
    expect([first, second].map(({ page, read }) => [page.data.length, read])).toEqual([
      [100, 101],
      [100, 101],
    ]);
  });
});
