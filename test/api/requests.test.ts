// Reading and refusing requests, over real HTTP, on a real database.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createVault } from '../../db/parties/vault.ts';
import { claimOf } from '../../db/platform/idempotency.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createApiKey, revokeApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool, inTransaction } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, answered, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';

const vault = createVault([Buffer.alloc(32, 7)]);
let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  api = await startTestApi(database.pool, vault);
  caller = await api.caller(merchant);
});
afterAll(async () => {
  await api.stop();
  await database.close();
});

const customer = { party: { name: 'Nordlicht Software GmbH' }, country: 'DE', time_zone: 'Europe/Berlin' };

async function customers(): Promise<number> {
  const found = await rows<{ n: bigint }>(database.pool, 'select count(*) as n from customers');
  return Number(found[0]?.n);
}

describe('API keys', () => {
  it('are required, and a revoked key is refused', async () => {
    const none = await answered(await fetch(`${api.url}/v1/customers`));
    expect(none.status).toBe(401);
    expect(none.headers.get('www-authenticate')).toBe('Bearer');
    expect(none.headers.get('content-type')).toContain('application/problem+json');
    expect(none.body).toMatchObject({
      status: 401,
      code: 'unauthenticated',
      type: '/errors#unauthenticated',
    });
    const apiKey = await createApiKey(database.pool, merchant, 'short-lived', ['read']);
    const ask = async () =>
      (await fetch(`${api.url}/v1/customers`, { headers: { authorization: `Bearer ${apiKey.key}` } })).status;
    expect(apiKey.key).toMatch(/^tnr_test_[\w-]{32}$/);
    expect(await ask()).toBe(200);
    await revokeApiKey(database.pool, merchant, apiKey.keyId);
    expect(await ask()).toBe(401);
  });

  it('may do only what their scopes allow', async () => {
    const reader = await api.caller(merchant, ['read']);
    expect((await reader.get('/v1/customers')).status).toBe(200);
    expect((await reader.post('/v1/customers', customer)).body).toMatchObject({
      status: 403,
      code: 'forbidden',
    });
    const writer = await api.caller(merchant, ['write']);
    expect((await writer.get('/v1/customers')).status).toBe(200);
    expect((await writer.post('/v1/tax-policies', { name: 'x' })).status).toBe(403);
  });

  it('are stored only as a hash', async () => {
    const { key } = await createApiKey(database.pool, merchant, 'hashed', ['read']);
    const hash = createHash('sha256').update(key).digest();
    expect(await rows(database.pool, 'select name from api_keys where hash = $1', [hash])).toEqual([
      { name: 'hashed' },
    ]);
  });
});

it.each(['-1', '0', '101', '1000', '2.5', 'ten', ''])(
  'a list with the limit %j is refused, and the error says which are allowed',
  async (limit) => {
    const { status, body } = await caller.get(`/v1/customers?limit=${limit}`);
    expect([status, body.errors]).toEqual([
      400,
      [{ field: 'limit', message: 'must be a whole number from 1 to 100' }],
    ]);
  },
);

