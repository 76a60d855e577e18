// A credit note that pays an older receivable wakes its collection, and so does a payment method that is set later.
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CollectionStanding, createCollectActivities } from '../../../activities/collect.ts';
import { reviseAccount, setContractMethod } from '../../../engine/books/accounts.ts';
import { storeQueuedCommands } from '../../../engine/contracts/queued-commands.ts';
import { storeCommand } from '../../../engine/contracts/store-command.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { createPaymentMethod } from '../../../db/payments/methods.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
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

function collect(receivableId: string): Promise<CollectionStanding> {
  const { collect: activity } = createCollectActivities({ pool, limit: 250 });
  return new MockActivityEnvironment().run(activity, receivableId, null);
}

async function wakesOn(clock: string): Promise<string[]> {
  const found = await rows<{ object: string }>(
    pool,
    `select object from outbox where clock_id = $1 and kind = 'wake' and command_id is null order by id`,
    [clock],
  );
  return found.map(({ object }) => object);
}

/** A contract for Pro at 99.00 a month whose first invoice is open. With `card`, it has a payment method. */
async function orderUnpaid(clock: string, of: { customer?: string; seats?: string; card?: boolean } = {}) {
  const { contractId, commandId } = await order(pool, merchant, {
    customer: of.customer ?? {
      party: { name: 'Nordlicht Software GmbH' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
      clock,
    },
    variant: 'pro',
    ...(of.card === true ? { payment_method: { provider: 'sandbox', token: 'card' } } : {}),
    components: of.seats === undefined ? [] : [{ component: 'seat', quantity: of.seats }],
  });
  await settle(pool, contractId, [commandId]);
  const found = await row<{ customer: string; account: string; receivable: string; open: bigint }>(
    pool,
    `select c.customer_id as customer, c.account_id as account, r.id as receivable, r.open_minor as open
     from contracts c join receivables r on r.merchant_id = c.merchant_id and r.contract_id = c.id where c.id = $1`,
    [contractId],
  );
  return { contractId, ...found };
}

function decline(receivableId: string): Promise<object[]> {
  return rows(
    pool,
    `update attempts set state = 'declined', sent_at = effective_at, decided_at = effective_at where receivable_id = $1`,
    [receivableId],
  );
}

describe('a credit note that pays an older, dunned receivable (rules 31, 37)', () => {
  it('wakes its collection, which ends the dunning and asks the contract to resume', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const old = await orderUnpaid(clock, { card: true });
    expect(old.open).toBe(11781n);
    await decline(old.receivable);
    await rows(pool, 'update receivables set dunning_level = 3 where id = $1', [old.receivable]);
    await inTransaction(pool, (tx) =>
      storeCommand(tx, merchant, {
        contractId: old.contractId,
        kind: 'pause',
        body: { kind: 'pause', reason: 'dunning' },
        effective: 'now',
        actor: `collection:${old.receivable}`,
      }),
    );
    await settle(pool, old.contractId);
    const other = await orderUnpaid(clock, { customer: old.customer, seats: '10' });
    expect(other.open).toBe(22491n); // 99.00 + 10 × 9.00, plus 19 %

    await moveClock(pool, clock, '2024-01-02T08:00:00.000Z');
    const cancel = await command(pool, merchant, other.contractId, { kind: 'cancel', effective: 'now' });
    await settle(pool, other.contractId, [cancel.commandId]);
    // 30 of 31 days are credited: 95.81 + 87.10 + 34.75 VAT = 217.66, of which 117.81 pays the older receivable.
    expect(
      await rows(pool, 'select id, open_minor from receivables where account_id = $1 order by id', [
        old.account,
      ]),
    ).toEqual([
      { id: old.receivable, open_minor: 0n },
      { id: other.receivable, open_minor: 12506n },
    ]);
    expect(await wakesOn(clock)).toEqual([`collection/${old.receivable}`]);

    expect(await collect(old.receivable)).toMatchObject({ finished: true, shown: { dunningLevel: 0 } });
    await storeQueuedCommands(pool, merchant, old.contractId);
    expect(
      await rows(
        pool,
        `select kind, body, actor, asked_at from commands where contract_id = $1 and state = 'pending'`,
        [old.contractId],
      ),
    ).toEqual([
      {
        kind: 'resume',
        body: { kind: 'resume', reason: 'dunning' },
        actor: `collection:${old.receivable}`,
        asked_at: '2024-01-02T08:00:00.000Z',
      },
    ]);
    // A second step does not ask again.
    await collect(old.receivable);
    expect(
      await rows(pool, `select 1 from commands where contract_id = $1 and kind = 'resume'`, [old.contractId]),
    ).toHaveLength(1);
  });
});

