// Events are sent to real servers on loopback, in order for each object, and tried again for three days.
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteBelowClock } from '../../../db/clocks/deletion.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { createSecretBox } from '../../../db/parties/secrets.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { LEASE_SECONDS, claimWebhooks } from '../../../db/webhooks/queue.ts';
import {
  changeEndpoint,
  createEndpoint,
  removeEndpoint,
  replayMany,
  replayOne,
  rotateEndpointSecret,
  sendTestEvent,
} from '../../../engine/webhooks/endpoints.ts';
import { deleteExpiredRows } from '../../../relay/retention.ts';
import { type WebhookDeps, WebhookRelay } from '../../../relay/webhooks/deliver.ts';
import { type Sender, createSender } from '../../../relay/webhooks/send.ts';
import { createClock, createSampleMerchant, order, settle } from '../../support/merchant.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { row, rows } from '../../support/rows.ts';

const secrets = createSecretBox([Buffer.alloc(32, 7)]);
const deps = { secrets, webhookTargets: 'any' } as const;
let database: TestDatabase;
let pool: Pool;
let sender: Sender;
let merchant: MerchantId;
let shop: Receiver;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 10, onePlan: true, inOrder: true });
  sender = createSender({ targets: 'any', tryMs: 1_000 });
});
afterAll(async () => {
  await sender.close();
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await rows(
    pool,
    `update webhook_endpoints set state = 'deleted', disabled_because = null, sealed_secret = null`,
  );
  merchant = (await createMerchant(pool, 'Wolkenwerk')).live;
  shop = await startReceiver();
});
afterEach(() => shop.stop());

const make = (url = shop.url, eventTypes: string[] | null = null, of = merchant) =>
  createEndpoint(pool, of, deps, { url, description: null, eventTypes });

/** Writes an event of an object. Returns its id. */
async function write(object: string, { type = 'invoice.paid', of = merchant } = {}): Promise<string> {
  const { id } = await row<{ id: string }>(
    pool,
    `insert into events (merchant_id, type, object_id, occurred_at, data)
     values ($1, $2, $3, '2024-01-01T00:00:00Z', '{"number": "R-1", "currency": "EUR", "gross_minor": "1190"}') returning id`,
    [of, type, object],
  );
  return id;
}

const relayWith = (more: Partial<WebhookDeps> = {}): WebhookRelay =>
  new WebhookRelay({ pool, sender, secrets, log: { warn: () => undefined }, ...more });

/** Sends everything that is due, until a look finds nothing. */
async function drain(relay = relayWith()): Promise<void> {
  for (;;) {
    const pause = await relay.look();
    await relay.settled();
    if (pause === null) return;
  }
}

/** Lets time pass for all webhooks and endpoints. */
async function pass(seconds: number): Promise<void> {
  const earlier = (columns: string[]): string =>
    columns.map((column) => `${column} = ${column} - make_interval(secs => ${seconds})`).join(', ');
  await rows(
    pool,
    `update webhook_deliveries set ${earlier(['due_at', 'lease_until', 'first_tried_at'])} where state = 'waiting'`,
  );
  await rows(
    pool,
    `update webhook_endpoints set ${earlier(['failing_since', 'resting_until', 'paused_until', 'accepted_at'])}`,
  );
}
const HOUR = 3_600;

/** Lets hours pass, and sends what is due each hour. */
async function live(hours: number, relay = relayWith()): Promise<void> {
  for (let hour = 0; hour < hours; hour++) {
    await pass(HOUR);
    await drain(relay);
  }
}

const states = (endpoint: string): Promise<object[]> =>
  rows(
    pool,
    'select event_id as id, state from webhook_deliveries where endpoint_id = $1 order by event_id',
    [endpoint],
  );
const endpointRow = (id: string) =>
  row<{ state: string; disabled_because: string | null; failures: number; failing_since: string | null }>(
    pool,
    'select state, disabled_because, failures, failing_since from webhook_endpoints where id = $1',
    [id],
  );

