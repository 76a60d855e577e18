import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import type { ChargeRequest } from '../../psp/port.ts';
import { sandboxBooks } from '../../psp/sandbox/books.ts';
import { createSandbox, type Sandbox } from '../../psp/sandbox/sandbox.ts';
import { signedHeaders } from '../../psp/sandbox/webhook.ts';
import { type Books, createBooks, createTestPool, setClock } from '../support/fixtures.ts';
import { describeProvider } from './contract-suite.ts';

const SECRET = 'a secret of the tests';
let pool: Pool;
let close: (this: void) => Promise<void>;
let books: Books;

beforeAll(async () => {
  ({ pool, close } = await createTestPool());
  books = await createBooks(pool);
});
afterAll(() => close());

function requestOf(token: string, amountMinor: bigint, at = '2024-06-01T00:00:00.000Z'): ChargeRequest {
  const attemptId = `att_${randomUUID()}`;
  return {
    attemptId,
    merchantId: books.merchant,
    clockId: books.clockId,
    at,
    amountMinor,
    currency: 'EUR',
    token,
  };
}

async function moved(providerObject: string): Promise<bigint> {
  const movements = await sandboxBooks(pool, books.merchant);
  return movements
    .filter((one) => one.providerObject === providerObject)
    .reduce((sum, { kind, amountMinor }) => sum + (kind === 'charge' ? amountMinor : -amountMinor), 0n);
}

describeProvider('sandbox', async () => ({
  provider: createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1/', webhookSecret: SECRET }),
  tokens: {
    succeeds: 'card',
    declines: 'card;decline=insufficient_funds',
    pends: 'debit;pending_days=3',
    needsCustomer: 'card;requires_action',
    lateCharged: 'card;late=charged',
    lateNotCharged: 'card;late=not_charged',
    unreadable: 'cash',
  },
  request: requestOf,
  moved,
  signedWebhook(providerObject) {
    const body = JSON.stringify({
      id: 'sbe_1',
      merchant_id: books.merchant,
      object: providerObject,
      type: 'succeeded',
      at: '2024-06-04T00:00:00.000Z',
    });
    return { rawBody: Buffer.from(body), headers: signedHeaders(SECRET, body, Date.now() / 1000) };
  },
}));

