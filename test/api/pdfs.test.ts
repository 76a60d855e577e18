// PDFs are made by workers when they are first requested, stored under the key of their recipient, and the same ever after.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TenorProblem, createClient } from '../../client/index.ts';
import { deleteBelowClock } from '../../db/clocks/deletion.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { render } from '../../documents/pdf/tasks.ts';
import { type PdfDeps, storedPdf } from '../../engine/books/pdfs.ts';
import { makeRequestedPdfs } from '../../relay/pdfs.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { settle } from '../support/merchant.ts';
import { readPdf } from '../support/read-pdf.ts';
import { row, rows } from '../support/rows.ts';
import { type World, createWorld } from '../support/world.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
let key: string;
let world: World;
let deps: PdfDeps;
const warnings: object[] = [];

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, vault);
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  ({ key } = await createApiKey(database.pool, merchant, 'test', ['read']));
  world = await createWorld(database.pool, caller);
  deps = { pool: database.pool, vault, render, log: { warn: (fields) => void warnings.push(fields) } };
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const work = (more: Partial<PdfDeps> = {}) => makeRequestedPdfs({ ...deps, ...more });
const read = (path: string, headers: Record<string, string> = {}) =>
  fetch(api.url + path, { headers: { authorization: `Bearer ${key}`, ...headers } });
const bytesOf = async (answer: Response) => new Uint8Array(await answer.arrayBuffer());
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Orders for a new customer. Returns its first invoice, 99.00 plus 19 %. */
async function invoiceOf(
  name: string,
  clock = world.clock,
): Promise<{ invoice: string; customer: string; subject: string }> {
  const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const { body } = await caller.post('/v1/customers', { party: { name }, ...home, clock });
  const order = await caller.post('/v1/orders', { customer: body.id, variant: world.variant });
  await settle(database.pool, order.body.contract);
  const [invoice] = (await caller.get(`/v1/invoices?contract=${order.body.contract}`)).body.data;
  const { subject_id } = await row<{ subject_id: string }>(
    database.pool,
    'select subject_id from customers where id = $1',
    [body.id],
  );
  return { invoice: invoice.id, customer: body.id, subject: subject_id };
}

const requests = (id: string) =>
  rows(database.pool, 'select tries, last_error from pdf_requests where object_id = $1', [id]);

