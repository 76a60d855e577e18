// An issuer prints its logo, its legal notice, and how to pay.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../client/index.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { render } from '../../documents/pdf/tasks.ts';
import { storedPdf } from '../../engine/books/pdfs.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { jpegHead, jpegLogo, pngLogo } from '../support/logos.ts';
import { settle } from '../support/merchant.ts';
import { readPdf } from '../support/read-pdf.ts';
import { type World, createWorld } from '../support/world.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
let key: string;
let world: World;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  ({ key } = await createApiKey(database.pool, merchant, 'logos', ['read']));
  world = await createWorld(database.pool, caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'en' };
const logo = pngLogo(300, 100).toString('base64');
const bank = { iban: 'DE89370400440532013000', bic: 'COBADEFF', bank_name: 'Bank AG' };

/** Orders for a new customer, or for one that has credit. Returns its invoice, 99.00 plus 19 %. */
async function invoiceOf(more: { customer?: string; payment_method?: string } = {}): Promise<string> {
  const { customer = (await newCustomer()).id, ...rest } = more;
  const { body } = await caller.post('/v1/orders', { customer, variant: world.variant, ...rest });
  await settle(database.pool, body.contract);
  return (await caller.get(`/v1/invoices?contract=${body.contract}`)).body.data[0].id;
}

async function newCustomer(): Promise<{ id: string }> {
  return (await caller.post('/v1/customers', { party: { name: 'Ada' }, ...home, clock: world.clock })).body;
}

const issuerPatch = (body: object) => caller.patch(`/v1/issuers/${world.issuer}`, body);
const print = async (id: string): Promise<string> =>
  ((await caller.get(`/v1/invoices/${id}/print`)).body as string).replace(/\s+/g, ' ');
const pdf = async (id: string) => {
  const deps = { pool: database.pool, vault, render, log: { warn: () => undefined } };
  return readPdf((await storedPdf(deps, merchant, id)).bytes);
};

