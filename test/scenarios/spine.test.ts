import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../support/rows.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createClock, createSampleMerchant } from '../support/merchant.ts';
import { startTestTenor, type TestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let merchant: MerchantId;

beforeAll(async () => {
  tenor = await startTestTenor();
  merchant = await createSampleMerchant(tenor.parts.pool);
});
afterAll(() => tenor.stop());

const call = { actor: 'api:test', claim: null };

/** Advances a clock and waits, by reading its row, until it is no longer advancing. */
async function advance(clockId: string, to: string): Promise<void> {
  await tenor.engine.advanceClock(merchant, clockId, to);
  await expect
    .poll(() => rows(tenor.parts.pool, 'select status, problem from test_clocks where id = $1', [clockId]), {
      timeout: 30_000,
      interval: 20,
    })
    .not.toContainEqual({ status: 'advancing', problem: null });
  expect(
    await rows(tenor.parts.pool, 'select status, problem from test_clocks where id = $1', [clockId]),
  ).toEqual([{ status: 'ready', problem: null }]);
}

describe('a contract on a test clock, through its workflow', () => {
  it('is ordered, billed at the end of its trial, upgraded and charged, and nothing else happens', async () => {
    const { pool } = tenor.parts;
    const clock = await createClock(pool, merchant, '2023-12-18T08:00:00.000Z');
    const { contractId, commandId } = await tenor.engine.order(
      merchant,
      {
        customer: {
          party: { name: 'Nordlicht Software GmbH' },
          country: 'DE',
          time_zone: 'Europe/Berlin',
          language: 'de',
          clock,
        },
        variant: 'basic',
        components: [],
        payment_method: { provider: 'sandbox', token: 'card' },
      },
      call,
    );
    expect(await tenor.engine.ask(merchant, contractId, commandId)).toEqual({ state: 'applied' });
    await advance(clock, '2024-01-16T09:00:00.000Z');
    const change = await tenor.engine.command(
      merchant,
      contractId,
      { kind: 'change', variant: 'pro', effective: 'now' },
      call,
    );
    expect(await tenor.engine.ask(merchant, contractId, change.commandId)).toEqual({ state: 'applied' });
    await advance(clock, '2024-04-01T12:00:00.000Z');
    const documents = await rows(
      pool,
      'select number, net_minor, gross_minor from documents where contract_id = $1 order by counter',
      [contractId],
    );
    expect(documents).toEqual([
      { number: 'R-2024-0001', net_minor: 2900n, gross_minor: 3451n },
      { number: 'R-2024-0002', net_minor: 3613n, gross_minor: 4299n },
      { number: 'R-2024-0003', net_minor: 9900n, gross_minor: 11781n },
      { number: 'R-2024-0004', net_minor: 9900n, gross_minor: 11781n },
      { number: 'R-2024-0005', net_minor: 9900n, gross_minor: 11781n },
    ]);
    expect(
      await rows(pool, 'select state, count(*) as n from attempts where contract_id = $1 group by state', [
        contractId,
      ]),
    ).toEqual([{ state: 'succeeded', n: 5n }]);
    expect(
      await rows(pool, `select sum(amount_minor)::bigint as moved, count(*) as n from sandbox.movements`),
    ).toEqual([{ moved: 43093n, n: 5n }]);
    expect(
      await rows(
        pool,
        `select sum(amount_minor)::bigint as open from postings where contract_id = $1 and ledger_account = 'receivable'`,
        [contractId],
      ),
    ).toEqual([{ open: 0n }]);
  });
});
