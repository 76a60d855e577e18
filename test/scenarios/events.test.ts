// Stories on real workflows, each with the events that it makes: each once, and those of an object in order.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS } from '../../api/schemas/events.ts';
import { exampleOf } from '../../api/schemas/event-examples.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { EVENT_TYPES, type EventType } from '../../domain/events/catalogue.ts';
import { createMailer } from '../../mail/smtp.ts';
import { deliverMails } from '../../relay/mail.ts';
import { startSmtp } from '../support/smtp.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { row, rows } from '../support/rows.ts';
import { type Story, beginStory, liveUntil } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
const seen = new Set<string>();

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  const merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

interface EventOut {
  readonly id: string;
  readonly type: EventType;
  readonly object: string;
  readonly sequence: number;
  readonly occurred_at: string;
  readonly data: Record<string, unknown>;
}

/** All events of a filter, oldest first. Each has the form that the API describes, and its place in its object. */
async function eventsOf(filter: string): Promise<EventOut[]> {
  const { status, body } = await caller.get(`/v1/events?order=oldest&limit=100&${filter}`);
  expect(status).toBe(200);
  const events = body.data as EventOut[];
  const places = new Map<string, number>();
  for (const event of events) {
    seen.add(event.type);
    expect(EVENT_SCHEMAS[event.type].strict().parse(event)).toEqual(event);
    const before = places.get(event.object);
    if (before !== undefined && !filter.includes('type=')) expect(event.sequence).toBe(before + 1);
    places.set(event.object, event.sequence);
  }
  return events;
}

const typesOf = (events: readonly EventOut[]): string[] => events.map(({ type }) => type);
const dated = (events: readonly EventOut[]): string[] =>
  events.map(({ type, occurred_at }) => `${occurred_at.slice(0, 10)} ${type}`);

/** The events of a story's customer. */
async function ofStory(story: Story): Promise<EventOut[]> {
  const { customer } = (await caller.get(`/v1/contracts/${story.contract}`)).body;
  return eventsOf(`customer=${customer}`);
}

const begin = (token: string, at = '2024-01-01T09:00:00.000Z'): Promise<Story> =>
  beginStory(caller, at, { variant: 'pro', token, seats: 2 });

describe('a contract', () => {
  it('that is ordered, changed, paused, resumed and cancelled', async () => {
    const story = await begin('card');
    await story.until('2024-01-16T09:00:00.000Z');
    const [{ id: subscription }] = (await rows<{ id: string }>(
      tenor.parts.pool,
      'select id from component_subscriptions where contract_id = $1',
      [story.contract],
    )) as [{ id: string }];
    await story.ask({
      kind: 'change',
      components: { set: [{ subscription, quantity: 5 }] },
      effective: 'now',
    });
    await story.ask({
      kind: 'change',
      components: { set: [{ subscription, quantity: 3 }] },
      effective: 'period_end',
    });
    await story.until('2024-02-10T09:00:00.000Z');
    await story.ask({ kind: 'pause', effective: 'now' });
    await story.until('2024-02-20T09:00:00.000Z');
    await story.ask({ kind: 'resume', effective: 'now' });
    await story.ask({ kind: 'cancel', effective: '2024-05-01' });
    const scheduled = await eventsOf(`object=${story.contract}&type=contract.change_scheduled`);
    await story.ask({ kind: 'withdraw', command: scheduled.at(-1)?.data['command'] });
    await story.ask({ kind: 'cancel', effective: 'now' });
    const events = await eventsOf(`object=${story.contract}`);
    expect(dated(events)).toEqual([
      '2024-01-01 order.accepted',
      '2024-01-01 contract.phase_started',
      '2024-01-16 contract.changed',
      '2024-01-16 contract.change_scheduled',
      '2024-01-31 contract.changed',
      '2024-02-10 contract.paused',
      '2024-02-20 contract.resumed',
      '2024-02-20 contract.change_scheduled',
      '2024-02-20 contract.change_withdrawn',
      '2024-02-20 contract.ended',
    ]);
    const quantities = events.map(({ data }) => (data['components'] as { quantity: string }[])[0]?.quantity);
    expect(quantities).toEqual(['2', '2', '5', '5', '3', '3', '3', '3', '3', undefined]);
  });

  it('whose command is refused', async () => {
    const story = await begin('card');
    const refused = await caller.post(`/v1/contracts/${story.contract}/commands`, { kind: 'resume' });
    expect(refused.body).toMatchObject({ code: 'not_paused' });
    const events = await eventsOf(`object=${story.contract}&type=command.refused`);
    expect(events).toMatchObject([{ data: { kind: 'resume', code: 'not_paused', phase: 'normal' } }]);
  });
});