describe('an event', () => {
  it('is sent to each endpoint that wants its type, signed, with its sequence in the body', async () => {
    const all = await make();
    await make(`${shop.url}/refused`, ['command.refused']);
    const paid = await make(`${shop.url}/paid`, ['invoice.paid', 'invoice.finalised']);
    const first = await write('doc_1', { type: 'invoice.finalised' });
    await drain();
    const second = await write('doc_1');
    await drain();
    expect(shop.received.map(({ id }) => id).sort()).toEqual([first, first, second, second].sort());
    for (const { secret } of [all, paid]) {
      const genuine = shop.received.filter(({ raw, headers }) => {
        try {
          new Webhook(secret).verify(raw, headers);
          return true;
        } catch {
          return false;
        }
      });
      expect(genuine.map(({ id, event }) => [id, event.sequence])).toEqual([
        [first, 1],
        [second, 2],
      ]);
    }
    expect(shop.received[0]?.event).toEqual({
      id: first,
      type: 'invoice.finalised',
      object: 'doc_1',
      sequence: 1,
      customer: null,
      account: null,
      contract: null,
      occurred_at: '2024-01-01T00:00:00.000Z',
      recorded_at: expect.any(String),
      timestamp: shop.received[0]?.event.recorded_at,
      data: { number: 'R-1', currency: 'EUR', gross: '11.90' },
    });
  });

  it('is not sent if its transaction is rolled back', async () => {
    await make();
    await expect(
      inTransaction(pool, async (tx) => {
        await tx.query(
          `insert into events (merchant_id, type, object_id, occurred_at, data) values ($1, 'invoice.paid', 'doc_1', now(), '{}')`,
          [merchant],
        );
        throw new Error('a bill failed');
      }),
    ).rejects.toThrow('a bill failed');
    await drain();
    expect(shop.received).toEqual([]);
  });

  it('is sent again under the same id with a new timestamp until it is accepted', async () => {
    const { id: endpoint } = await make();
    const event = await write('doc_1');
    const began = Date.now();
    let now = began;
    const relay = relayWith({ now: () => now });
    let tries = 0;
    shop.answer(() => (++tries < 3 ? 500 : 200));
    await drain(relay);
    await drain(relay);
    expect(shop.received).toHaveLength(1); // the pause is not over
    for (const pause of [6, 17]) {
      now += pause * 1_000;
      await pass(pause);
      await drain(relay);
    }
    expect(shop.received.map(({ id }) => id)).toEqual([event, event, event]);
    expect(shop.received.map(({ headers }) => headers['webhook-timestamp'])).toEqual(
      [0, 6, 23].map((after) => String(Math.floor(began / 1_000) + after)),
    );
    expect(await states(endpoint)).toEqual([{ id: event, state: 'delivered' }]);
    const log = await rows(
      pool,
      'select status, error, answer from webhook_attempts where event_id = $1 order by id',
      [event],
    );
    const failed = { status: 500, error: 'the answer has the status 500', answer: 'seen' };
    expect(log).toEqual([failed, failed, { status: 200, error: null, answer: 'seen' }]);
  });

  it('waits until the endpoint has accepted the earlier ones of its object, and others do not (rule 52)', async () => {
    await make();
    const [one, two, three] = [await write('doc_1'), await write('doc_1'), await write('doc_1')];
    const other = await write('doc_2');
    shop.answer(({ event }) => (event.object === 'doc_1' ? 503 : 200));
    await drain();
    expect(shop.received.map(({ id }) => id).sort()).toEqual([one, other].sort());
    shop.answer(() => 200);
    await pass(6);
    await drain();
    expect(shop.received.slice(2).map(({ id }) => id)).toEqual([one, two, three]);
  });

  it('is one of its object that is under way, however many relays share the work', async () => {
    await make();
    for (let n = 0; n < 6; n++) for (const object of ['doc_1', 'doc_2', 'doc_3']) await write(object);
    const [underWay, atOnce] = [new Map<string, number>(), [] as number[]];
    shop.answer(async ({ event }) => {
      const count = (underWay.get(event.object) ?? 0) + 1;
      underWay.set(event.object, count);
      atOnce.push(count);
      await new Promise((resolve) => setImmediate(resolve));
      underWay.set(event.object, count - 1);
      return 200;
    });
    const relays = Array.from({ length: 5 }, () => relayWith());
    await expect
      .poll(
        async () => {
          await Promise.all(relays.map((relay) => drain(relay)));
          return shop.received.length;
        },
        { timeout: 20_000 },
      )
      .toBe(18);
    expect(Math.max(...atOnce)).toBe(1);
    for (const object of ['doc_1', 'doc_2', 'doc_3']) {
      const sequences = shop.received.flatMap(({ event }) =>
        event.object === object ? [event.sequence] : [],
      );
      expect(sequences).toEqual([1, 2, 3, 4, 5, 6]);
    }
  });

  it('of a relay that died can be claimed again after its lease', async () => {
    const { id: endpoint } = await make();
    const event = await write('doc_1');
    const turns = [{ merchant, endpoint, most: 8 }];
    expect(await claimWebhooks(pool, turns)).toMatchObject([{ event, tries: 1 }]);
    await pass(LEASE_SECONDS - 2);
    await drain();
    expect(shop.received).toEqual([]);
    await pass(3);
    await drain();
    expect(shop.received.map(({ id }) => id)).toEqual([event]);
  });
});

