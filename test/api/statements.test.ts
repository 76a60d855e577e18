// Receipts of payments and account statements, as JSON, text and PDF.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import { createClient } from '../../client/index.ts';
import { render } from '../../documents/pdf/tasks.ts';
import { makeRequestedPdfs } from '../../relay/pdfs.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { moveClock, settle } from '../support/merchant.ts';
import { readPdf } from '../support/read-pdf.ts';
import { type World, createWorld } from '../support/world.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let key: string;
let world: World;
let contract: string;
let account: string;

// An invoice of 117.81 on 31 January, a receipt of 150.00 on 5 February, and an invoice of 117.81 on 29 February.
beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  const merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  ({ key } = await createApiKey(database.pool, merchant, 'test', ['read']));
  world = await createWorld(database.pool, caller);
  const customer = { party: { name: 'Ada' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const order = await caller.post('/v1/orders', {
    customer: { ...customer, clock: world.clock },
    variant: world.variant,
  });
  contract = order.body.contract;
  await settle(database.pool, contract);
  account = (await caller.get(`/v1/contracts/${contract}`)).body.account;
  await moveClock(database.pool, world.clock, '2024-02-05T12:00:00.000Z');
  payment = (await pay('150.00', 'Überweisung 5')).id;
  await moveClock(database.pool, world.clock, '2024-03-10T12:00:00.000Z');
  await settle(database.pool, contract);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

let payment: string;
const pay = async (amount: string, reference: string, at?: string): Promise<{ id: string }> =>
  (await caller.post(`/v1/billing-accounts/${account}/receipts`, { amount, reference, ...(at && { at }) }))
    .body;
const statement = (from: string, to: string) =>
  caller.post(`/v1/billing-accounts/${account}/statements`, { from, to });
const print = async (path: string): Promise<string> =>
  ((await caller.get(path)).body as string).replace(/[\s-]+/g, ' ');

async function pdf(path: '/v1/payments/{id}/pdf' | '/v1/statements/{id}/pdf', id: string) {
  const tenor = createClient({ baseUrl: api.url, apiKey: key, pauseMs: 100 });
  const deps = { pool: database.pool, vault, render, log: { warn: () => undefined } };
  const reading = tenor.get(path, { id });
  await expect.poll(() => makeRequestedPdfs(deps)).toBe(1);
  return readPdf(await reading);
}

describe('the receipt of a payment', () => {
  it('has the invoices that it paid at once, and the rest that became credit', async () => {
    const page = await print(`/v1/payments/${payment}/print`);
    expect(page).toContain('Zahlungsbeleg vom 05.02.2024');
    expect(page).toMatch(
      /Rechnung Nr. INV 2024 0002 31.01.2024 117,81 Guthaben auf Ihrem Kundenkonto 32,19 Zahlung EUR 150,00/,
    );
    const english = await print(`/v1/payments/${payment}/print?language=en`);
    expect(english).toContain('We have received your payment. Thank you.');
    const { pages, language, title } = await pdf('/v1/payments/{id}/pdf', payment);
    expect([language, title]).toEqual(['de', 'Zahlungsbeleg vom 05.02.2024']);
    expect(pages[0]).toContain('|Guthaben auf Ihrem Kundenkonto|32,19|Zahlung EUR|150,00');
  });
});

describe('an account statement', () => {
  it('has the balances before and after, and the entries of its days', async () => {
    const { status, body } = await statement('2024-02-01', '2024-03-01');
    expect(status).toBe(201);
    expect([body.opening, body.closing]).toEqual(['-117.81', '-85.62']);
    expect(
      body.entries.map((each: Record<string, string>) => [each['date'], each['kind'], each['amount']]),
    ).toEqual([
      ['2024-02-05', 'payment', '150.00'],
      ['2024-02-29', 'invoice', '-117.81'],
    ]);
    const page = await print(`/v1/statements/${body.id}/print`);
    expect(page).toContain('Kontoauszug Feb. 2024');
    expect(page).toMatch(
      /01.02.2024 Anfangssaldo 117,81 05.02.2024 Zahlung 150,00 32,19 Überweisung 5 29.02.2024 Rechnung Nr. INV 2024 \d+ 117,81 85,62 P Endsaldo EUR 85,62/,
    );
    const { pages } = await pdf('/v1/statements/{id}/pdf', body.id);
    expect(pages[0]).toMatch(
      /\|05.02.2024\|Zahlung\|Überweisung 5\|150,00\|32,19\|29.02.2024\|.*Endsaldo EUR\|-85,62/,
    );
    expect((await caller.get(`/v1/billing-accounts/${account}/statements`)).body.data).toEqual([body]);
  });

  it('does not change when a receipt is dated back', async () => {
    const { body } = await statement('2024-03-01', '2024-03-11');
    await pay('10.00', 'late', '2024-03-02T10:00:00Z');
    expect((await caller.get(`/v1/statements/${body.id}`)).body).toEqual(body);
    const { body: later } = await statement('2024-03-01', '2024-03-11');
    expect([body.entries.length, later.entries.length]).toEqual([0, 1]);
    expect([body.closing, later.closing]).toEqual(['-85.62', '-75.62']);
  });

  it.each([
    ['2024-02-01', '2024-02-01', 'span_empty', 'to'],
    ['2024-03-02', '2024-02-01', 'span_empty', 'to'],
    ['2024-03-01', '2024-03-12', 'date_in_the_future', 'to'],
    ['2024-02-30', '2024-03-01', 'invalid_date', 'from'],
  ])('from %s to %s is refused: %s', async (from, to, code, field) => {
    const { body } = await statement(from, to);
    expect([body.code, body.errors[0].field]).toEqual([code, field]);
  });
});