describe('an invoice', () => {
  it('that a card pays at once, and that is charged back', async () => {
    const story = await begin('card;chargeback_days=5');
    await story.until('2024-01-10T09:00:00.000Z');
    const events = await ofStory(story);
    expect(dated(events)).toEqual([
      '2024-01-01 customer.created',
      '2024-01-01 payment_method.added',
      '2024-01-01 order.accepted',
      '2024-01-01 contract.phase_started',
      '2024-01-01 invoice.finalised',
      '2024-01-01 payment.succeeded',
      '2024-01-01 invoice.paid',
      '2024-01-06 payment.charged_back',
      '2024-01-06 invoice.reopened',
    ]);
    const [finalised, paid, reopened] = events.filter(({ type }) => type.startsWith('invoice.'));
    expect(finalised?.data).toMatchObject({ net: '117.00', tax: '22.23', gross: '139.23', open: '139.23' });
    expect(paid?.data).toMatchObject({ gross: '139.23', open: '0.00', number: finalised?.data['number'] });
    expect(reopened?.data).toMatchObject({ gross: '139.23', open: '139.23' });
  });

  it('whose card declines until Tenor stops, and that a receipt pays', async () => {
    const story = await begin('card;decline=insufficient_funds');
    await story.until('2024-01-20T09:00:00.000Z');
    await story.receive('139.23');
    await story.until('2024-01-20T10:00:00.000Z');
    expect(typesOf(await ofStory(story)).slice(4)).toEqual([
      'invoice.finalised',
      'payment.declined',
      'payment.declined',
      'payment.declined',
      'invoice.collection_stopped',
      'contract.paused',
      'payment.received',
      'invoice.paid',
      'contract.resumed',
    ]);
  });

  it('whose debit is pending, or whose card asks its owner', async () => {
    const debit = await begin('debit;pending_days=2');
    await debit.until('2024-01-04T09:00:00.000Z');
    expect(typesOf(await ofStory(debit)).slice(4)).toEqual([
      'invoice.finalised',
      'payment.pending',
      'payment.succeeded',
      'invoice.paid',
    ]);
    const card = await begin('card;requires_action');
    await card.until('2024-01-02T09:00:00.000Z');
    const [action] = (await ofStory(card)).filter(({ type }) => type === 'payment.requires_action');
    expect(action?.data).toMatchObject({ amount: '139.23', currency: 'EUR', number: 1 });
    expect(action?.data['action_url']).toMatch(/^https?:/);
  });

  it('that a credit note follows, which pays the next one', async () => {
    const story = await begin('card');
    await story.until('2024-01-16T09:00:00.000Z');
    await story.ask({ kind: 'change', variant: 'basic', effective: 'now' });
    const types = typesOf(await ofStory(story));
    expect(types.filter((type) => type === 'credit_note.finalised')).toHaveLength(1);
  });
});

describe('an account', () => {
  it('whose balance is announced, and is declined until Tenor stops', async () => {
    const at = '2024-01-10T09:00:00.000Z';
    const clock = (await caller.post('/v1/test-clocks', { name: 'balance', at })).body.id;
    const home = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', clock };
    const customer = (await caller.post('/v1/customers', home)).body.id;
    const card = { customer, provider: 'sandbox', token: 'card;decline=insufficient_funds' };
    const payment_method = (await caller.post('/v1/payment-methods', card)).body.id;
    const issuer = (await caller.get('/v1/issuers')).body.data[0].id;
    const collection = {
      by: 'balance',
      every: { unit: 'month', count: 1 },
      anchor: '2024-02-05',
      notice_days: 3,
    };
    const of = { customer, issuer, currency: 'EUR', payment_method, collection };
    const account = (await caller.post('/v1/billing-accounts', of)).body.id;
    const tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
    const once = {
      customer,
      account,
      text: 'Work',
      currency: 'EUR',
      price_mode: 'gross',
      tax_policy,
      bill: 'now',
    };
    expect((await caller.post('/v1/one-time-charges', { ...once, unit_price: '20.00' })).status).toBe(201);
    await liveUntil(caller, clock, '2024-02-20T09:00:00.000Z');
    const events = await eventsOf(`customer=${customer}`);
    expect(dated(events).slice(2)).toEqual([
      '2024-01-10 invoice.finalised',
      '2024-02-01 account.collection_notice',
      '2024-02-04 payment.declined',
      '2024-02-07 payment.declined',
      '2024-02-11 payment.declined',
      '2024-02-11 account.collection_stopped',
    ]);
    const [finalised, notice, declined] = events.slice(2);
    const invoices = [finalised?.object];
    expect(notice?.data).toMatchObject({ amount: '20.00', due_at: '2024-02-04T23:00:00.000Z', invoices });
    expect(declined?.data).toMatchObject({ amount: '20.00', invoice: null, collection: notice?.object });
  });
});