describe('an endpoint that answers 500 for a day', () => {
  it('gets everything afterwards, in order, and nothing dies', async () => {
    const { id: endpoint } = await make();
    shop.answer(() => 500);
    const events: string[] = [];
    for (let hour = 0; hour < 24; hour++) {
      for (let n = 0; n < 3; n++) events.push(await write(`doc_${n}`));
      await live(1);
    }
    expect(await endpointRow(endpoint)).toMatchObject({ state: 'enabled', failing_since: expect.anything() });
    // Three first tries, and then one at a time, at most every ten minutes.
    expect(shop.received.length).toBeLessThan(24 * 4);
    shop.received.length = 0;
    shop.answer(() => 200);
    await live(9);
    expect(shop.received.map(({ id }) => id).sort()).toEqual(events.sort());
    for (let n = 0; n < 3; n++) {
      const sequences = shop.received.flatMap(({ event }) =>
        event.object === `doc_${n}` ? [event.sequence] : [],
      );
      expect(sequences).toEqual(Array.from({ length: 24 }, (_, place) => place + 1));
    }
    expect(await endpointRow(endpoint)).toMatchObject({ failures: 0, failing_since: null });
  });
});

describe('an event that an endpoint never accepts', () => {
  it('dies after three days if the endpoint accepted others, and the next of its object is sent (rule 52)', async () => {
    const { id: endpoint } = await make();
    const poison = await write('doc_1');
    const next = await write('doc_1');
    shop.answer(({ id }) => (id === poison ? 400 : 200));
    await drain();
    const other = await write('doc_2');
    await drain();
    await live(71);
    expect(shop.received.map(({ id }) => id)).not.toContain(next);
    await live(2);
    expect(await states(endpoint)).toEqual([
      { id: poison, state: 'dead' },
      { id: next, state: 'delivered' },
      { id: other, state: 'delivered' },
    ]);
    shop.answer(() => 200);
    await inTransaction(pool, (tx) => replayMany(tx, merchant, endpoint, { dead: true }));
    await drain();
    expect(shop.received.at(-1)?.id).toBe(poison);
    expect(await states(endpoint)).toMatchObject([{ state: 'delivered' }, {}, {}]);
  });

  it('does not delay others: the endpoint does not rest because of one event', async () => {
    await make();
    const poison = await write('doc_1');
    shop.answer(({ id }) => (id === poison ? 400 : 200));
    await live(30);
    expect(shop.received.length).toBeGreaterThan(9);
    const other = await write('doc_2');
    await drain();
    expect(shop.received.at(-1)?.id).toBe(other);
  });
});

describe('an endpoint that asks for a pause', () => {
  const later = { status: 429, headers: { 'retry-after': '600' } };

  it('gets nothing until then, also if it accepts what was under way, and everything afterwards', async () => {
    await make();
    let accept: () => void = () => undefined;
    const accepted = new Promise<void>((resolve) => (accept = resolve));
    const [slow, limited] = [await write('doc_1'), await write('doc_2')];
    shop.answer(({ id }) => (id === limited ? later : accepted.then(() => 200)));
    const relay = relayWith();
    await relay.look();
    await expect.poll(() => relay.look().then(() => shop.received.length)).toBe(2);
    const paused = `select from webhook_endpoints where paused_until > clock_timestamp() + interval '9 minutes'`;
    await expect.poll(() => rows(pool, paused)).toHaveLength(1);
    accept();
    await relay.settled();
    shop.answer(() => 200);
    const next = await write('doc_3');
    await drain();
    await pass(590);
    await drain();
    expect(shop.received.map(({ id }) => id).toSorted()).toEqual([slow, limited].toSorted());
    await pass(20);
    await drain();
    expect(shop.received.slice(2).map(({ id }) => id)).toEqual(expect.arrayContaining([limited, next]));
  });

  it('waits an hour at most', async () => {
    await make();
    const event = await write('doc_1');
    shop.answer(() => ({ status: 503, headers: { 'retry-after': '1000000' } }));
    await drain();
    shop.answer(() => 200);
    await live(1);
    expect(shop.received.map(({ id }) => id)).toEqual([event, event]);
  });
});

