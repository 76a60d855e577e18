import { afterAll, beforeAll, expect, it } from 'vitest';
import { getIssuer } from '../../../db/parties/issuers.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { createPool, inTransaction } from '../../../db/platform/pool.ts';
import { createIssuer, reviseIssuer } from '../../../engine/parties/issuers.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { vault } from '../../support/merchant.ts';
import { rows } from '../../support/rows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
beforeAll(async () => {
  database = await createTestPool();
});
afterAll(() => database.close());

it('keeps both of two changes of an issuer that are made at once', async () => {
  const { pool } = database;
  const { test: merchant } = await createMerchant(pool, 'Wolkenwerk');
  const pattern = (prefix: string) => ({ pattern: `${prefix}-{####}`, first_counter: 1 });
  const id = await inTransaction(pool, (tx) =>
    createIssuer(tx, vault, merchant, {
      party: { name: 'Before' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      series: { invoice: pattern('R'), credit_note: pattern('G') },
    }),
  );
  const others = createPool(database.url, { max: 1, name: 'second' });
  let second: Promise<void> = Promise.resolve();
  await inTransaction(pool, async (first) => {
    await reviseIssuer(first, vault, merchant, id, { party: { name: 'After' } });
    second = inTransaction(others, (tx) =>
      reviseIssuer(tx, vault, merchant, id, { mail_from: 'billing@wolkenwerk.example' }),
    );
    const waiting = `select from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'second'`;
    await expect.poll(() => rows(pool, waiting), { timeout: 10_000 }).toHaveLength(1);
  });
  await second;
  await others.end();
  const { name, version, subject_id } = (await getIssuer(pool, merchant, id))!;
  expect([name, version]).toEqual(['After', 3]);
  expect(await vault.open(pool, merchant, { subjectId: subject_id, version })).toEqual({
    name: 'After',
    mail: { from: 'billing@wolkenwerk.example' },
  });
});