describe('a customer', () => {
  it('that is changed, loses its payment method, and is erased', async () => {
    const { id } = (
      await caller.post('/v1/customers', {
        party: { name: 'Ada Lovelace' },
        country: 'DE',
        time_zone: 'Europe/Berlin',
        external_id: 'ada',
      })
    ).body;
    const method = await caller.post('/v1/payment-methods', {
      customer: id,
      provider: 'sandbox',
      token: 'card',
    });
    expect((await caller.delete(`/v1/payment-methods/${method.body.id}`)).status).toBeLessThan(300);
    await caller.patch(`/v1/customers/${id}`, { party: { name: 'Ada King' }, language: 'de' });
    const { pool, vault } = tenor.parts;
    const { merchant_id, subject_id } = await row<{ merchant_id: never; subject_id: string }>(
      pool,
      'select merchant_id, subject_id from customers where id = $1',
      [id],
    );
    await inTransaction(pool, (tx) => vault.erase(tx, merchant_id, subject_id));
    const events = await eventsOf(`customer=${id}`);
    expect(typesOf(events)).toEqual([
      'customer.created',
      'payment_method.added',
      'payment_method.removed',
      'customer.changed',
      'customer.erased',
    ]);
    expect(events[3]?.data).toEqual({ external_id: 'ada', parent: null, fields: ['party', 'language'] });
    expect(JSON.stringify(events)).not.toMatch(/Ada/);
  });
});

describe('a mail', () => {
  it('that the mail server refuses, and one that comes back', async () => {
    const { pool, vault } = tenor.parts;
    const [issuer] = (await caller.get('/v1/issuers')).body.data;
    const switchMails = (on: boolean): Promise<unknown> =>
      caller.patch(`/v1/issuers/${issuer.id}`, { mail_enabled: on, mail_from: 'billing@wolkenwerk.example' });
    await switchMails(true);
    const story = await begin('card');
    await story.until('2024-01-02T09:00:00.000Z');
    const { customer } = (await caller.get(`/v1/contracts/${story.contract}`)).body;
    const book = {
      invoice: { to: ['gone@muster.example'], cc: [] },
      receipt: { to: ['ada@muster.example'], cc: [] },
    };
    await caller.patch(`/v1/customers/${customer}`, { mail_addresses: book });
    const smtp = await startSmtp({
      onRcptTo: ({ address }, _, callback) =>
        callback(address.startsWith('gone') ? Object.assign(new Error('no'), { responseCode: 550 }) : null),
    });
    const at = { host: '127.0.0.1', port: smtp.port, tls: 'none', login: null } as const;
    const mailer = createMailer({ ...at, from: 'tenor@billing.example' });
    await deliverMails({ pool, vault, mailer, log: { warn: () => undefined } });
    mailer.close();
    await smtp.stop();
    await switchMails(false);
    const mails = (await caller.get(`/v1/mails?sort=created_at&customer=${customer}`)).body.data;
    expect(mails.map(({ purpose, state }: Record<string, string>) => `${purpose} ${state}`)).toEqual([
      'invoice failed',
      'receipt sent',
    ]);
    await caller.post(`/v1/mails/${mails[1].id}/bounce`, { reason: '550 full' });
    const events = (await eventsOf(`customer=${customer}`)).filter(({ type }) => type.startsWith('mail.'));
    expect(typesOf(events)).toEqual(['mail.failed', 'mail.bounced']);
    const [failed, bounced] = events;
    const document = mails[0].document;
    expect(failed?.data).toEqual({ purpose: 'invoice', reason: 'refused', document, event: mails[0].event });
    expect(bounced?.data).toEqual({
      purpose: 'receipt',
      reason: '550',
      document,
      event: mails[1].event,
    });
  });
});

describe('a collective account', () => {
  it('that is run by hand, and by its calendar without a charge', async () => {
    const story = await begin('card', '2024-01-10T09:00:00.000Z');
    const { customer, account } = (await caller.get(`/v1/contracts/${story.contract}`)).body;
    const runs = { every: { unit: 'week', count: 1 }, anchor: '2024-01-22' };
    const path = `/v1/billing-accounts/${account}`;
    expect((await caller.patch(path, { kind: 'collective', runs })).status).toBe(200);
    await story.ask({ kind: 'cancel', effective: 'now' });
    const { id } = (await caller.post(`${path}/runs`)).body;
    await story.until('2024-01-24T09:00:00.000Z');
    const events = await eventsOf(`object=${account}`);
    expect(dated(events)).toEqual(['2024-01-10 account.run_finished', '2024-01-21 account.run_finished']);
    const [byHand, byCalendar] = events;
    const invoice = (await caller.get(`/v1/runs/${id}`)).body.invoice;
    expect(byHand?.data).toEqual({
      run: id,
      cause: 'hand',
      until: '2024-01-10T09:00:00.000Z',
      invoice,
      left_out: [],
    });
    expect(byCalendar?.data).toMatchObject({
      cause: 'calendar',
      until: '2024-01-21T23:00:00.000Z',
      invoice: null,
    });
    expect(typesOf(await eventsOf(`customer=${customer}`)).slice(-3)).toEqual([
      'account.run_finished',
      'credit_note.finalised',
      'account.run_finished',
    ]);
    // The list of the contract has the invoice of the contract alone, and the credit note of the run.
    const { data } = (await caller.get(`/v1/invoices?contract=${story.contract}`)).body;
    expect(
      data.map((each: { id: string; kind: string; contract: string | null }) => [each.kind, each.contract]),
    ).toEqual([
      ['credit_note', null],
      ['invoice', story.contract],
    ]);
    expect(data[0].id).toBe(invoice);
  });
});