describe('an endpoint that answers 410', () => {
  it('is disabled at once, its events wait, and the event says why (rule 52)', async () => {
    const { id: endpoint } = await make();
    const operator = await startReceiver();
    await make(operator.url, ['webhook_endpoint.disabled']);
    const event = await write('doc_1');
    shop.answer(() => 410);
    await drain();
    expect(await endpointRow(endpoint)).toMatchObject({ state: 'disabled', disabled_because: 'gone' });
    expect(operator.received.map(({ event: told }) => told)).toMatchObject([
      {
        type: 'webhook_endpoint.disabled',
        object: endpoint,
        data: { url: shop.url, error: 'the answer has the status 410' },
      },
    ]);
    await operator.stop();
    await live(30);
    expect(shop.received).toHaveLength(1);
    expect(await states(endpoint)).toContainEqual({ id: event, state: 'waiting' });
    shop.answer(() => 200);
    await inTransaction(pool, (tx) =>
      changeEndpoint(tx, merchant, deps, { id: endpoint, change: { enabled: true } }),
    );
    await drain();
    expect(await states(endpoint)).toContainEqual({ id: event, state: 'delivered' });
  });
});

describe('an endpoint that accepts nothing for three days', () => {
  it('is disabled, nothing dies, its merchant gets an event, and enabling it sends what waited (rule 52)', async () => {
    const { id: endpoint } = await make();
    const operator = await startReceiver();
    await make(operator.url, ['webhook_endpoint.disabled']);
    shop.answer(() => 500);
    const events = [await write('doc_1'), await write('doc_1'), await write('doc_2')];
    await drain();
    await live(71);
    expect(await endpointRow(endpoint)).toMatchObject({ state: 'enabled' });
    await live(9);
    expect(await endpointRow(endpoint)).toMatchObject({ state: 'disabled', disabled_because: 'failing' });
    expect(operator.received.map(({ event }) => event)).toMatchObject([
      {
        type: 'webhook_endpoint.disabled',
        object: endpoint,
        sequence: 1,
        data: { url: shop.url, error: 'the answer has the status 500' },
      },
    ]);
    await operator.stop();
    events.push(await write('doc_1')); // it waits, too
    const before = shop.received.length;
    await live(30);
    expect(shop.received).toHaveLength(before);
    expect((await states(endpoint)).map((each) => (each as { state: string }).state)).toEqual(
      Array.from({ length: 5 }, () => 'waiting'),
    );
    shop.answer(() => 200);
    await inTransaction(pool, (tx) =>
      changeEndpoint(tx, merchant, deps, { id: endpoint, change: { enabled: true } }),
    );
    await drain();
    const sent = shop.received.slice(before).map(({ id }) => id);
    expect(sent.filter((id) => events.includes(id)).sort()).toEqual([...events].sort());
    const sequences = shop.received
      .slice(before)
      .flatMap(({ event }) => (event.object === 'doc_1' ? [event.sequence] : []));
    expect(sequences).toEqual([1, 2, 3]);
  });

  it('gives events three days again when it is enabled', async () => {
    const { id: endpoint } = await make();
    const poison = await write('doc_1');
    shop.answer(() => 500);
    await drain();
    await live(80);
    await inTransaction(pool, (tx) =>
      changeEndpoint(tx, merchant, deps, { id: endpoint, change: { enabled: true } }),
    );
    shop.answer(({ id }) => (id === poison ? 500 : 200));
    await write('doc_2');
    await drain();
    await live(60);
    expect(await states(endpoint)).toMatchObject([
      { id: poison, state: 'waiting' },
      { state: 'delivered' },
      { state: 'delivered' },
    ]);
  });
});