describe('a payment method that is set later (rules 30, 37)', () => {
  const setMethod = (account: string, method: string) =>
    inTransaction(pool, (tx) => reviseAccount(tx, merchant, account, { payment_method: method }));
  const newMethod = (customer: string) =>
    createPaymentMethod(pool, merchant, { customer, provider: 'sandbox', token: 'card' });
  const attempts = (receivable: string) =>
    rows(
      pool,
      'select n, state, payment_method_id as method, amount_minor from attempts where receivable_id = $1 order by n',
      [receivable],
    );

  it('collects an invoice that had no payment method', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const old = await orderUnpaid(clock);
    const method = await newMethod(old.customer);
    await moveClock(pool, clock, '2024-01-20T08:00:00.000Z');
    await setMethod(old.account, method);
    expect(await wakesOn(clock)).toEqual([`collection/${old.receivable}`]);
    expect(await collect(old.receivable)).toMatchObject({
      finished: false,
      nextDue: '2024-01-20T08:00:00.000Z',
      attempt: { provider: 'sandbox' },
    });
    expect(await attempts(old.receivable)).toEqual([
      { n: 1, state: 'planned', method, amount_minor: 11781n },
    ]);
  });

  it('tries a dunned invoice again at once, unless that method was already tried', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const old = await orderUnpaid(clock, { card: true });
    await decline(old.receivable);
    await rows(pool, 'update receivables set dunning_level = 3 where id = $1', [old.receivable]);
    const [{ method: first } = { method: '' }] = await rows<{ method: string }>(
      pool,
      'select payment_method_id as method from billing_accounts where id = $1',
      [old.account],
    );
    await setMethod(old.account, first);
    expect(await collect(old.receivable)).toMatchObject({ attempt: null, nextDue: null });

    const second = await newMethod(old.customer);
    await setMethod(old.account, second); // the contract's own method has priority
    expect(await collect(old.receivable)).toMatchObject({ attempt: null, nextDue: null });
    await inTransaction(pool, (tx) => setContractMethod(tx, merchant, old.contractId, null));
    expect(await wakesOn(clock)).toContain(`collection/${old.receivable}`);
    expect(await collect(old.receivable)).toMatchObject({ attempt: { provider: 'sandbox' } });
    expect(await attempts(old.receivable)).toEqual([
      { n: 1, state: 'declined', method: first, amount_minor: 11781n },
      { n: 2, state: 'planned', method: second, amount_minor: 11781n },
    ]);
  });

  it('may also come with an order, if the account has none', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const old = await orderUnpaid(clock);
    await order(pool, merchant, {
      customer: old.customer,
      variant: 'free',
      components: [],
      payment_method: { provider: 'sandbox', token: 'card' },
    });
    expect(await wakesOn(clock)).toEqual([`collection/${old.receivable}`]);
    expect(await collect(old.receivable)).toMatchObject({ attempt: { provider: 'sandbox' } });
  });

  it('does not wake a collection whose attempt is planned', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const old = await orderUnpaid(clock, { card: true });
    await rows(pool, 'update contracts set payment_method_id = null where id = $1', [old.contractId]);
    await setMethod(old.account, await newMethod(old.customer));
    expect(await wakesOn(clock)).toEqual([]);
    expect(await attempts(old.receivable)).toMatchObject([{ n: 1, state: 'planned' }]);
  });
});