describe('the events of the sandbox', () => {
  let sandbox: Sandbox;
  let status = 204;
  const received: { body: Buffer; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ body: Buffer.concat(chunks), headers: request.headers });
      response.writeHead(status).end();
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    sandbox = createSandbox({ pool, webhookUrl: `http://127.0.0.1:${port}/hook`, webhookSecret: SECRET });
  });
  afterAll(() => server.close());

  async function charge(token: string, at?: string) {
    const request = requestOf(token, 14040n, at);
    const { providerObject } = await sandbox.prepare(request);
    await sandbox.execute(request, providerObject);
    return providerObject;
  }

  function agendaOf(providerObject: string) {
    return rows<{ event_id: string; due_at: string; clock_id: string; kind: string }>(
      pool,
      `select e.id as event_id, a.due_at, a.clock_id, a.kind from agenda a
       join sandbox.events e on a.workflow_id = 'sandbox/' || e.id where e.intent_id = $1 order by a.due_at`,
      [providerObject],
    );
  }

  it('stay on the agenda until their webhook is accepted, and report the success of a pending debit', async () => {
    const providerObject = await charge(
      'debit;pending_days=3;zone=Europe/Vienna',
      '2024-03-29T23:00:00.000Z',
    );
    const [event] = await agendaOf(providerObject);
    // Midnight in Vienna three days later, after the change to summer time.
    expect(event).toMatchObject({
      due_at: '2024-04-01T22:00:00.000Z',
      clock_id: books.clockId,
      kind: 'provider_event',
    });

    status = 503;
    expect(await sandbox.deliverSandboxEvent(event!.event_id)).toBe(false);
    expect(await agendaOf(providerObject)).toHaveLength(1);
    expect(await sandbox.lookup(providerObject)).toEqual({ state: 'succeeded' });

    status = 204;
    expect(await sandbox.deliverSandboxEvent(event!.event_id)).toBe(true);
    expect(await agendaOf(providerObject)).toEqual([]);
    expect(await sandbox.deliverSandboxEvent(event!.event_id)).toBe(true);
    expect(received).toHaveLength(2);
    expect(sandbox.parseWebhook(received[1]!.body, received[1]!.headers)).toEqual({
      eventId: event!.event_id,
      merchantId: books.merchant,
      providerObject,
      type: 'succeeded',
      at: '2024-04-01T22:00:00.000Z',
    });
    expect(await moved(providerObject)).toBe(14040n);
  });

  it('report the decline of a pending debit', async () => {
    const providerObject = await charge('debit;pending_days=3;then=declined:account_closed');
    const [event] = await agendaOf(providerObject);
    await sandbox.deliverSandboxEvent(event!.event_id);
    const last = received.at(-1)!;
    expect(sandbox.parseWebhook(last.body, last.headers)).toMatchObject({
      type: 'declined',
      reason: 'account_closed',
    });
    expect(await sandbox.lookup(providerObject)).toEqual({ state: 'declined', reason: 'account_closed' });
    expect(await moved(providerObject)).toBe(0n);
  });

  it('report that the customer confirmed', async () => {
    await setClock(pool, books, '2024-06-01T10:00:00.000Z');
    const providerObject = await charge('card;requires_action');
    const eventId = await sandbox.complete(providerObject);
    expect(await agendaOf(providerObject)).toMatchObject([{ due_at: '2024-06-01T10:00:00.000Z' }]);
    await sandbox.deliverSandboxEvent(eventId);
    expect(await moved(providerObject)).toBe(14040n);
    await expect(sandbox.complete(providerObject)).rejects.toThrow('nothing waits for the customer');
  });

  it('report the first answer of a customer, and a second one is refused', async () => {
    const providerObject = await charge('card;requires_action');
    const eventId = await sandbox.complete(providerObject, 'authentication_failed');
    await expect(sandbox.complete(providerObject)).rejects.toThrow('nothing waits for the customer');
    await sandbox.deliverSandboxEvent(eventId);
    expect(await agendaOf(providerObject)).toEqual([]);
    expect(await sandbox.lookup(providerObject)).toEqual({
      state: 'declined',
      reason: 'authentication_failed',
    });
    expect(await moved(providerObject)).toBe(0n);
  });

  it('return the money once at a chargeback, although three deliveries happen at once', async () => {
    const providerObject = await charge('card;chargeback_days=30');
    const [event] = await agendaOf(providerObject);
    expect(event!.due_at).toBe('2024-07-01T00:00:00.000Z');
    expect(await moved(providerObject)).toBe(14040n);
    await Promise.all([1, 2, 3].map(() => sandbox.deliverSandboxEvent(event!.event_id)));
    expect(await moved(providerObject)).toBe(0n);
  });

  it.each(['\\u0000', '\\ud800', ' '])('are refused with the id %j, which could not be stored', (id) => {
    const body = `{"id":"${id}","merchant_id":"m","object":"o","type":"succeeded","at":"2024-06-04T00:00:00.000Z"}`;
    const headers = signedHeaders(SECRET, body, Date.now() / 1000);
    expect(() => sandbox.parseWebhook(Buffer.from(body), headers)).toThrow('not an event');
  });

  it('are refused with a signature that is older than five minutes', () => {
    const old = { ...received[0]! };
    const later = createSandbox({
      pool,
      webhookUrl: 'http://127.0.0.1:1/',
      webhookSecret: SECRET,
      wallNow: () => Date.now() + 301_000,
    });
    expect(() => later.parseWebhook(old.body, old.headers)).toThrow('signature');
  });
});
