// The workflows that `tenor repair` examines, and its report.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runRepair } from '../../../cli/repair.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { repairCandidates } from '../../../db/platform/repair-candidates.ts';
import { type Books, createBooks, createTestPool } from '../../support/fixtures.ts';
import { workflowsOf } from '../../support/workflows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let books: Books;
beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  books = await createBooks(pool, { now: null });
  // Enough contracts that a batch is a small part of them.
  for (const first of [1, 5_001]) {
    await rows(
      pool,
      `insert into contracts select (jsonb_populate_record(c, jsonb_build_object('id', 'con_' || n,
         'phase', case when n % 2 = 0 then 'ended' else c.phase end, 'ended_at', case when n % 2 = 0 then c.starts_at end))).*
       from contracts c cross join generate_series($2::int, $2 + 4999) n where c.id = $1`,
      [books.contractId, first],
    );
  }
});
afterAll(() => database.close());

it('repair examines each contract that has not ended once, in batches', async () => {
  const seen: string[] = [];
  for await (const batch of repairCandidates(pool)) {
    expect(batch.length).toBeLessThanOrEqual(1_000);
    seen.push(...batch.map(({ id }) => id));
  }
  expect(seen).toHaveLength(5_001);
  expect(new Set(seen).size).toBe(5_001);
});

it('each batch of repair starts at the end of the previous one, with an index', async () => {
  // Without statistics, Postgres would sort a table of this size. Autovacuum may not have collected them yet.
  await pool.query('analyze contracts');
  const plans: string[] = [];
  const asked = {
    async query({ text, values }: { text: string; values: unknown[] }) {
      const { rows: lines } = await pool.query<Record<string, string>>(`explain ${text}`, values);
      plans.push(lines.flatMap((line) => Object.values(line)).join('\n'));
      return { rows: [] };
    },
  } as unknown as Pool;
  for await (const batch of repairCandidates(asked)) expect(batch).toEqual([]);
  // A limit directly on an index scan.
  expect(plans[0]).toMatch(
    /CTE part\n *->  Limit .*\n *->  Index (Only )?Scan using contracts_pkey on contracts /,
  );
});

it('repair restarts a workflow that cannot replay, and prints what it did', async () => {
  const remedies: string[] = [];
  const workflows = {
    ...workflowsOf(async (id) => void remedies.push(`wake ${id}`)),
    find: (id: string) =>
      Promise.resolve({
        state: id.endsWith('con_1') ? ('unable' as const) : ('asleep' as const),
        runId: 'run',
      }),
    restart: async (id: string, runId: string) => void remedies.push(`restart ${id} ${runId}`),
  };
  const lines: string[] = [];
  expect(await runRepair({ pool, workflows }, { dryRun: true }, (line) => lines.push(line))).toBe(0);
  expect(remedies).toEqual([]);
  expect(await runRepair({ pool, workflows }, { dryRun: false }, (line) => lines.push(line))).toBe(0);
  expect(remedies).toEqual(['restart contract/con_1 run']);
  expect(lines).toEqual([
    'workflow        would    why',
    'contract/con_1  restart  its history does not fit the code',
    '5001 workflows checked; needed: 0 started, 0 woken, 1 restarted; 0 failed.',
    'workflow        did      why',
    'contract/con_1  restart  its history does not fit the code',
    '5001 workflows checked; 0 started, 0 woken, 1 restarted; 0 failed.',
  ]);
});
