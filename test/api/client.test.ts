// The typed client against the API.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TenorClient, TenorProblem, createClient } from '../../client/index.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let server: TestTenor;
let tenor: TenorClient;

beforeAll(async () => {
  server = await startTestTenor();
  const { pool } = server.parts;
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  const { key } = await createApiKey(pool, test, 'client', ['admin']);
  tenor = createClient({ baseUrl: server.apiUrl, apiKey: key });
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
