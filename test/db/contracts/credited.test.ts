// The tax that credits give back of their invoice, computed with the rows of earlier documents (rule 16).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { previewCommand } from '../../../engine/contracts/commands.ts';
import type { CommandRequest } from '../../../engine/requests.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
} from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

describe('three seats that are removed one after the other, 16 of 31 days before their end', () => {
  it('are credited with the tax on their sum, as the previews say (rule 16)', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T09:00:00.000Z');
    const seat = { component: 'seat', quantity: '1' };
    const { contractId } = await order(pool, merchant, {
      customer: { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'en', clock },
      variant: 'free',
      components: [seat, seat, seat],
    });
    await settle(pool, contractId);
    await moveClock(pool, clock, '2024-01-16T09:00:00.000Z');
    const seats = await rows<{ id: string }>(
      pool,
      'select id from component_subscriptions where contract_id = $1 order by id',
      [contractId],
    );
    const previewed: bigint[] = [];
    for (const { id } of seats) {
      const request: CommandRequest = { kind: 'change', components: { remove: [id] }, effective: 'now' };
      const { documents } = await previewCommand(pool, merchant, contractId, request);
      previewed.push(...documents.map(({ taxMinor }) => taxMinor));
      const { commandId } = await command(pool, merchant, contractId, request);
      const { answers } = await settle(pool, contractId, [commandId]);
      expect(answers[commandId]).toMatchObject({ state: 'applied' });
    }
    // 16 of 31 days of 9.00 are 4.65. The tax on 4.65 is 0.8835, on 9.30 it is 1.767, and on 13.95 it is 2.6505.
    expect(
      await rows(
        pool,
        'select net_minor, tax_minor from documents where contract_id = $1 order by effective_at, kind desc, counter',
        [contractId],
      ),
    ).toEqual([
      { net_minor: 2700n, tax_minor: 513n },
      { net_minor: -465n, tax_minor: -88n },
      { net_minor: -465n, tax_minor: -89n },
      { net_minor: -465n, tax_minor: -88n },
    ]);
    expect(previewed).toEqual([-88n, -89n, -88n]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  });
});
