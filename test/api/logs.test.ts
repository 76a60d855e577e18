// Each request has an id in its answer and in the log. The log contains no personal data, whatever the request and its failure.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { createLog } from '../../telemetry/log.ts';
import { type Answered, type TestApi, answered, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let key: { readonly keyId: string; readonly key: string };
let api: TestApi;
const lines: string[] = [];

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  key = await createApiKey(pool, merchant, 'logs', ['admin']);
  api = await startTestApi(pool, vault, {
    log: createLog('debug', { write: (line: string) => void lines.push(line) }),
  });
});
afterAll(async () => {
  await api.stop();
  await database.close();
});
beforeEach(() => void lines.splice(0));

interface RequestParts {
  readonly body?: string;
  readonly requestId?: string;
}

async function ask(method: string, path: string, { body, requestId }: RequestParts = {}): Promise<Answered> {
  const headers = {
    authorization: `Bearer ${key.key}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(requestId === undefined ? {} : { 'x-request-id': requestId }),
  };
  return answered(await fetch(api.url + path, { method, headers, ...(body === undefined ? {} : { body }) }));
}

/** The log lines of a request. The last one is written when the answer is sent. */
async function linesOf(answer: Answered): Promise<Record<string, unknown>[]> {
  const id = answer.headers.get('x-request-id');
  const found = () =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ requestId }) => requestId === id);
  await expect.poll(() => found().some(({ msg }) => msg === 'request')).toBe(true);
  return found();
}

const customer = (party: object): string =>
  JSON.stringify({ party, country: 'DE', time_zone: 'Europe/Berlin' });

describe('the id of a request', () => {
  it("is the caller's own id if it is well-formed, in the answer and in the log", async () => {
    const answer = await ask('GET', '/v1/contracts/con_00000000000000000000000000', {
      requestId: 'batch-2024_11-30',
    });
    expect(answer.headers.get('x-request-id')).toBe('batch-2024_11-30');
    expect(answer.body).toMatchObject({ code: 'not_found', request_id: 'batch-2024_11-30' });
    expect(await linesOf(answer)).toMatchObject([
      {
        level: 30,
        requestId: 'batch-2024_11-30',
        method: 'GET',
        route: '/v1/contracts/{id}',
        merchant,
        key: key.keyId,
        status: 404,
        ms: expect.any(Number),
      },
    ]);
  });

  it.each([
    'Anna Müller'.normalize('NFKD').replace(/[^ -~]/g, ''),
    'anna@example.com',
    'short',
    'x'.repeat(65),
  ])('is a new one instead of %s', async (requestId) => {
    const answer = await ask('GET', '/v1/contracts', { requestId });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    await linesOf(answer);
    expect(lines.join('')).not.toContain(requestId);
  });

  it.each([
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['GET', '/errors', 200],
    ['GET', '/nowhere', 404],
    ['GET', '/v1/contracts/%', 400],
    ['DELETE', '/v1/orders', 405],
    ['POST', '/v1/providers/sandbox/webhooks', 401],
  ])('is in the answer to %s %s', async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    const id = answer.headers.get('x-request-id');
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    if (status >= 400) expect(answer.body).toMatchObject({ request_id: id });
  });

  it('is the id of this request, also if an earlier answer is repeated', async () => {
    const again = () =>
      fetch(`${api.url}/v1/one-time-charges`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key.key}`,
          'content-type': 'application/json',
          'idempotency-key': 'twice',
        },
        body: '{}',
      }).then(answered);
    for (const answer of [await again(), await again()])
      expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'));
  });
});

describe('personal data', () => {
  const PERSONAL = /Anna|M(ü|%C3%BC)ller|DE89370400440532013000|anna%40|anna@/i;

  it.each([
    [
      'an unknown path',
      'GET',
      '/v1/people/Anna%20M%C3%BCller/DE89370400440532013000?iban=DE89370400440532013000',
      undefined,
      404,
    ],
    ['an external id in a path', 'GET', '/v1/customers/anna.mueller@example.com', undefined, 404],
    ['a query', 'GET', '/v1/customers?name=Anna', undefined, 400],
    [
      'a body that is not JSON',
      'POST',
      '/v1/customers',
      '{"party": "Anna Müller DE89370400440532013000',
      400,
    ],
    [
      'a body with an unknown field',
      'POST',
      '/v1/customers',
      customer({ name: 'Anna Müller', friend: 'DE89370400440532013000' }),
      400,
    ],
    ['a body that is accepted', 'POST', '/v1/customers', customer({ name: 'Anna Müller' }), 201],
  ])('in %s is not logged', async (_where, method, path, body, status) => {
    const answer = await ask(method, path, body === undefined ? {} : { body });
    expect(answer.status).toBe(status);
    expect(await linesOf(answer)).toHaveLength(1);
    expect(lines.join('')).not.toMatch(PERSONAL);
  });

  it('in a row that Postgres refuses is not logged: only the error code and the constraint are', async () => {
    await rows(pool, `alter table customers add constraint not_here check (external_id not like 'Anna%')`);
    const body = JSON.stringify({
      ...JSON.parse(customer({ name: 'Anna Müller' })),
      external_id: 'Anna Müller DE89370400440532013000',
    });
    const answer = await ask('POST', '/v1/customers', { body });
    await rows(pool, 'alter table customers drop constraint not_here');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal', request_id: expect.any(String) } });
    expect(await linesOf(answer)).toMatchObject([
      { level: 50, route: '/v1/customers', merchant, err: { code: '23514', constraint: 'not_here' } },
      { level: 30, status: 500 },
    ]);
    expect(lines.join('')).not.toMatch(PERSONAL);
    expect(JSON.stringify(answer.body)).not.toMatch(PERSONAL);
  });
});
