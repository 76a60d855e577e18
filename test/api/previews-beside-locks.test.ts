// Previews and forecasts read one snapshot and wait for no lock.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockAccount } from '../../db/books/account-context.ts';
import { lockClock } from '../../db/clocks/clocks.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { lockCustomer } from '../../db/parties/customers.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { type Answered, type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createClock, createSampleMerchant, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = await createSampleMerchant(database.pool);
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

describe('while another transaction locks clock, customer, contract and account', () => {
  /** Answers a request while the locks are held, about a contract for Pro that was ordered on 1 January 2024. */
  async function answeredMeanwhile(
    ask: (at: { customer: string; contract: string; clock: string }) => Promise<Answered>,
  ): Promise<Answered> {
    const clock = await createClock(database.pool, merchant, '2024-01-01T08:00:00.000Z');
    const customer = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', clock };
    const order = (await caller.post('/v1/orders', { customer, variant: 'pro' })).body;
    await settle(database.pool, order.contract);
    const { account } = (await caller.get(`/v1/contracts/${order.contract}`)).body;
    return inTransaction(database.pool, async (tx) => {
      await lockClock(tx, merchant, clock);
      await lockCustomer(tx, merchant, order.customer);
      await lockContract(tx, merchant, order.contract);
      await lockAccount(tx, merchant, account);
      return ask({ customer: order.customer, contract: order.contract, clock });
    });
  }

  it('a preview of a command is answered (rule 46)', async () => {
    const { status, body } = await answeredMeanwhile(({ contract }) =>
      caller.post(`/v1/contracts/${contract}/commands/preview`, {
        kind: 'change',
        effective: 'now',
        components: { add: [{ component: 'seat', quantity: 2 }] },
      }),
    );
    // Two seats at 9.00, plus 19 %.
    expect([status, body.documents?.[0].gross]).toEqual([200, '21.42']);
  });

  it('a preview of a command that names a subscription by its component is answered (rule 46)', async () => {
    const { status, body } = await answeredMeanwhile(({ contract }) =>
      caller.post(`/v1/contracts/${contract}/commands/preview`, {
        kind: 'change',
        effective: 'now',
        components: { set: [{ subscription: 'seat', quantity: 2 }] },
      }),
    );
    expect([status, body.code]).toEqual([422, 'subscription_unknown']);
  });

  it('a preview of an order of the customer is answered (rule 46)', async () => {
    const { status, body } = await answeredMeanwhile(({ customer }) =>
      caller.post('/v1/orders/preview', { customer, variant: 'pro' }),
    );
    // 99.00, plus 19 %.
    expect([status, body.documents?.[0].gross]).toEqual([200, '117.81']);
  });

  it('a preview of an order of a new customer on the clock is answered (rule 46)', async () => {
    const { status, body } = await answeredMeanwhile(({ clock }) =>
      caller.post('/v1/orders/preview', {
        customer: { party: { name: 'M' }, country: 'DE', time_zone: 'Europe/Berlin', clock },
        variant: 'pro',
      }),
    );
    expect([status, body.documents?.[0].gross]).toEqual([200, '117.81']);
  });

  it('a contract is answered, with the forecast of its next bill (rule 46)', async () => {
    const { status, body } = await answeredMeanwhile(({ contract }) =>
      caller.get(`/v1/contracts/${contract}`),
    );
    expect([status, body.next_billing?.date, body.next_billing?.gross]).toEqual([
      200,
      '2024-02-01',
      '117.81',
    ]);
  });
});

describe('a preview of an order', () => {
  const customer = { party: { name: 'O' }, country: 'DE', time_zone: 'Europe/Berlin' };

  it("includes the one-time charges that wait on the customer's account, as the order does", async () => {
    const first = (await caller.post('/v1/orders', { customer, variant: 'pro' })).body;
    await settle(database.pool, first.contract);
    const tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
    const waiting = {
      customer: first.customer,
      issuer: (await caller.get('/v1/issuers')).body.data[0].id,
      text: 'Workshop',
      quantity: '1',
      unit_price: '10.00',
      currency: 'EUR',
      price_mode: 'net',
      tax_policy,
      bill: 'next_invoice',
    };
    expect((await caller.post('/v1/one-time-charges', waiting)).status).toBe(201);
    const request = { customer: first.customer, variant: 'pro' };
    const preview = await caller.post('/v1/orders/preview', request);
    // 99.00 and 10.00, plus 19 %.
    expect(preview.body.documents.map(({ net, tax }: Record<string, string>) => [net, tax])).toEqual([
      ['109.00', '20.71'],
    ]);
    const { contract } = (await caller.post('/v1/orders', request)).body;
    await settle(database.pool, contract);
    const { data } = (await caller.get(`/v1/invoices?contract=${contract}`)).body;
    expect(data.map(({ net, tax }: Record<string, string>) => [net, tax])).toEqual([['109.00', '20.71']]);
  });

  it('is refused with an external id that is taken, or an unknown payment method', async () => {
    const order = { customer: { ...customer, external_id: 'o-1' }, variant: 'pro', external_id: 'c-1' };
    expect((await caller.post('/v1/orders', order)).status).toBe(202);
    const refusals = [
      { ...order, external_id: 'c-2' },
      { ...order, customer },
      { customer: 'o-1', variant: 'pro', payment_method: 'pm_none' },
      { customer, variant: 'pro', payment_method: { provider: 'stripe', token: 'card' } },
    ];
    const answers = await Promise.all(refusals.map((each) => caller.post('/v1/orders/preview', each)));
    expect(answers.map(({ body }) => [body.code, body.errors[0].field])).toEqual([
      ['external_id_taken', 'external_id'],
      ['external_id_taken', 'external_id'],
      ['not_found', 'payment_method'],
      ['provider_not_available', 'payment_method.provider'],
    ]);
  });
});
