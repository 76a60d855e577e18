import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { rows } from '../support/rows.ts';
import { type World, createWorld } from '../support/world.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
let world: World;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]));
  merchant = (await createMerchant(database.pool, 'Wolkenwerk')).test;
  caller = await api.caller(merchant);
  world = await createWorld(database.pool, caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const stored = (): Promise<unknown[]> => rows(database.pool, 'select m.*, c.* from mails m, customers c');
const mark = (state: string, id = world.mail) =>
  rows(
    database.pool,
    `update mails set state = $1, done_at = case when $1 <> 'queued' then now() end, sent_at = now() where id = $2`,
    [state, id],
  );

describe('the mails of an issuer', () => {
  it('are off until they are switched on, which needs a sender', async () => {
    const before = await caller.get(`/v1/issuers/${world.issuer}`);
    expect(before.body).toMatchObject({ mail_enabled: false, mail_from: null, mail_reply_to: null });
    const refused = await caller.patch(`/v1/issuers/${world.issuer}`, { mail_enabled: true });
    expect(refused).toMatchObject({ status: 422, body: { code: 'mail_sender_missing' } });
    const on = { mail_enabled: true, mail_from: 'billing@x.example', mail_reply_to: 'help@x.example' };
    expect((await caller.patch(`/v1/issuers/${world.issuer}`, on)).body).toMatchObject({
      ...on,
      party: { name: 'I' },
    });
    const kept = await caller.patch(`/v1/issuers/${world.issuer}`, { party: { name: 'Renamed' } });
    expect(kept.body).toMatchObject({ ...on, party: { name: 'Renamed' } });
    const gone = await caller.patch(`/v1/issuers/${world.issuer}`, { mail_from: null });
    expect(gone.body).toMatchObject({ code: 'mail_sender_missing' });
    const off = await caller.patch(`/v1/issuers/${world.issuer}`, { mail_enabled: false, mail_from: null });
    expect(off.body).toMatchObject({ mail_enabled: false, mail_from: null, mail_reply_to: 'help@x.example' });
  });

  it('can be switched on when it is created', async () => {
    const issuer = { party: { name: 'J' }, country: 'DE', time_zone: 'UTC', mail_enabled: true };
    expect((await caller.post('/v1/issuers', issuer)).body.code).toBe('mail_sender_missing');
    const created = await caller.post('/v1/issuers', { ...issuer, mail_from: 'j@x.example' });
    expect(created.body).toMatchObject({ mail_enabled: true, mail_from: 'j@x.example' });
  });

  it.each(['a@x.example\r\nBcc: b@x.example', 'A <a@x.example>', 'a@x.example,b@x.example', 'a@@x'])(
    'have one plain address as their sender: %j is refused',
    async (mail_from) => {
      const answer = await caller.patch(`/v1/issuers/${world.issuer}`, { mail_from });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'mail_from' }] } });
    },
  );
});

describe('the mails of a customer', () => {
  const book = { invoice: { to: ['a@geheim.example'], cc: ['b@geheim.example'] } };

  it('have addresses by purpose, which are only in the vault', async () => {
    const path = `/v1/customers/${world.customer}`;
    const set = await caller.patch(path, { mail_addresses: book, mail_off: ['receipt'] });
    expect(set.body).toMatchObject({ party: { name: 'N' }, mail_addresses: book, mail_off: ['receipt'] });
    const renamed = await caller.patch(path, { party: { name: 'M' } });
    expect(renamed.body).toMatchObject({ party: { name: 'M' }, mail_addresses: book, mail_off: ['receipt'] });
    expect(JSON.stringify(await stored())).not.toContain('geheim');
    const without = await caller.patch(path, { mail_addresses: {}, mail_off: [] });
    expect(without.body).toMatchObject({ mail_addresses: {}, mail_off: [] });
  });

  it('can be set when it is created, and a repeated request gets them from the vault', async () => {
    const body = { party: { name: 'K' }, country: 'DE', time_zone: 'UTC', mail_addresses: book };
    const key = { 'idempotency-key': 'customer-with-mail' };
    const created = await caller.post('/v1/customers', body, key);
    const again = await caller.post('/v1/customers', body, key);
    expect(created.body).toMatchObject({ mail_addresses: book, mail_off: [] });
    expect(again.body).toEqual(created.body);
    const kept = await rows(database.pool, 'select response from idempotency_keys');
    expect(JSON.stringify(kept)).not.toContain('geheim');
  });

  it('have purposes that customers get: others are refused', async () => {
    const path = `/v1/customers/${world.customer}`;
    const wrong = await caller.patch(path, { mail_off: ['webhook_disabled'] });
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'mail_off[0]' }] } });
    const unknown = await caller.patch(path, { mail_addresses: { dunning: book.invoice } });
    expect(unknown.status).toBe(400);
  });
});