describe('an issuer', () => {
  it('prints the logo that it had when a document was finalised', async () => {
    const before = await invoiceOf();
    const answer = await issuerPatch({ logo });
    expect([answer.status, answer.body.logo]).toEqual([
      200,
      { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), media_type: 'image/png', width: 300, height: 100 },
    ]);
    const after = await invoiceOf();
    const renamed = await issuerPatch({ party: { name: 'Wolkenwerk SE', ...bank, legal_notice: 'HRB 1' } });
    expect(renamed.body).toMatchObject({ logo: answer.body.logo, party: { legal_notice: 'HRB 1' } });
    expect((await issuerPatch({ logo: null })).body).toMatchObject({
      logo: null,
      party: { name: 'Wolkenwerk SE' },
    });
    expect((await pdf(before)).roles[0]).not.toContain('Figure');
    expect((await pdf(after)).roles[0]).toContain('(Figure P P');
    expect((await pdf(after)).pages[0]).not.toContain('HRB 1');
    expect((await pdf(await invoiceOf())).pages[0]).toMatch(/Bank account.*IBAN DE89.*HRB 1/);
  });

  it('answers the picture of its logo as it was sent', async () => {
    const path = `/v1/issuers/${world.issuer}/logo`;
    await issuerPatch({ logo: null });
    expect(await caller.get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    const read = async (headers: Record<string, string> = {}) => {
      const answer = await fetch(api.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });
      return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
    };
    for (const [picture, type] of [
      [pngLogo(300, 100), 'image/png'],
      [jpegLogo(64, 40), 'image/jpeg'],
    ] as const) {
      const { sha256 } = (await issuerPatch({ logo: picture.toString('base64') })).body.logo;
      const { answer, bytes } = await read();
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('etag')]).toEqual([
        200,
        type,
        `"${sha256}"`,
      ]);
      expect(bytes.equals(picture)).toBe(true);
      expect((await read({ 'if-none-match': `"${sha256}"` })).answer.status).toBe(304);
      const tenor = createClient({ baseUrl: api.url, apiKey: key });
      const typed: Uint8Array = await tenor.get('/v1/issuers/{id}/logo', { id: world.issuer });
      expect(picture.equals(typed)).toBe(true);
    }
    expect((await caller.get('/v1/issuers/iss_unknown/logo')).status).toBe(404);
    await issuerPatch({ logo: null });
  });

  it('can be created with a logo, whose description an Idempotency-Key repeats', async () => {
    const party = { name: 'Regenbogen', legal_notice: 'Managing director: Iris Bogen' };
    const request = { party, logo, country: 'DE', time_zone: 'Europe/Berlin' };
    const created = await caller.post('/v1/issuers', request, { 'idempotency-key': 'with-logo' });
    expect(created.body).toMatchObject({ party, logo: { width: 300 } });
    const again = await caller.post('/v1/issuers', request, { 'idempotency-key': 'with-logo' });
    expect(again.body).toEqual(created.body);
  });

  it.each([
    ['that is no picture', Buffer.from('<svg/>').toString('base64'), 422, 'invalid_logo'],
    ['that is not base64', 'a logo', 400, 'invalid_request'],
    ['that is cut off', jpegHead(640, 480, 3).subarray(0, 12).toString('base64'), 422, 'invalid_logo'],
    [
      'without a picture',
      Buffer.concat([jpegHead(10, 10, 3), Buffer.from([0xff, 0xd9])]).toString('base64'),
      422,
      'invalid_logo',
    ],
    [
      'with too little of its picture',
      jpegLogo(64, 64, { bytes: 3 }).toString('base64'),
      422,
      'invalid_logo',
    ],
    ['of 200,001 bytes', Buffer.alloc(200_001).toString('base64'), 422, 'invalid_logo'],
    ['of 220,000 bytes', Buffer.alloc(220_000).toString('base64'), 400, 'invalid_request'],
    ['of a megabyte', Buffer.alloc(1_000_000).toString('base64'), 413, 'payload_too_large'],
  ])('is refused with a logo %s', async (_, picture, status, code) => {
    const answer = await issuerPatch({ logo: picture });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status < 413 || code === 'invalid_logo') expect(answer.body.errors[0].field).toBe('logo');
  });
});

describe('an invoice', () => {
  beforeAll(async () => {
    await issuerPatch({ party: { name: 'Wolkenwerk SE', ...bank } });
  });

  it('says how it is paid: by a transfer, or with the method on file', async () => {
    expect(await print(await invoiceOf())).toContain('Please transfer 117.81 EUR by 2024-01-31');
    const { id: customer } = await newCustomer();
    const { body: method } = await caller.post('/v1/payment-methods', {
      customer,
      provider: 'sandbox',
      token: 'card',
    });
    const charged = await invoiceOf({ customer, payment_method: method.id });
    expect(await print(charged)).toContain('charged to your payment method on file');
    expect((await pdf(charged)).roles[0]).not.toContain('Figure');
  });

  it('subtracts account credit from the amount to transfer, but no payment that came later', async () => {
    const { id: customer } = await newCustomer();
    const first = await invoiceOf({ customer });
    const { account } = (await caller.get(`/v1/invoices/${first}`)).body;
    const pay = (amount: string) =>
      caller.post(`/v1/billing-accounts/${account}/receipts`, { amount, reference: 'transfer' });
    await pay('217.81'); // 117.81 for the first invoice, and 100.00 of credit
    expect(await print(first)).toContain('Please transfer 117.81 EUR');
    const second = await invoiceOf({ customer });
    await pay('17.81');
    expect(await print(second)).toMatch(/Total EUR 117.81 Account credit used -100.00 Amount due EUR 17.81/);
    expect(await print(second)).toContain('Please transfer 17.81 EUR');
    expect((await pdf(second)).roles[0]).toContain('Figure');
  });
});