describe('a billing account', () => {
  it('that is deactivated and activated again', async () => {
    const story = await begin('card', '2024-01-10T09:00:00.000Z');
    const { account } = (await caller.get(`/v1/contracts/${story.contract}`)).body;
    for (const kind of ['deactivate', 'activate']) {
      const { id } = (await caller.post('/v1/account-jobs', { kind, account })).body;
      await expect
        .poll(async () => (await caller.get(`/v1/account-jobs/${id}`)).body.state, { timeout: 30_000 })
        .toBe('done');
    }
    const events = await eventsOf(`object=${account}`);
    expect(dated(events)).toEqual(['2024-01-10 account.deactivated', '2024-01-10 account.activated']);
    expect(events.map(({ data }) => data)).toEqual([
      { deactivated_at: '2024-01-10T09:00:00.000Z' },
      { deactivated_at: null },
    ]);
  });
});

describe('a test clock', () => {
  it('that is stuck at an incident, and is ready once the cause is removed', async () => {
    const { pool } = tenor.parts;
    const story = await begin('card', '2024-05-10T10:00:00.000Z');
    const setRate = (validFrom: string): Promise<unknown> =>
      inTransaction(pool, async (tx) => {
        await tx.query('set local session_replication_role = replica');
        await tx.query(`update tax_rates set valid_from = '${validFrom}' where country = 'DE'`);
      });
    await setRate('2090-01-01');
    await caller.post(`/v1/test-clocks/${story.clock}/advance`, { to: '2024-07-01T00:00:00Z' });
    await expect
      .poll(async () => (await caller.get(`/v1/test-clocks/${story.clock}`)).body.status, { timeout: 30_000 })
      .toBe('stuck');
    await setRate('2020-01-01');
    await liveUntil(caller, story.clock, '2024-07-01T00:00:00.000Z');
    expect(dated(await eventsOf(`object=${story.clock}`))).toEqual([
      '2024-06-09 clock.stuck',
      '2024-07-01 clock.ready',
    ]);
    const incidents = (await eventsOf(`contract=${story.contract}`)).filter(({ type }) =>
      type.startsWith('incident.'),
    );
    expect(typesOf(incidents)).toEqual(['incident.opened', 'incident.closed']);
    expect(incidents[0]?.data).toMatchObject({ step: 'settle', code: 'tax_rate_missing' });
  });
});

describe('a webhook endpoint', () => {
  it('that is tested, and is disabled because it accepts nothing for three days', async () => {
    const { pool } = tenor.parts;
    const { id } = (await caller.post('/v1/webhook-endpoints', { url: 'http://127.0.0.1:1/' })).body;
    await caller.post(`/v1/webhook-endpoints/${id}/test`);
    const failing = `select from webhook_endpoints where id = $1 and failing_since is not null`;
    await expect.poll(() => rows(pool, failing, [id]), { timeout: 10_000 }).toHaveLength(1);
    await rows(
      pool,
      `update webhook_endpoints set failing_since = clock_timestamp() - interval '3 days' where id = $1`,
      [id],
    );
    await rows(pool, 'update webhook_deliveries set due_at = clock_timestamp() where endpoint_id = $1', [id]);
    await expect
      .poll(async () => typesOf(await eventsOf(`object=${id}`)), { timeout: 10_000 })
      .toEqual(['webhook.test', 'webhook_endpoint.disabled']);
    expect((await caller.get(`/v1/webhook-endpoints/${id}`)).body).toMatchObject({
      state: 'disabled',
      disabled_because: 'failing',
    });
  });
});

describe('the catalogue', () => {
  it('has a story for each type, and an example that fits its schema', () => {
    expect(EVENT_TYPES.filter((type) => !seen.has(type))).toEqual([]);
    for (const type of EVENT_TYPES) {
      const example = exampleOf(type);
      expect(EVENT_SCHEMAS[type].strict().parse(example)).toEqual(example);
    }
  });
});