describe('a mail', () => {
  it('is listed by customer, document, state and purpose', async () => {
    const listed = async (query: string): Promise<string[]> =>
      (await caller.get(`/v1/mails?${query}`)).body.data.map(({ id }: { id: string }) => id);
    const queries = [
      `customer=${world.customer}`,
      `document=${world.invoice}`,
      'state=queued',
      'purpose=invoice',
    ];
    for (const query of queries) expect(await listed(query), query).toEqual([world.mail]);
    expect(await listed('state=failed')).toEqual([]);
    expect(await listed(`purpose=receipt&customer=${world.customer}`)).toEqual([]);
    expect(await listed('created_from=2000-01-01T00:00:00Z&created_before=2099-01-01T00:00:00Z')).toEqual([
      world.mail,
    ]);
    expect(await listed('created_before=2000-01-01T00:00:00Z')).toEqual([]);
    expect((await caller.get('/v1/mails?state=lost')).status).toBe(400);
    expect((await caller.get('/v1/mails?created_from=yesterday')).body.code).toBe('invalid_date');
  });

  it('is listed by the present or a former mail address of its customer', async () => {
    const path = `/v1/customers/${world.customer}`;
    const { party } = (await caller.get(path)).body;
    const listed = async (address: string): Promise<string[]> =>
      (await caller.get(`/v1/mails?address=${address}`)).body.data.map(({ id }: { id: string }) => id);
    for (const email of ['alt@nordlicht.example', 'neu@nordlicht.example']) {
      expect((await caller.patch(path, { party: { ...party, email } })).status).toBe(200);
    }
    expect(await listed('neu@nordlicht.example')).toEqual([world.mail]);
    expect(await listed('ALT@nordlicht.example')).toEqual([world.mail]);
    expect(await listed('neu@nordlicht.example&state=failed')).toEqual([]);
    expect(await listed('nobody@nordlicht.example')).toEqual([]);
    expect((await caller.get('/v1/mails?address=nordlicht')).body.errors).toMatchObject([
      { field: 'address' },
    ]);
  });

  it('that is queued cannot be sent again and cannot come back', async () => {
    const path = `/v1/mails/${world.mail}`;
    expect(await caller.post(`${path}/resend`)).toMatchObject({ status: 409, body: { code: 'mail_waits' } });
    expect(await caller.post(`${path}/bounce`, {})).toMatchObject({
      status: 409,
      body: { code: 'mail_not_sent' },
    });
  });

  it('that came back is marked once, and only the codes of the reply are kept', async () => {
    await mark('sent');
    const reason = '550 5.1.1 <ada@muster.example> unknown';
    const bounced = await caller.post(`/v1/mails/${world.mail}/bounce`, { reason });
    expect(bounced.body).toMatchObject({ state: 'bounced', reason: '550 5.1.1' });
    const again = await caller.post(`/v1/mails/${world.mail}/bounce`, { reason: 'other' });
    expect(again.body).toEqual(bounced.body);
  });

  it('is sent again as a mail of its own', async () => {
    await mark('failed');
    const again = await caller.post(`/v1/mails/${world.mail}/resend`);
    expect(again.status).toBe(201);
    expect(again.body).toMatchObject({
      state: 'queued',
      purpose: 'invoice',
      resend_of: world.mail,
      document: world.invoice,
      tries: 0,
      sent_at: null,
    });
    expect(again.body.id).not.toBe(world.mail);
    const ids = async (query: string): Promise<string[]> =>
      (await caller.get(`/v1/mails?${query}`)).body.data.map(({ id }: { id: string }) => id);
    expect(await ids('')).toEqual([again.body.id, world.mail]);
    expect(await ids('sort=created_at')).toEqual([world.mail, again.body.id]);
    const first = (await caller.get('/v1/mails?limit=1')).body;
    expect(await ids(`limit=1&cursor=${first.next_cursor}`)).toEqual([world.mail]);
  });

  it('is sent again ten times within a day at most', async () => {
    await mark('failed');
    const send = async () => (await caller.post(`/v1/mails/${world.mail}/resend`)).body;
    for (let n = 0; n < 10; n += 1) if ((await send()).code !== undefined) break;
    expect(await send()).toMatchObject({ status: 409, code: 'too_many_resends' });
    const { data } = (await caller.get('/v1/mails?limit=100')).body;
    expect(data.filter((mail: { resend_of: string | null }) => mail.resend_of === world.mail)).toHaveLength(
      10,
    );
  });
});

