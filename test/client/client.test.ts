import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TenorClient, TenorProblem, TenorUnreachable, all, createClient } from '../../client/index.ts';
import { type LocalServer, startLocalServer } from './server.ts';

let server: LocalServer;
let tenor: TenorClient;

beforeAll(async () => {
  server = await startLocalServer();
  tenor = createClient({ baseUrl: `${server.url}/`, apiKey: 'tnr_test_1', pauseMs: 1, timeLimitMs: 2_000 });
});
afterAll(() => server.stop());

const ORDER = { customer: 'ada', variant: 'pro-monthly' } as const;
const BUSY = { status: 503, body: { code: 'busy', detail: 'locked', status: 503 } };
const PLACED = { status: 201, body: { contract: 'con_1' } };
const keys = () => server.seen.map(({ headers }) => headers['idempotency-key']);
const problemOf = (call: Promise<unknown>): Promise<TenorProblem> =>
  call.then(
    () => expect.unreachable('the request was accepted'),
    (error: unknown) => {
      expect(error).toBeInstanceOf(TenorProblem);
      return error as TenorProblem;
    },
  );

describe('a request of the client', () => {
  it('has the API key, the filled path and the query, and its answer is parsed', async () => {
    server.prepare(
      { status: 200, body: { id: 'inv_1' } },
      { status: 200, body: { data: [], next_cursor: null } },
      { status: 200, body: { data: [], next_cursor: null } },
    );
    expect(await tenor.get('/v1/invoices/{id}', { id: 'inv 1/x' })).toEqual({ id: 'inv_1' });
    await tenor.get('/v1/invoices', { customer: 'ada & co', limit: 5 });
    await tenor.get('/v1/events', { type: ['invoice.paid', 'invoice.reopened'] });
    expect(server.seen.map(({ method, url }) => [method, url])).toEqual([
      ['GET', '/v1/invoices/inv%201%2Fx'],
      ['GET', '/v1/invoices?customer=ada+%26+co&limit=5'],
      ['GET', '/v1/events?type=invoice.paid&type=invoice.reopened'],
    ]);
    expect(server.seen[0]?.headers).toMatchObject({ authorization: 'Bearer tnr_test_1' });
    expect(keys()).toEqual([undefined, undefined, undefined]);
  });

  it('sends its body as JSON, with a new Idempotency-Key for each call', async () => {
    server.prepare(PLACED, PLACED);
    await tenor.post('/v1/orders', { body: ORDER });
    await tenor.post('/v1/orders', { body: ORDER });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual(ORDER);
    expect(server.seen[0]?.headers['content-type']).toBe('application/json');
    expect(new Set(keys()).size).toBe(2);
    expect(keys()).not.toContain(undefined);
  });

  it('returns plain text as a text, and nothing for 204', async () => {
    server.prepare({ status: 200, body: 'Rechnung' }, { status: 204 });
    expect(await tenor.get('/v1/invoices/{id}/print', { id: 'inv_1' })).toBe('Rechnung');
    expect(await tenor.delete('/v1/test-clocks/{id}', { id: 'clk_1' })).toBeUndefined();
  });

  it('returns a file as bytes, and waits while it is being made', async () => {
    const later = { status: 202, headers: { 'retry-after': '0' } };
    server.prepare(later, later, {
      status: 200,
      headers: { 'content-type': 'application/pdf' },
      body: '%PDF-1.7',
    });
    const file = await tenor.get('/v1/invoices/{id}/pdf', { id: 'doc_1' });
    expect(new TextDecoder().decode(file)).toBe('%PDF-1.7');
    expect(server.seen).toHaveLength(3);
  });

  it('gives the version of an object and its headers, and changes only the version that it names', async () => {
    const own = { status: 200, headers: { etag: '"v1"', 'x-request-id': 'req_1' }, body: { id: 'cus_1' } };
    server.prepare(own, { ...own, headers: { etag: '"v2"' } }, { status: 204 });
    const read = await tenor.get('/v1/customers/{id}', { id: 'cus_1' }).withResponse();
    expect([read.data.id, read.etag, read.status]).toEqual(['cus_1', '"v1"', 200]);
    expect(read.headers.get('x-request-id')).toBe('req_1');
    const change = { id: 'cus_1', body: { language: 'de' } };
    const changed = tenor.patch('/v1/customers/{id}', change, { ifMatch: read.etag ?? '' });
    expect((await changed.withResponse()).etag).toBe('"v2"');
    expect(await changed).toEqual({ id: 'cus_1' });
    expect(server.seen.map(({ headers }) => headers['if-match'])).toEqual([undefined, '"v1"']);
    const gone = await tenor.delete('/v1/test-clocks/{id}', { id: 'clk_1' }).withResponse();
    expect([gone.data, gone.etag, gone.status]).toEqual([undefined, null, 204]);
  });

  it('throws its problem once, whether its response is asked for or not', async () => {
    const changed = { status: 412, body: { code: 'version_changed', detail: 'changed', status: 412 } };
    server.prepare(changed, changed);
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on('unhandledRejection', note);
    const change = { id: 'cus_1', body: { language: 'de' } };
    const patch = () => tenor.patch('/v1/customers/{id}', change, { ifMatch: '"v1"' });
    expect(await problemOf(patch())).toMatchObject({ status: 412, code: 'version_changed' });
    expect(await problemOf(patch().withResponse())).toMatchObject({ status: 412, code: 'version_changed' });
    await new Promise(setImmediate);
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it.each(['', '.', '..'])('is not sent with the id "%s", which would lead to another path', async (id) => {
    server.prepare();
    await expect(tenor.get('/v1/invoices/{id}', { id })).rejects.toThrow(TypeError);
    expect(server.seen).toEqual([]);
  });
});

it('a key that no header can have is refused before anything is sent', async () => {
  server.prepare();
  await expect(tenor.post('/v1/orders', { body: ORDER }, { idempotencyKey: 'Käse\n1' })).rejects.toThrow(
    TypeError,
  );
  expect(server.seen).toEqual([]);
});

describe('the client repeats a request', () => {
  it.each([
    ['429', { status: 429, headers: { 'retry-after': '0' }, body: { code: 'too_many_requests' } }],
    ['503', BUSY],
    ['504', { status: 504, body: { code: 'request_timeout' } }],
    ['a 502 of a proxy', { status: 502, body: '<html>' }],
    ['a first attempt that is still under way', { status: 409, body: { code: 'request_in_progress' } }],
    ['a broken connection', 'hang up' as const],
  ])('after %s, with the same Idempotency-Key and body', async (_, refusal) => {
    server.prepare(refusal, refusal, PLACED);
    expect(await tenor.post('/v1/orders', { body: ORDER })).toEqual({ contract: 'con_1' });
    expect(server.seen.length).toBe(3);
    expect(new Set(keys()).size).toBe(1);
    expect(new Set(server.seen.map(({ body }) => body)).size).toBe(1);
  });

  it('after an attempt without an answer within the time limit', async () => {
    server.prepare('stay silent', PLACED);
    const hasty = createClient({ baseUrl: server.url, apiKey: 'k', pauseMs: 1, timeLimitMs: 50 });
    expect(await hasty.post('/v1/orders', { body: ORDER }, { idempotencyKey: 'order-7' })).toEqual({
      contract: 'con_1',
    });
    expect(keys()).toEqual(['order-7', 'order-7']);
  });

  it('no earlier than Retry-After says', async () => {
    server.prepare({ ...BUSY, headers: { 'retry-after': '1' } }, PLACED);
    const begun = performance.now();
    await tenor.post('/v1/orders', { body: ORDER });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(990);
  });

  it('not after a Retry-After longer than the caller waits', async () => {
    server.prepare({ ...BUSY, headers: { 'retry-after': '3600' } });
    expect(await problemOf(tenor.post('/v1/orders', { body: ORDER }))).toMatchObject({
      retryAfterMs: 3_600_000,
    });
    expect(server.seen.length).toBe(1);
  });

  it('at most as often as allowed, and then throws the last problem', async () => {
    server.prepare(BUSY, BUSY, BUSY);
    const impatient = createClient({ baseUrl: server.url, apiKey: 'k', pauseMs: 1, retries: 2 });
    expect(await problemOf(impatient.get('/v1/customers'))).toMatchObject({ status: 503, code: 'busy' });
    expect(server.seen.length).toBe(3);
  });

  it('and names the key of a request that never got an answer', async () => {
    server.prepare('hang up');
    const once = createClient({ baseUrl: server.url, apiKey: 'k', retries: 0 });
    const failure = once.post('/v1/orders', { body: ORDER }, { idempotencyKey: 'order-8' });
    await expect(failure).rejects.toThrow(TenorUnreachable);
    await expect(failure).rejects.toMatchObject({ idempotencyKey: 'order-8' });
  });

  it('until the caller aborts, even during a pause', async () => {
    server.prepare({ ...BUSY, headers: { 'retry-after': '30' } });
    const abort = new AbortController();
    const call = tenor.get('/v1/customers', {}, { signal: abort.signal });
    await expect.poll(() => server.seen.length).toBe(1);
    abort.abort(new Error('no longer needed'));
    await expect(call).rejects.toThrow('no longer needed');
  });
});

describe('a problem', () => {
  it('has the code, the status, the refused fields and the id of the request, and is not repeated', async () => {
    const problem = {
      status: 400,
      code: 'invalid_request',
      detail: 'variant: is missing',
      request_id: 'req_1',
      errors: [{ field: 'variant', message: 'is missing' }],
      limit: 'key',
    };
    server.prepare({ status: 400, body: problem });
    expect(await problemOf(tenor.post('/v1/orders', { body: ORDER }))).toMatchObject({
      message: 'POST /v1/orders answered 400 invalid_request: variant: is missing',
      code: 'invalid_request',
      status: 400,
      fields: [{ field: 'variant', message: 'is missing' }],
      requestId: 'req_1',
      problem: { limit: 'key' },
    });
    expect(server.seen.length).toBe(1);
  });

  it('has the code unexpected_answer if it is not from Tenor, such as a redirect or a page of a proxy', async () => {
    server.prepare({
      status: 302,
      headers: { location: 'http://127.0.0.1:1/', 'x-request-id': 'r' },
      body: 'moved',
    });
    expect(await problemOf(tenor.get('/v1/customers'))).toMatchObject({
      status: 302,
      code: 'unexpected_answer',
      fields: [],
      requestId: 'r',
    });
    server.prepare({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Log in</html>' });
    expect(await problemOf(tenor.get('/v1/customers'))).toMatchObject({
      status: 200,
      code: 'unexpected_answer',
    });
  });
});

describe('a list', () => {
  const page = (names: readonly string[], next_cursor: string | null) => ({
    status: 200,
    body: { data: names.map((id) => ({ id })), next_cursor },
  });

  it('is read over all pages, with its filters on each', async () => {
    server.prepare(page(['a', 'b'], 'c+1'), BUSY, page([], 'c2'), page(['c'], null));
    const found = await all(tenor.list('/v1/invoices', { customer: 'ada', limit: 2 }));
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/invoices?limit=2&customer=ada',
      '/v1/invoices?limit=2&customer=ada&cursor=c%2B1',
      '/v1/invoices?limit=2&customer=ada&cursor=c%2B1',
      '/v1/invoices?limit=2&customer=ada&cursor=c2',
    ]);
  });

  it('is read no further than the caller asks', async () => {
    server.prepare(page(['a', 'b'], 'c1'));
    for await (const { id } of tenor.list('/v1/invoices')) if (id === 'b') break;
    expect(server.seen.map(({ url }) => url)).toEqual(['/v1/invoices?limit=100']);
  });
});