describe('the PDF of an invoice', () => {
  it('is made when it is first requested, and requested only once until then', async () => {
    const { invoice } = await invoiceOf('Ada Lovelace');
    const path = `/v1/invoices/${invoice}/pdf`;
    const first = await read(path);
    expect([first.status, first.headers.get('retry-after'), await first.text()]).toEqual([202, '1', '']);
    expect((await read(path)).status).toBe(202);
    expect(await requests(invoice)).toEqual([{ tries: 0, last_error: null }]);

    expect(await work()).toBe(1);
    const made = await read(path);
    const bytes = await bytesOf(made);
    const { number } = (await caller.get(`/v1/invoices/${invoice}`)).body;
    expect([made.status, made.headers.get('content-type'), made.headers.get('content-disposition')]).toEqual([
      200,
      'application/pdf',
      `inline; filename="${number}.pdf"`,
    ]);
    expect(made.headers.get('etag')).toBe(`"${sha256(bytes)}"`);
    const { pages, language } = await readPdf(bytes);
    expect(pages[0]).toMatch(/Ada Lovelace.*Rechnung Nr\. .*Gesamtbetrag EUR\|117,81/);
    expect(language).toBe('de');
    expect(await requests(invoice)).toEqual([]);
    expect(await work()).toBe(0);
  });

  it('is not sent again to a caller who has it', async () => {
    const { sha256: etag } = await storedPdf(deps, merchant, world.invoice);
    const same = await read(`/v1/invoices/${world.invoice}/pdf`, { 'if-none-match': `"${etag}"` });
    expect([same.status, await same.text()]).toEqual([304, '']);
    const other = await read(`/v1/invoices/${world.invoice}/pdf`, { 'if-none-match': '"0"' });
    expect(other.status).toBe(200);
  });

  it('stays the same when language and name of the customer change', async () => {
    const { invoice, customer } = await invoiceOf('Nordlicht');
    const before = await storedPdf(deps, merchant, invoice);
    await caller.patch(`/v1/customers/${customer}`, { party: { name: 'Südlicht' }, language: 'en' });
    expect(await bytesOf(await read(`/v1/invoices/${invoice}/pdf`))).toEqual(new Uint8Array(before.bytes));
  });

  it('is stored once if two workers make it at the same time', async () => {
    const { invoice } = await invoiceOf('Twice');
    const two = await Promise.all([
      storedPdf(deps, merchant, invoice),
      storedPdf(deps, merchant, invoice),
      storedPdf(deps, merchant, invoice),
    ]);
    expect(new Set(two.map((pdf) => pdf.sha256)).size).toBe(1);
    expect(
      await rows(database.pool, 'select count(*)::int as n from pdfs where object_id = $1', [invoice]),
    ).toEqual([{ n: 1 }]);
  });

  it('is stored only under the key of its recipient: after erasure it is gone', async () => {
    const { invoice, subject } = await invoiceOf('Geheim GmbH');
    await storedPdf(deps, merchant, invoice);
    const { sealed } = await row<{ sealed: Buffer }>(
      database.pool,
      'select sealed from pdfs where object_id = $1',
      [invoice],
    );
    expect(sealed.toString('latin1')).not.toContain('%PDF');
    await vault.erase(database.pool, merchant, subject);
    const answer = await caller.get(`/v1/invoices/${invoice}/pdf`);
    expect([answer.status, answer.body.code]).toEqual([410, 'pdf_erased']);
    await expect(storedPdf(deps, merchant, invoice)).rejects.toMatchObject({ code: 'pdf_erased' });
  });

  it('is not made after erasure, and a request from before is dropped', async () => {
    const { invoice, subject } = await invoiceOf('Geheim AG');
    expect((await read(`/v1/invoices/${invoice}/pdf`)).status).toBe(202);
    await vault.erase(database.pool, merchant, subject);
    expect((await read(`/v1/invoices/${invoice}/pdf`)).status).toBe(410);
    expect(await work()).toBe(1);
    expect(await requests(invoice)).toEqual([]);
  });

  it('is tried again after a pause if it could not be made', async () => {
    const { invoice } = await invoiceOf('Later');
    await read(`/v1/invoices/${invoice}/pdf`);
    expect(await work({ render: () => Promise.reject(new Error('out of ink')) })).toBe(1);
    expect(await requests(invoice)).toEqual([{ tries: 1, last_error: 'Error: out of ink' }]);
    expect(warnings.at(-1)).toMatchObject({ merchant, object: invoice, tries: 1 });
    expect(await work()).toBe(0);
    await rows(database.pool, 'update pdf_requests set due_at = clock_timestamp()');
    expect(await work()).toBe(1);
    expect((await read(`/v1/invoices/${invoice}/pdf`)).status).toBe(200);
  });

  it('that failed five times is answered as a problem, and is tried each hour for three days, then once a day', async () => {
    const { invoice } = await invoiceOf('Never');
    const path = `/v1/invoices/${invoice}/pdf`;
    await read(path);
    const broken = { render: () => Promise.reject(new Error('out of ink')) };
    const pause = async () => {
      const { seconds } = await row<{ seconds: number }>(
        database.pool,
        `with due as (update pdf_requests set due_at = '-infinity' where object_id = $1
            returning old.due_at - clock_timestamp() as pause)
          select extract(epoch from pause)::float8 as seconds from due`,
        [invoice],
      );
      return Math.round(seconds / 10) * 10;
    };
    const pauses: number[] = [];
    for (let n = 0; n < 9; n += 1) {
      expect((await read(path)).status).toBe(n < 5 ? 202 : 500);
      await work(broken);
      pauses.push(await pause());
    }
    expect(pauses).toEqual([30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
    const { status, body } = await caller.get(path);
    expect([status, body.code]).toEqual([500, 'pdf_failed']);

    await rows(database.pool, 'update pdf_requests set tries = 79 where object_id = $1', [invoice]);
    await work(broken);
    expect(await pause()).toBe(86_400);
    expect(await work()).toBe(1);
    expect((await read(path)).status).toBe(200);
  });

  it('that a mail cannot be made with is requested, so that its failures are counted', async () => {
    const { invoice } = await invoiceOf('Mail');
    const broken = { ...deps, render: () => Promise.reject(new Error('out of ink')) };
    await expect(storedPdf(broken, merchant, invoice)).rejects.toThrow('out of ink');
    expect(await requests(invoice)).toEqual([{ tries: 0, last_error: null }]);
    await storedPdf(deps, merchant, invoice);
    expect(await requests(invoice)).toEqual([]);
  });

  it('is not found under the id of something else', async () => {
    await storedPdf(deps, merchant, world.invoice);
    expect((await read(`/v1/invoices/${world.contract}/pdf`)).status).toBe(404);
    await expect(storedPdf(deps, merchant, world.contract)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('can be read with the typed client, which waits for it', async () => {
    const { invoice } = await invoiceOf('Client');
    const tenor = createClient({ baseUrl: api.url, apiKey: key });
    const reading = tenor.get('/v1/invoices/{id}/pdf', { id: invoice });
    await expect.poll(() => requests(invoice)).toHaveLength(1);
    await work();
    const bytes: Uint8Array = await reading;
    expect(Buffer.from(bytes.subarray(0, 5)).toString()).toBe('%PDF-');
    const impatient = createClient({ baseUrl: api.url, apiKey: key, retries: 0 });
    const { invoice: next } = await invoiceOf('Impatient');
    await expect(impatient.get('/v1/invoices/{id}/pdf', { id: next })).rejects.toThrow(TenorProblem);
  });

  it('is deleted with its test clock, and so is its request', async () => {
    const { body } = await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-31T12:00:00Z' });
    const [made, requested] = [await invoiceOf('Made', body.id), await invoiceOf('Requested', body.id)];
    await storedPdf(deps, merchant, made.invoice);
    await read(`/v1/invoices/${requested.invoice}/pdf`);
    await inTransaction(database.pool, (tx) => deleteBelowClock(tx, merchant, body.id));
    const left = `select object_id from pdfs where object_id = any($1)
      union all select object_id from pdf_requests where object_id = any($1)`;
    expect(await rows(database.pool, left, [[made.invoice, requested.invoice]])).toEqual([]);
  });
});