const TEMPLATE = {
  subject: 'Rechnung {{invoice_number}}',
  text: 'Hallo {{customer_name}},\nbitte zahlen Sie {{amount}}.',
  html: '<p>Hallo {{customer_name}}</p>',
};

describe('a mail template', () => {
  it('is the default one until the merchant replaces it, and again after it is deleted', async () => {
    const path = '/v1/mail-templates/invoice/de';
    const before = (await caller.get(path)).body;
    expect(before).toMatchObject({ subject: 'Ihre Rechnung {{invoice_number}}', updated_at: null });
    expect(before.placeholders).toContain('due_date');
    const put = await caller.put(path, TEMPLATE);
    expect(put.body).toMatchObject({ ...TEMPLATE, updated_at: expect.any(String) });
    expect((await caller.get('/v1/mail-templates')).body.data).toHaveLength(16);
    expect((await caller.get('/v1/mail-templates/invoice/en')).body.updated_at).toBeNull();
    expect((await caller.delete(path)).status).toBe(204);
    expect((await caller.get(path)).body).toEqual(before);
  });

  it('with an unknown placeholder is refused, and the refusal names placeholder and field', async () => {
    const wrong = { ...TEMPLATE, html: '{{password}}' };
    const answer = await caller.put('/v1/mail-templates/invoice/de', wrong);
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'invalid_template', placeholder: 'password', errors: [{ field: 'html' }] },
    });
  });

  it('has a subject of one line', async () => {
    const wrong = { ...TEMPLATE, subject: 'A\r\nBcc: x@evil.example' };
    const answer = await caller.put('/v1/mail-templates/invoice/de', wrong);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'subject' }] } });
  });

  it('may have its longest texts, also in letters of two bytes', async () => {
    const longest = { subject: 'ж'.repeat(200), text: 'ж'.repeat(20_000), html: 'ж'.repeat(50_000) };
    const put = await caller.put('/v1/mail-templates/invoice/en', longest);
    expect(put).toMatchObject({ status: 200, body: longest });
    const request = { purpose: 'invoice', language: 'en', template: longest };
    expect((await caller.post('/v1/mail-templates/preview', request)).body).toEqual(longest);
    expect((await caller.delete('/v1/mail-templates/invoice/en')).status).toBe(204);
  });

  it('has a preview, which sends and stores nothing', async () => {
    const ask = (body: object) => caller.post('/v1/mail-templates/preview', body);
    const before = await rows(database.pool, 'select count(*) from mails');
    const preview = await ask({ purpose: 'invoice', language: 'de', template: TEMPLATE });
    expect(preview.body).toEqual({
      subject: 'Rechnung INV-2026-0042',
      text: 'Hallo Muster GmbH,\nbitte zahlen Sie 117,81 EUR.',
      html: '<p>Hallo Muster GmbH</p>',
    });
    const byDefault = await ask({ purpose: 'action_required', language: 'en' });
    expect(byDefault.body.html).toContain('<a href="https://pay.example/confirm">');
    const wrong = await ask({ purpose: 'receipt', language: 'de', template: TEMPLATE });
    expect(wrong.body).toMatchObject({
      code: 'invalid_template',
      placeholder: 'invoice_number',
      errors: [{ field: 'template.subject' }],
    });
    expect(await rows(database.pool, 'select count(*) from mails')).toEqual(before);
    expect(await rows(database.pool, 'select * from mail_templates')).toEqual([]);
  });
});

it('the addresses of operators are only in the vault, also if the request is repeated', async () => {
  expect((await caller.get('/v1/mail-settings')).body).toEqual({ operators: [], language: 'en' });
  const settings = { operators: ['ops@geheim.example'], language: 'de' };
  const key = { 'idempotency-key': 'settings' };
  expect((await caller.put('/v1/mail-settings', settings, key)).body).toEqual(settings);
  expect((await caller.put('/v1/mail-settings', settings, key)).body).toEqual(settings);
  expect((await caller.get('/v1/mail-settings')).body).toEqual(settings);
  const kept = await rows(database.pool, 'select s.*, k.response from mail_settings s, idempotency_keys k');
  expect(JSON.stringify(kept)).not.toContain('geheim');
});