describe('a body', () => {
  it('with unknown fields is refused, the error names them, and nothing is written', async () => {
    const before = await customers();
    const { status, body } = await caller.post('/v1/customers', {
      ...customer,
      party: { name: 'A', nmae: 'B' },
      foo: 1,
    });
    expect(status).toBe(400);
    expect(body.code).toBe('invalid_request');
    expect(body.errors).toEqual([
      { field: 'party.nmae', message: 'is an unknown field' },
      { field: 'foo', message: 'is an unknown field' },
    ]);
    expect(await customers()).toBe(before);
  });

  it('with a field `__proto__` is refused', async () => {
    const hostile = `{"__proto__":{"admin":true},"party":{"name":"A"},"country":"DE","time_zone":"UTC"}`;
    expect((await caller.post('/v1/customers', hostile)).status).toBe(400);
  });

  it('with missing fields or wrong types is refused, and the error names each field', async () => {
    const { body } = await caller.post('/v1/customers', { party: 3, country: 'XX' });
    expect(body.errors.map((each: { field: string }) => each.field)).toEqual([
      'party',
      'country',
      'time_zone',
    ]);
    expect(body.errors[2].message).toBe('is missing');
    const order = (await caller.post('/v1/orders', {})).body;
    expect(order.errors).toEqual([
      { field: 'customer', message: 'is missing' }, // an id or a new customer
      { field: 'variant', message: 'is missing' },
    ]);
  });

  it.each([
    ['language', 'xx', 'must be one of de, en, also with a country: de-AT'],
    ['language', 'fr', 'must be one of de, en, also with a country: de-AT'],
    ['language', 'de-XX', 'must be one of de, en, also with a country: de-AT'],
    ['language', 'EN', 'must be one of de, en, also with a country: de-AT'],
    ['country', 'XX', 'must be a country of ISO 3166 (two capital letters)'],
    ['country', 'de', 'must be a country of ISO 3166 (two capital letters)'],
    ['time_zone', 'Europe/Atlantis', 'not a time zone of the IANA database'],
    ['time_zone', '+01:00', 'not a time zone of the IANA database'],
  ])('with the %s %s is refused, and the error says which are known', async (field, value, message) => {
    const before = await customers();
    const { status, body } = await caller.post('/v1/customers', { ...customer, [field]: value });
    expect([Math.floor(status / 100), body.errors]).toMatchObject([4, [{ field, message }]]);
    const order = { customer: { ...customer, [field]: value }, variant: 'pro' };
    const ordered = await caller.post('/v1/orders', order);
    expect(ordered.body.errors).toMatchObject([{ field: `customer.${field}`, message }]);
    expect(await customers()).toBe(before);
  });

  it.each(['de', 'en', 'de-AT', 'en-GB'])('may have the language %s', async (language) => {
    expect((await caller.post('/v1/customers', { ...customer, language })).body).toMatchObject({ language });
  });

  it.each([
    [
      'a@münchen.de',
      'must be a mail address; write the name of an international domain in its ASCII form, xn--…',
    ],
    [
      'ä@firma.de',
      'must be a mail address; write the name of an international domain in its ASCII form, xn--…',
    ],
    ['a@firma', 'must be a mail address'],
    ['a@firma..de', 'must be a mail address'],
    ['.a@firma.de', 'must be a mail address'],
    ['a..b@firma.de', 'must be a mail address'],
    ['a b@firma.de', 'must be a mail address'],
    ['a,b@firma.de', 'must be a mail address'],
    ['a@-firma.de', 'must be a mail address'],
    ['a@firma.12', 'must be a mail address'],
  ])('with the mail address %s is refused, and the error says why', async (email, message) => {
    const party = { name: 'A', email };
    const { status, body } = await caller.post('/v1/customers', { ...customer, party });
    expect([status, body.errors]).toEqual([400, [{ field: 'party.email', message }]]);
  });

  it.each(['m&a@firma.de', 'a@xn--mnchen-3ya.de', 'a@xn--e1afmkfd.xn--p1ai', "o'hara+x/y=z@firma.co.uk"])(
    'may have the mail address %s',
    async (email) => {
      const party = { name: 'A', email };
      expect((await caller.post('/v1/customers', { ...customer, party })).body).toMatchObject({ party });
    },
  );

  it.each([' ', '\u00a0 \u2003', '\u200b', '\u3164\u2060', '\u2800'])(
    'with a text of nothing but %j is refused as blank',
    async (name) => {
      const { status, body } = await caller.post('/v1/customers', { ...customer, party: { name } });
      expect(status).toBe(400);
      expect(body.errors).toMatchObject([{ field: 'party.name' }]);
    },
  );

  it.each(['\u0000', '\u0007', '\n', '\u0085', '\ud800', '\u2028', '\u2029'])(
    'with %j in a text is refused, as it could not be printed in one line',
    async (character) => {
      const party = { name: `A${character}B` };
      const { status, body } = await caller.post('/v1/customers', { ...customer, party });
      expect(status).toBe(400);
      expect(body.errors).toEqual([
        {
          field: 'party.name',
          message: 'must be one line of text, not blank, and without control characters',
        },
      ]);
    },
  );

  it.each([
    ['iban', 'DE18360100439999999999', 'invalid_iban'],
    ['vat_id', 'DE123456789', 'invalid_vat_id'],
    ['bic', 'NOT-A-BIC', 'invalid_bic'],
  ])(
    'with a wrong %s is refused, and the error names the reason and the field',
    async (field, value, code) => {
      const before = await customers();
      const { status, body } = await caller.post('/v1/customers', {
        ...customer,
        party: { name: 'Muster GmbH', [field]: value },
      });
      expect(status).toBe(422);
      expect(body.code).toBe(code);
      expect(body.errors[0].field).toBe(`party.${field}`);
      expect(await customers()).toBe(before);
    },
  );

  it('with a valid IBAN and VAT id is accepted, and both are stored without spaces', async () => {
    const { status, body } = await caller.post('/v1/customers', {
      ...customer,
      party: { name: 'Muster GmbH', iban: 'DE89 3704 0044 0532 0130 00', vat_id: 'DE136695976' },
    });
    expect(status).toBe(201);
    expect(body.party).toEqual({
      name: 'Muster GmbH',
      iban: 'DE89370400440532013000',
      vat_id: 'DE136695976',
    });
  });

  it.each([
    ['{"a":', 400, 'malformed_json'],
    ['', 400, 'malformed_json'],
    ['[]', 400, 'invalid_request'],
    ['null', 400, 'invalid_request'],
    [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, 400, 'invalid_request'],
    [JSON.stringify({ ...customer, party: { name: 'A\u0000B' } }), 400, 'invalid_request'],
    [JSON.stringify({ ...customer, party: { name: 'x'.repeat(201) } }), 400, 'invalid_request'],
    [JSON.stringify({ ...customer, time_zone: 'Europe/Nowhere' }), 422, 'invalid_time_zone'],
    [JSON.stringify({ ...customer, time_zone: '+01:00' }), 422, 'invalid_time_zone'],
    ['"\\ud800"', 400, 'invalid_request'],
    [JSON.stringify({ ...customer, party: { name: 'Muster \u202eHbmG' } }), 400, 'invalid_request'],
  ])('such as %.40s is refused', async (text, status, code) => {
    const { body } = await caller.post('/v1/customers', text);
    expect({ status: body.status, code: body.code }).toEqual({ status, code });
  });

  it.each(['"' + '\\"'.repeat(50_000), '[' + '"\\'.repeat(33_000), '{"rate":1234567890123456-7}'])(
    'that is not JSON, such as %.12s, is refused within a second',
    async (text) => {
      const started = performance.now();
      expect((await caller.post('/v1/customers', text)).body.code).toBe('malformed_json');
      expect(performance.now() - started).toBeLessThan(1_000);
    },
  );

  it.each([
    ['{"a":1,"b":{"a":1},"a":2}', 'a'],
    ['{"party":{"name":"A","n\\u0061me":"B"}}', 'party.name'],
    ['{"components":[{"quantity":1},{"quantity":1,"x":[1,{}],"quantity" : 2}]}', 'components[1].quantity'],
  ])('with a field twice, such as %s, is refused, and the error names its path', async (text, field) => {
    const { body } = await caller.post('/v1/customers', text);
    expect(body).toMatchObject({ status: 400, errors: [{ field, message: 'appears twice' }] });
  });

  it.each([
    ['deep', `${'{"a":'.repeat(10_000)}{"b":1,"b":2}${'}'.repeat(10_000)}`],
    ['long', `{"${'k'.repeat(40_000)}":1,"${'k'.repeat(40_000)}":2}`],
  ])(
    'with a repeated field that is very %s is refused, and the error names the beginning of its path',
    async (_, text) => {
      const { body } = await caller.post('/v1/customers', text);
      expect(body).toMatchObject({ status: 400, errors: [{ message: 'appears twice' }] });
      expect(body.errors[0].field).toMatch(/^.{200}…$/);
      expect(JSON.stringify(body).length).toBeLessThan(1_000);
    },
  );

  it('that is left out is refused, and the error names each required field', async () => {
    const { body } = await caller.post('/v1/customers');
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual([
      'party',
      'country',
      'time_zone',
    ]);
  });

  it('of another media type, compressed, or not in UTF-8 is refused', async () => {
    const refuse = async (content: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) => {
      const { key } = await createApiKey(database.pool, merchant, 'x', ['admin']);
      const response = await fetch(`${api.url}/v1/customers`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, ...headers },
        body: content,
      });
      return (await answered(response)).body.code;
    };
    expect(await refuse('name=A', { 'content-type': 'application/x-www-form-urlencoded' })).toBe(
      'unsupported_media_type',
    );
    expect(await refuse('{}', { 'content-type': 'application/json', 'content-encoding': 'gzip' })).toBe(
      'unsupported_media_type',
    );
    expect(await refuse(new Uint8Array([0x22, 0xff, 0x22]), { 'content-type': 'application/json' })).toBe(
      'malformed_json',
    );
  });

  it('larger than 100 kB is refused before it is read', async () => {
    const { body } = await caller.post('/v1/customers', `{"party":{"name":"${'x'.repeat(200_000)}"}}`);
    expect(body).toMatchObject({
      status: 413,
      code: 'payload_too_large',
      errors: [{ field: 'body', message: 'the body is larger than 100kb' }],
    });
  });
});

