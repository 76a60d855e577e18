// One-time charges on real workflows: which workflow collects them, and which one wakes for them. Each story lists everything
// that happened.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { beginStory, liveUntil } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
let once: object;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  const merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
  const tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
  once = { text: 'Workshop', unit_price: '100.00', currency: 'EUR', price_mode: 'net', tax_policy };
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

describe('a one-time charge without a contract', () => {
  it('is tried at once, and again three days after the card has declined (rules 35, 37)', async () => {
    const { pool } = tenor.parts;
    const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-03-01T09:00:00.000Z' })).body
      .id;
    const home = { country: 'DE', time_zone: 'Europe/Berlin', clock };
    const customer = (await caller.post('/v1/customers', { party: { name: 'N' }, ...home })).body.id;
    const token = 'card;zone=Europe/Berlin;decline_on=2024-03-01:insufficient_funds';
    const payment_method = (
      await caller.post('/v1/payment-methods', { customer, provider: 'sandbox', token })
    ).body.id;
    const issuer = (await caller.get('/v1/issuers')).body.data[0].id;
    const of = { customer, issuer, currency: 'EUR' };
    const account = (await caller.post('/v1/billing-accounts', { ...of, payment_method })).body.id;
    const charged = await caller.post('/v1/one-time-charges', { ...once, ...of, bill: 'now' });
    expect(charged.status).toBe(201);
    await liveUntil(caller, clock, '2024-03-31T09:00:00.000Z');
    expect(await happened(pool, clock)).toEqual({
      documents: ['2024-03-01 invoice 100.00 119.00'],
      attempts: [],
      commands: [],
      scheduled: [],
      agenda: [],
      moved: ['charge 119.00'],
    });
    expect(
      await rows(
        pool,
        'select n, state, sent_at, contract_id from attempts where account_id = $1 order by n',
        [account],
      ),
    ).toEqual([
      { n: 1, state: 'declined', sent_at: '2024-03-01T09:00:00.000Z', contract_id: null },
      { n: 2, state: 'succeeded', sent_at: '2024-03-04T09:00:00.000Z', contract_id: null },
    ]);
    expect((await caller.get(`/v1/billing-accounts/${account}`)).body.balance).toBe('0.00');
    expect((await caller.delete(`/v1/test-clocks/${clock}`)).status).toBe(204);
    expect(await rows(pool, 'select from one_time_charges where account_id = $1', [account])).toEqual([]);
  });
});

describe('a one-time charge of a contract', () => {
  it("is collected by the contract's workflow if it is billed now, and makes it wake for its next bill run if it waits (rule 39)", async () => {
    const story = await beginStory(caller, '2024-03-10T09:00:00.000Z', { variant: 'free', token: 'card' });
    const charge = async (body: object): Promise<void> => {
      const answer = await caller.post('/v1/one-time-charges', {
        ...once,
        contract: story.contract,
        ...body,
      });
      expect(answer.status).toBe(201);
    };
    await charge({ bill: 'now' });
    await story.until('2024-03-20T09:00:00.000Z');
    await charge({ bill: 'next_invoice', unit_price: '10.00' });
    await charge({ bill: 'next_invoice', unit_price: '-2.00' });
    await story.until('2024-12-31T09:00:00.000Z');
    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: ['2024-03-10 invoice 100.00 119.00', '2024-04-10 invoice 8.00 9.52'],
      attempts: ['2024-03-10 119.00 succeeded', '2024-04-10 9.52 succeeded'],
      commands: ['order applied'],
      scheduled: [],
      agenda: [],
      moved: ['charge 119.00', 'charge 9.52'],
    });
    expect(await story.balance()).toBe('0.00');
  });
});