describe('a merchant', () => {
  it('can send a test event to one endpoint, whatever types it wants', async () => {
    const { id: endpoint } = await make(shop.url, ['invoice.paid']);
    await make(`${shop.url}/other`);
    const delivery = await inTransaction(pool, (tx) => sendTestEvent(tx, merchant, endpoint));
    await drain();
    expect(shop.received.map(({ event }) => [event.id, event.type, event.object])).toEqual([
      [delivery.event_id, 'webhook.test', endpoint],
    ]);
  });

  it('can have one event, or all of a span, sent again', async () => {
    const { id: endpoint } = await make();
    const events = [await write('doc_1'), await write('doc_2'), await write('doc_3')];
    await drain();
    const recorded = await rows<{ at: string }>(
      pool,
      'select recorded_at as at from events where id = any($1) order by id',
      [events],
    );
    shop.received.length = 0;
    await inTransaction(pool, (tx) => replayOne(tx, merchant, { endpoint, event: events[2]! }));
    await drain();
    expect(shop.received.map(({ id }) => id)).toEqual([events[2]]);
    shop.received.length = 0;
    const span = { from: recorded[0]!.at, to: new Date(Date.parse(recorded[1]!.at) + 1).toISOString() };
    expect(
      await inTransaction(pool, (tx) => replayMany(tx, merchant, endpoint, span)),
    ).toBeGreaterThanOrEqual(2);
    await drain();
    expect(
      shop.received
        .slice(0, 2)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(events.slice(0, 2).sort());
  });

  it('has two signatures while a secret is rotated, and one afterwards', async () => {
    const { id, secret: old } = await make();
    const { secret } = await inTransaction(pool, (tx) =>
      rotateEndpointSecret(tx, merchant, deps, { id, hours: 24 }),
    );
    await write('doc_1');
    await drain();
    await rows(pool, `update webhook_endpoints set old_secret_until = clock_timestamp() where id = $1`, [id]);
    await write('doc_2');
    await drain();
    const [during, after] = shop.received;
    for (const each of [old, secret]) new Webhook(each).verify(during!.raw, during!.headers);
    new Webhook(secret).verify(after!.raw, after!.headers);
    expect(() => new Webhook(old).verify(after!.raw, after!.headers)).toThrow();
  });

  it('gets nothing more at an endpoint that is deleted, and its events and log are deleted', async () => {
    const { id: endpoint } = await make();
    await write('doc_1');
    await drain();
    await write('doc_2');
    await removeEndpoint(pool, merchant, endpoint);
    await write('doc_3');
    await drain();
    expect(shop.received).toHaveLength(1);
    await deleteExpiredRows({ pool });
    expect(await states(endpoint)).toEqual([]);
    expect(await rows(pool, 'select from webhook_attempts where endpoint_id = $1', [endpoint])).toEqual([]);
  });
});

describe('webhooks under way', () => {
  it('are at most eight of an endpoint, one of a failing endpoint, and the rest gets its turn', async () => {
    const { id: endpoint } = await make();
    for (let n = 0; n < 12; n++) await write(`doc_${n}`);
    let release: (status: number) => void = () => undefined;
    const hanging = (): void => {
      const status = new Promise<number>((resolve) => (release = resolve));
      shop.answer(() => status);
    };
    const relay = relayWith();
    hanging();
    await relay.look();
    await relay.look();
    await expect.poll(() => shop.received.length).toBe(8);
    release(500);
    await relay.settled();
    expect(await endpointRow(endpoint)).toMatchObject({ failures: 8 });
    await pass(60);
    hanging();
    await relay.look();
    await relay.look();
    await expect.poll(() => shop.received.length).toBe(9);
    release(200);
    await relay.settled();
    await drain(relay);
    expect((await states(endpoint)).map((each) => (each as { state: string }).state)).toEqual(
      Array.from({ length: 12 }, () => 'delivered'),
    );
  });

  it('of many endpoints take turns, if there are more endpoints than places', async () => {
    const places = { all: 2, ofEndpoint: 8, ofLive: 32, ofTest: 8, failing: 1 };
    const receivers = await Promise.all(Array.from({ length: 5 }, () => startReceiver()));
    for (const receiver of receivers) await make(receiver.url);
    for (let n = 0; n < 6; n++) await write(`doc_${n}`);
    const relay = relayWith({ places });
    for (let looks = 0; looks < 3; looks++) {
      await relay.look();
      await relay.settled();
    }
    const counts = receivers.map(({ received }) => received.length);
    expect(counts.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(4);
    expect(Math.max(...counts)).toBeLessThanOrEqual(2);
    await drain(relay);
    expect(receivers.map(({ received }) => received.length)).toEqual([6, 6, 6, 6, 6]);
    for (const receiver of receivers) await receiver.stop();
  });
});

describe('a test clock that is deleted', () => {
  it('takes the webhooks of its customers with it, and no others', async () => {
    const seller = await createSampleMerchant(pool);
    const clock = await createClock(pool, seller, '2024-01-01T08:00:00.000Z');
    const { id: endpoint } = await make(
      shop.url,
      ['order.accepted', 'invoice.finalised', 'invoice.paid'],
      seller,
    );
    const customer = {
      party: { name: 'Nordlicht' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
      clock,
    };
    const { contractId } = await order(pool, seller, {
      customer,
      variant: 'pro',
      components: [{ component: 'seat', quantity: '5' }],
    });
    await settle(pool, contractId);
    const other = await write('doc_1', { of: seller });
    await drain();
    const logged = 'select from webhook_attempts where endpoint_id = $1';
    expect(await rows(pool, logged, [endpoint])).toHaveLength(3);
    await inTransaction(pool, (tx) => deleteBelowClock(tx, seller, clock));
    expect(await states(endpoint)).toEqual([{ id: other, state: 'delivered' }]);
    expect(await rows(pool, logged, [endpoint])).toHaveLength(1);
  });
});

describe('an endpoint with 100,000 undelivered events', () => {
  it('that hangs delays no other endpoint and no bill', { timeout: 120_000 }, async () => {
    const seller = await createSampleMerchant(pool);
    await rows(
      pool,
      `insert into events (merchant_id, id, type, object_id, occurred_at, data)
       select $1, 'evt_' || lpad(n::text, 26, '0'), 'invoice.paid', 'obj_' || n, now(), '{}' from generate_series(1, 200) n`,
      [seller],
    );
    const { id: endpoint } = await make(shop.url, null, seller);
    // Half of them are of one object.
    await rows(
      pool,
      `insert into webhook_deliveries (merchant_id, endpoint_id, event_id, object_id, sequence, due_at)
       select $1, $2, 'evt_' || lpad(n::text, 26, '0'), case when n % 2 = 0 then 'doc_x' else 'obj_' || n end, n,
         clock_timestamp() - interval '1 hour' from generate_series(1, 100000) n`,
      [seller, endpoint],
    );
    await rows(pool, 'analyze webhook_deliveries');
    shop.answer(() => new Promise(() => undefined));
    const [same, small] = [await startReceiver(), await startReceiver()];
    const other = (await createMerchant(pool, 'Regenbogen')).live;
    await make(same.url, ['order.accepted', 'invoice.finalised'], seller);
    await make(small.url, null, other);
    const stop = new AbortController();
    const running = relayWith({ pauseMs: 100 }).run(stop.signal);
    await expect.poll(() => shop.received.length, { timeout: 20_000 }).toBeGreaterThan(0);

    const began = performance.now();
    await write('doc_b', { of: other });
    const customer = {
      party: { name: 'Nordlicht' },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      language: 'de',
    };
    const { contractId } = await order(pool, seller, {
      customer,
      variant: 'pro',
      components: [{ component: 'seat', quantity: '5' }],
    });
    await settle(pool, contractId);
    expect(performance.now() - began).toBeLessThan(2_000);
    await expect.poll(() => small.received.length, { timeout: 5_000 }).toBe(1);
    await expect
      .poll(() => same.received.map(({ event }) => String(event.type)).sort(), { timeout: 5_000 })
      .toEqual(['invoice.finalised', 'order.accepted']);
    expect(performance.now() - began).toBeLessThan(4_000);
    stop.abort();
    await running;
    await Promise.all([same.stop(), small.stop()]);
  });
});
