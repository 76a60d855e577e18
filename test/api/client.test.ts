// The typed client against the API.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TenorClient, TenorProblem, all, createClient } from '../../client/index.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let server: TestTenor;
let tenor: TenorClient;
let apiKey: string;

beforeAll(async () => {
  server = await startTestTenor();
  const { pool } = server.parts;
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  apiKey = (await createApiKey(pool, test, 'client', ['admin'])).key;
  tenor = createClient({ baseUrl: server.apiUrl, apiKey });
  await createCatalogue(tenor);
});
afterAll(() => server.stop());

const customer = (name: string) => ({
  party: { name },
  country: 'DE',
  time_zone: 'Europe/Berlin',
});

describe('the client', () => {
  it('previews an order, places it, and reads its first invoice, printed and explained', async () => {
    const body = {
      customer: customer('Nordlicht GmbH'),
      payment_method: { provider: 'sandbox', token: 'card' },
      variant: 'pro-monthly',
    };
    const preview = await tenor.post('/v1/orders/preview', { body });
    expect(preview.documents.map(({ net, tax, gross }) => [net, tax, gross])).toEqual([
      ['99.00', '18.81', '117.81'],
    ]);

    const { contract, command } = await tenor.post('/v1/orders', { body });
    expect(await tenor.get('/v1/contracts/{id}', { id: contract })).toMatchObject({ phase: 'normal' });
    const invoice = await tenor.get('/v1/invoices/{id}', { id: command.document ?? '' });
    expect([invoice.kind, invoice.gross]).toEqual(['invoice', '117.81']);
    expect(await tenor.get('/v1/invoices/{id}/print', { id: invoice.id, language: 'en' })).toContain(
      '117.81',
    );
    const { lines } = await tenor.get('/v1/invoices/{id}/explain', { id: invoice.id });
    expect(lines.length).toBe(1);
  });

  it('executes a request once under one Idempotency-Key', async () => {
    const place = () => tenor.post('/v1/customers', { body: customer('Ada') }, { idempotencyKey: 'ada-1' });
    const first = await place();
    expect(await place()).toEqual(first);
  });

  it('changes an object only if nobody else has changed it since it was read', async () => {
    const { id } = await tenor.post('/v1/customers', { body: customer('Grace') });
    const { data, etag } = await tenor.get('/v1/customers/{id}', { id }).withResponse();
    expect([data.language, etag]).toEqual(['en', expect.stringMatching(/^"[\w-]+"$/)]);
    const ifMatch = etag ?? '';
    const german = { id, body: { language: 'de' } };
    const changed = await tenor.patch('/v1/customers/{id}', german, { ifMatch }).withResponse();
    expect([changed.data.language, changed.status]).toEqual(['de', 200]);
    const late = tenor.patch('/v1/customers/{id}', { id, body: { payment_term_days: 30 } }, { ifMatch });
    const refused = await late.catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TenorProblem);
    expect(refused).toMatchObject({ status: 412, code: 'version_changed' });
    const again = await tenor.get('/v1/customers/{id}', { id }).withResponse();
    expect([again.etag, again.data.payment_term_days]).toEqual([changed.etag, null]);
  });

  it('hears from the answer 202 when the file is ready, if it does not wait for it', async () => {
    const { contract } = await tenor.post('/v1/orders', {
      body: { customer: customer('Edsger'), variant: 'pro-monthly' },
    });
    const [invoice] = await all(tenor.list('/v1/invoices', { contract }));
    const hasty = createClient({ baseUrl: server.apiUrl, apiKey, retries: 0 });
    const notYet = await hasty
      .get('/v1/invoices/{id}/pdf', { id: invoice?.id ?? '' })
      .catch((e: unknown) => e);
    expect(notYet).toMatchObject({ status: 202, retryAfterMs: 1_000, mayBeRepeated: true });
    const { data, headers, etag } = await tenor
      .get('/v1/invoices/{id}/pdf', { id: invoice?.id ?? '' })
      .withResponse();
    expect([data.length > 1_000, headers.get('content-type'), etag]).toEqual([
      true,
      'application/pdf',
      expect.stringMatching(/^"[0-9a-f]{64}"$/),
    ]);
  });

  it('reads a list over several pages, each entry once', async () => {
    const created: string[] = [];
    for (const name of ['A', 'B', 'C', 'D', 'E']) {
      created.push((await tenor.post('/v1/customers', { body: customer(name) })).id);
    }
    const found: string[] = [];
    for await (const { id } of tenor.list('/v1/customers', { limit: 2 })) found.push(id);
    expect(found.filter((id) => created.includes(id)).sort()).toEqual(created.sort());
    expect(new Set(found).size).toBe(found.length);
  });

  it('throws a problem with the code, the field and the id of the request', async () => {
    const refused = await tenor
      .post('/v1/orders', { body: { customer: customer('Ada'), variant: 'no-such-variant' } })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(TenorProblem);
    expect(refused).toMatchObject({
      status: 422,
      code: 'not_found',
      fields: [{ field: 'variant' }],
      requestId: expect.stringMatching(/./),
    });
    const unknown = tenor.get('/v1/invoices/{id}', { id: 'inv_01jfa5z8n4b6c7d8e9f0g1h2j3' });
    await expect(unknown).rejects.toMatchObject({ status: 404, code: 'not_found' });
  });
});
