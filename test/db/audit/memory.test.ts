import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, findingsIn } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, order, settle } from '../../support/merchant.ts';

const NORDLICHT = {
  party: { name: 'Nordlicht Software GmbH' },
  country: 'DE',
  time_zone: 'Europe/Berlin',
  language: 'de',
};

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

/** Runs the audit. Returns the number of rows of its largest answer, and the checks that found something. */
async function runAudit(): Promise<{ most: number; found: string[] }> {
  let most = 0;
  const counting = new Proxy(pool, {
    get: (_, key) =>
      key === 'query' &&
      (async (text: string, params: unknown[]) => {
        const answer = await pool.query(text, params);
        most = Math.max(most, answer.rows.length);
        return answer;
      }),
  });
  const found: string[] = [];
  for await (const { check } of findingsIn(counting, AT_REST)) found.push(check);
  return { most, found };
}

it('the audit reads at most 500 rows at a time, also from books with more', async () => {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const contracts: string[] = [];
  for (let n = 0; n < 80; n++) {
    const { contractId } = await order(pool, merchant, {
      customer: { ...NORDLICHT, clock },
      components: [],
      variant: 'pro',
    });
    contracts.push(contractId);
  }
  await moveClock(pool, clock, '2025-01-15T08:00:00.000Z');
  for (const contract of contracts) await settle(pool, contract);
  // 80 contracts with an order and twelve renewals each.
  expect(await rows(pool, 'select count(*) as n from charges')).toEqual([{ n: 1040n }]);
  const { most, found } = await runAudit();
  expect(most).toBe(500);
  expect(found).toEqual([]);
});