describe('numbers', () => {
  const rate = (value: string) =>
    `{"name":"T","rates":[{"country":"DE","valid_from":"2024-01-01","rate":${value}}]}`;

  it.each([
    ['0.19000000000000001', 400], // would silently become a different number
    ['12345678901234567890', 400],
    ['1e2', 201], // equals 100
    ['1e21', 422],
    ['"1e2"', 422],
    ['-1', 422],
    ['"-0.01"', 422],
    ['100.01', 422],
    ['"19"', 201],
    ['2.5', 201],
  ])('%s as a rate is answered %i, and a refusal names the field (rule 47)', async (value, status) => {
    const answer = await caller.post('/v1/tax-policies', rate(value));
    expect(answer.status).toBe(status);
    if (status !== 201) expect(answer.body.errors[0].field).toBe('rates[0].rate');
  });

  it('of a million digits are refused within two seconds', async () => {
    const started = performance.now();
    expect((await caller.post('/v1/tax-policies', rate('9'.repeat(1_000_000)))).status).toBe(413);
    expect((await caller.post('/v1/tax-policies', rate('9'.repeat(99_000)))).status).toBe(400);
    expect((await caller.post('/v1/tax-policies', rate(`"${'9'.repeat(99_000)}"`))).status).toBe(400);
    expect((await caller.post('/v1/tax-policies', rate(`1e${'9'.repeat(99_000)}`))).status).toBe(400);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('an Idempotency-Key', () => {
  it('returns the first answer again, and nothing is created twice', async () => {
    const before = await customers();
    const first = await caller.post('/v1/customers', customer, { 'idempotency-key': 'one' });
    const second = await caller.post('/v1/customers', customer, { 'idempotency-key': 'one' });
    expect(first.status).toBe(201);
    expect(second.status).toBe(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await customers()).toBe(before + 1);
  });

  it('is refused with another body or for another path', async () => {
    await caller.post('/v1/customers', customer, { 'idempotency-key': 'two' });
    const other = { ...customer, party: { name: 'Other' } };
    const reused = await caller.post('/v1/customers', other, { 'idempotency-key': 'two' });
    expect(reused.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
    const elsewhere = await caller.post('/v1/tax-policies', { name: 'x' }, { 'idempotency-key': 'two' });
    expect(elsewhere.body.code).toBe('idempotency_key_reused');
  });

  it('can be used again after a refusal', async () => {
    const wrong = { ...customer, country: 'XX' };
    expect((await caller.post('/v1/customers', wrong, { 'idempotency-key': 'three' })).status).toBe(400);
    expect((await caller.post('/v1/customers', customer, { 'idempotency-key': 'three' })).status).toBe(201);
  });

  it('creates one customer for ten requests at once, and the others may be answered `request_in_progress`', async () => {
    const before = await customers();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => caller.post('/v1/customers', customer, { 'idempotency-key': 'many' })),
    );
    for (const { status, body } of answers) {
      expect([201, 409]).toContain(status);
      if (status === 409) expect(body.code).toBe('request_in_progress');
    }
    expect(answers.some(({ status }) => status === 201)).toBe(true);
    expect(await customers()).toBe(before + 1);
  });

  it('is answered `request_in_progress` while another transaction holds it', async () => {
    await inTransaction(database.pool, async (tx) => {
      await claimOf(merchant, 'held', Buffer.alloc(32)).store(tx);
      const answer = await caller.post('/v1/customers', customer, { 'idempotency-key': 'held' });
      expect(answer.body).toMatchObject({ status: 409, code: 'request_in_progress' });
    });
  });

  it('of one merchant is independent of the same key of another merchant', async () => {
    const { live } = await createMerchant(database.pool, 'Other');
    const other = await api.caller(live);
    const mine = await caller.post('/v1/customers', customer, { 'idempotency-key': 'same' });
    const theirs = await other.post('/v1/customers', customer, { 'idempotency-key': 'same' });
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
  });
});

describe('a list', () => {
  it('returns each row once across its pages, also while rows are added', async () => {
    const { live } = await createMerchant(database.pool, 'Lists');
    const lists = await api.caller(live);
    const names: string[] = [];
    for (let n = 1; n <= 5; n++) await lists.post('/v1/tax-policies', { name: `T${n}` });
    let cursor = '';
    do {
      const { body } = await lists.get(`/v1/tax-policies?limit=2${cursor && `&cursor=${cursor}`}`);
      names.push(...body.data.map((each: { name: string }) => each.name));
      if (names.length === 2) await lists.post('/v1/tax-policies', { name: 'T6' });
      cursor = body.next_cursor;
    } while (cursor !== null);
    expect(names).toEqual(['T1', 'T2', 'T3', 'T4', 'T5', 'T6']);
  });

  it.each([
    'limit=0',
    'limit=101',
    'limit=x',
    'cursor=!!',
    'foo=1',
    'limit=1&limit=2',
    'limit=1e1',
    'limit=%2B5',
    'limit=0x10',
    'cursor=%00',
  ])('refuses %s', async (query) => {
    const { status } = await caller.get(`/v1/customers?${query}`);
    expect([400, 422]).toContain(status);
  });
});

describe('a path', () => {
  it('that does not exist is answered 404, and an unsupported method 405 with the allowed ones', async () => {
    expect((await caller.get('/v1/nothing')).body).toMatchObject({ status: 404, code: 'not_found' });
    expect((await caller.delete('/v1/customers')).body).toMatchObject({
      status: 405,
      code: 'method_not_allowed',
    });
    const allowed = async (path: string) =>
      (await fetch(`${api.url}${path}`, { method: 'PUT' })).headers.get('allow');
    expect(await allowed('/v1/customers')).toBe('POST, GET, HEAD');
    expect(await allowed('/v1/test-clocks/x')).toBe('GET, HEAD, DELETE');
    expect(await allowed('/v1/providers/sandbox/webhooks')).toBe('POST');
    expect(await allowed('/healthz')).toBe('GET, HEAD');
    expect((await caller.get('/v1/customers/%zz')).body).toMatchObject({ status: 400 });
    expect((await caller.get('/v1/customers/%00')).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('is answered with strict security headers and without the name of the server', async () => {
    const { headers } = await caller.get('/v1/customers');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('pages', () => {
  it('are served by the API itself: health, OpenAPI document, reference, error codes', async () => {
    const get = async (path: string) => answered(await fetch(api.url + path));
    expect((await get('/healthz')).body).toEqual({ status: 'ok', version: 'test' });
    expect((await get('/readyz')).body).toEqual({ status: 'ready' });
    expect((await get('/openapi.json')).body.openapi).toBe('3.1.0');
    const root = await fetch(api.url, { redirect: 'manual' });
    expect([root.status, root.headers.get('location')]).toEqual([302, '/docs']);
    expect((await get('/errors')).body).toContain('id="scheduled_change_exists"');
  });

  it.each([
    ['/docs', ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js']],
    ['/errors', ['/errors/page.css', '/docs']],
  ])('load nothing from another host: %s', async (page, files) => {
    const { body } = await answered(await fetch(api.url + page));
    expect(body).not.toMatch(/https?:|<style|onload|style=/);
    const named = [...String(body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name]) => name);
    expect(named).toEqual(['data:,', ...files]);
    for (const file of files) {
      const { status, body: text } = await answered(await fetch(api.url + file));
      expect(status).toBe(200);
      if (file.endsWith('.css')) expect(text).not.toMatch(/@import|url\((?!["']?data:)/);
      if (file === '/docs/start.js') expect(text).toContain("url: '/openapi.json'");
    }
  });
});

it('/readyz asks the database once for five requests at the same time', async () => {
  const probe = createPool(database.url, { max: 1 });
  const query = vi.spyOn(probe, 'query');
  const probed = await startTestApi(database.pool, vault, { probe });
  const socket = connect(Number(new URL(probed.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ask = (connection: string) =>
    `GET /readyz HTTP/1.1\r\nHost: tenor\r\nConnection: ${connection}\r\n\r\n`;
  socket.write(ask('keep-alive').repeat(4) + ask('close')); // one packet: all are read before the first is answered
  await once(socket, 'close');
  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(5);
  expect(query).toHaveBeenCalledTimes(1);
  await probed.stop();
  await probe.end();
});

describe('when the database is unreachable', () => {
  it('the API answers 503 with Retry-After, and shows no internal details', async () => {
    const unreachable = createPool('postgres://nobody:secret@127.0.0.1:1/none');
    const lost = await startTestApi(unreachable, vault);
    const response = await fetch(`${lost.url}/v1/customers`, {
      headers: { authorization: 'Bearer tnr_test_x' },
    });
    const answer = await answered(response);
    expect(answer.body).toMatchObject({ status: 503, code: 'unavailable' });
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(JSON.stringify(answer.body)).not.toMatch(/secret|ECONN|127/);
    expect((await fetch(`${lost.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${lost.url}/healthz`)).status).toBe(200);
    await lost.stop();
    await unreachable.end();
  });
});

describe('a request whose connection breaks', () => {
  it('writes nothing and logs no error', async () => {
    const before = await customers();
    const { port } = new URL(api.url);
    const { key } = await createApiKey(database.pool, merchant, 'x', ['admin']);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
            'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"party"',
        );
        socket.end();
      });
      socket.on('close', () => resolve());
      socket.resume();
    });
    expect(await customers()).toBe(before);
  });
});

it('the API logged no errors during these tests', () => {
  expect(api.errors).toEqual([]);
});
