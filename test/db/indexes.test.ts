import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BELOW_A_CLOCK } from '../../db/clock-deletion.ts';
import { type Pool, rows } from '../../db/pool.ts';
import { createTestPool } from '../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
});
afterAll(() => database.close());

/** Whether a table has an index that begins with these columns, in any order, and leaves out nulls at the most. */
const INDEXED = (
  table: string,
  columns: string,
) => `exists (select from pg_index i where i.indrelid = ${table}
  and coalesce(pg_get_expr(i.indpred, i.indrelid), '') !~ '=|<|>'
  and (select array_agg(k order by k) from unnest((i.indkey::int2[])[0:cardinality(${columns}) - 1]) k)
    = (select array_agg(k order by k) from unnest(${columns}) k))`;

describe('deleting a test clock', () => {
  const deleted = [
    ...BELOW_A_CLOCK.map(([table]) => table),
    'customers',
    'vault_records',
    'vault_subjects',
    'test_clocks',
    'sandbox.intents',
  ];

  it('finds what points at a deleted row by an index', async () => {
    const scanned = await rows<{ name: string }>(
      pool,
      `select format('%s (%s)', c.conrelid::regclass, (select string_agg(a.attname, ', ') from pg_attribute a
         where a.attrelid = c.conrelid and a.attnum = any(c.conkey))) as name
       from pg_constraint c where c.contype = 'f' and c.confrelid = any($1::regclass[])
         and not ${INDEXED('c.conrelid', 'c.conkey')} order by 1`,
      [deleted],
    );
    expect(scanned.map(({ name }) => name)).toEqual([]);
  });

  it('finds what is on the clock, or on its accounts and contracts, by an index', async () => {
    const columns = BELOW_A_CLOCK.map(([table, where]) => [table, /^\(?(\w+)/.exec(where)?.[1]]);
    const scanned = await rows<{ name: string }>(
      pool,
      `select distinct format('%s (%s)', x.of_table, x.of_column) as name
       from jsonb_to_recordset($1::jsonb) as x(of_table regclass, of_column text)
       cross join lateral (select array_agg(attnum) as key from pg_attribute
         where attrelid = x.of_table and attname in ('merchant_id', x.of_column)) a
       where not ${INDEXED('x.of_table', 'a.key')} order by 1`,
      [JSON.stringify(columns.map(([of_table, of_column]) => ({ of_table, of_column })))],
    );
    // Rows of these are few, however large the merchant is.
    expect(scanned.map(({ name }) => name)).toEqual([
      'incidents (workflow_id)',
      'series_counters (clock_id)',
    ]);
  });
});
