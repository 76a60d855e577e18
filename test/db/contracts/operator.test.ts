import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import type { OperatorRequest } from '../../../temporal/messages.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

/** A contract on Basic that is ordered on 10 January and in its trial. */
async function orderBasic(): Promise<string> {
  const clock = await createClock(pool, merchant, '2024-01-10T09:00:00.000Z');
  const customer = {
    party: { name: 'Nordlicht Software GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    language: 'de',
    clock,
  };
  const { contractId } = await order(pool, merchant, { customer, variant: 'basic', components: [] });
  await settle(pool, contractId);
  return contractId;
}

/** The stored commands after the order. */
function commandsOf(contractId: string): Promise<object[]> {
  return rows(
    pool,
    `select kind, effective, actor, state, answer->>'code' as code from commands
     where contract_id = $1 and kind <> 'order' order by seq`,
    [contractId],
  );
}

describe("an operator's signal", () => {
  it.each<[string, OperatorRequest['kind'], unknown, object]>([
    ["a variant by the merchant's id", 'change', 'pro', { kind: 'change', effective: 'now' }],
    [
      'a variant from a date',
      'change',
      { variant: 'pro', effective: '2024-02-01' },
      { kind: 'change', effective: '2024-02-01' },
    ],
    ['no argument', 'pause', undefined, { kind: 'pause', effective: 'now' }],
    ['a text', 'cancel', 'period_end', { kind: 'cancel', effective: 'period_end' }],
    ['an object', 'cancel', { effective: 'period_end' }, { kind: 'cancel', effective: 'period_end' }],
  ])('is stored as a command and applied: %s (%s)', async (_, kind, argument, stored) => {
    const contractId = await orderBasic();
    const commandId = `cmd_${contractId}`;
    const orders = [{ commandId, kind, argument }];
    const { answers } = await settle(pool, contractId, [commandId], orders);
    expect(answers).toEqual({ [commandId]: { commandId, state: 'applied' } });
    expect(await commandsOf(contractId)).toEqual([
      { ...stored, actor: 'operator', state: 'applied', code: null },
    ]);
  });

  it.each<[OperatorRequest['kind'], unknown]>([
    ['change', undefined],
    ['change', { variant: 7 }],
    ['change', { variant: 'pro', effective: 'tomorrow' }],
    ['change', 'platinum'],
    ['change', 'pro\u0000'],
    ['change', { variant: '\ud800' }],
    ['cancel', '2024-02-30'],
    ['cancel', { effective: '9999-12-31' }],
    ['pause', 'soon'],
    ['cancel', { effective: 3 }],
  ])('that cannot be read is stored as a refused command: %s %o (rule 23)', async (kind, argument) => {
    const contractId = await orderBasic();
    const commandId = `cmd_${contractId}`;
    await settle(pool, contractId, [commandId], [{ commandId, kind, argument }]);
    const refused = { kind: 'unreadable', effective: 'now', state: 'refused', code: 'unreadable_command' };
    expect(await commandsOf(contractId)).toEqual([{ ...refused, actor: 'operator' }]);
  });

  it('is stored once if its activity runs twice, and not at all after the contract has ended', async () => {
    const contractId = await orderBasic();
    const cancel = { commandId: `cmd_${contractId}`, kind: 'cancel' as const, argument: undefined };
    await settle(pool, contractId, [], [cancel]);
    await settle(pool, contractId, [], [cancel]);
    const late = { ...cancel, commandId: `cmd_late_${contractId}` };
    const { standing } = await settle(pool, contractId, [], [late]);
    expect(standing).toMatchObject({ finished: true, incident: null });
    expect(await commandsOf(contractId)).toEqual([
      { kind: 'cancel', effective: 'now', actor: 'operator', state: 'applied', code: null },
    ]);
  });
});
