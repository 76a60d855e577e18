// Long computations run in threads. The event loop answers other requests meanwhile, and a lost thread fails only one request.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Threads, type ThreadsOptions, startThreads } from '../../api/calculator/threads.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { givenUpBy } from '../../db/platform/call.ts';
import { inTransaction } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { OutOfTime } from '../../db/platform/transient.ts';
import type { OrderRequest } from '../../engine/requests.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createClock, createSampleMerchant, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let merchant: MerchantId;
let threads: Threads;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  merchant = await createSampleMerchant(database.pool);
});
afterEach(async () => {
  await api.stop();
  await threads.stop();
});
afterAll(() => database.close());

async function start(options: Partial<ThreadsOptions> = {}): Promise<void> {
  threads = startThreads({ databaseUrl: database.url, threads: 1, ...options });
  const { calculator } = threads;
  api = await startTestApi(database.pool, vault, { calculator, requestMs: 120_000 });
  caller = await api.caller(merchant);
}

const customer = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
const short = { customer, variant: 'pro', components: [] };

/** An order whose first bill has 4,750 lines: the fee, and one line for each day of thirteen years, four of them leap years. */
async function long(): Promise<object> {
  const [{ id: plan, plan_group }] = (await caller.get('/v1/plans')).body.data;
  const day = { unit: 'day', count: 1 };
  const component = await caller.post('/v1/components', {
    plan_group,
    name: 'Day',
    kind: 'bookable',
    interval: day,
    price: { kind: 'simple', price: '1' },
    payment_mode: 'billed_until',
  });
  const variant = await caller.post('/v1/variants', {
    plan,
    name: 'Long',
    fee: '1',
    fee_interval: { unit: 'year', count: 13 },
    billing_interval: { unit: 'year', count: 13 },
    components: [{ component: component.body.id, rule: 'optional' }],
  });
  const components = [{ component: component.body.id, quantity: 1 }];
  const clock = await createClock(database.pool, merchant, '2024-01-01T08:00:00.000Z');
  return { customer: { ...customer, clock }, variant: variant.body.id, components };
}

/** Runs one short calculation, so that the thread has started. */
const warmUp = (): Promise<string> => threads.calculator.tryOrder(merchant, short);

/** The number of connections that wait for a lock. */
const waiting = async (): Promise<number> => {
  const found = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  return (await rows(database.pool, found)).length;
};

/** Runs `act` while no calculation can finish: each waits for the locked table of tax rates. */
async function whileLocked(act: () => Promise<void>): Promise<void> {
  await inTransaction(database.pool, async (tx) => {
    await rows(tx, 'lock table tax_rates in access exclusive mode');
    await act();
  });
}

describe('while a preview of nearly five thousand lines is computed', () => {
  it('twenty requests of another merchant are answered first, one after the other (rule 50)', async () => {
    await start();
    const request = await long();
    await warmUp();
    const other = await api.caller(await createSampleMerchant(database.pool));
    const answered: string[] = [];
    const preview = caller.post('/v1/orders/preview', request).then((answer) => {
      answered.push('preview');
      return answer;
    });
    for (let n = 0; n < 10; n++) {
      expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
      expect((await other.get('/v1/plans')).status).toBe(200);
      answered.push('reads');
    }
    const { status, body } = await preview;
    expect([status, body.documents[0].lines.length]).toEqual([200, 4750]);
    expect(answered).toEqual([...Array.from({ length: 10 }, () => 'reads'), 'preview']);
  });

  it('the order itself is accepted (rule 50)', async () => {
    await start();
    const { status } = await caller.post('/v1/orders', await long());
    expect(status).toBe(202);
    expect(api.errors).toEqual([]);
  });
});

describe('a calculation', () => {
  it('that needs too much memory fails and is logged, and the next one succeeds (rule 50)', async () => {
    await start({ heapMb: 24 });
    const { status, body } = await caller.post('/v1/orders/preview', await long());
    expect([status, body.code]).toEqual([500, 'not_computed']);
    expect(api.errors).toHaveLength(1);
    expect((await caller.post('/v1/orders/preview', short)).status).toBe(200);
  });

  it('is stopped with its thread when its caller disconnects, and the next one succeeds', async () => {
    await start();
    await warmUp();
    const { key } = await createApiKey(database.pool, merchant, 'test', ['admin']);
    await whileLocked(async () => {
      const abort = new AbortController();
      const preview = fetch(`${api.url}/v1/orders/preview`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(short),
        signal: abort.signal,
      });
      await expect.poll(waiting).toBe(1);
      abort.abort();
      await expect(preview).rejects.toThrow(/aborted/);
      await expect.poll(() => threads.running(), { timeout: 30_000 }).toBe(0);
    });
    expect((await caller.post('/v1/orders/preview', short)).status).toBe(200);
  });

  it('is counted while it waits and while it runs, and the time that it waited is reported', async () => {
    const waits: number[] = [];
    await start({ waited: (seconds) => void waits.push(seconds) });
    await warmUp();
    let calculations: Promise<unknown>[] = [];
    await whileLocked(async () => {
      calculations = [warmUp(), warmUp(), warmUp()];
      await expect.poll(() => threads.count()).toEqual({ underWay: 1, waiting: 2 });
      expect(waits).toHaveLength(2);
    });
    await Promise.all(calculations);
    expect(threads.count()).toEqual({ underWay: 0, waiting: 0 });
    expect(waits).toHaveLength(4);
    expect(waits.at(-1)).toBeGreaterThan(0);
  });

  it('leaves the queue when its request is aborted', async () => {
    await start();
    const request: OrderRequest = short;
    const preview = (signal = new AbortController().signal): Promise<unknown> =>
      givenUpBy(signal, () => threads.calculator.previewOrder(merchant, request));
    const abort = new AbortController();
    const first = preview();
    const aborted = preview(abort.signal);
    const order = threads.calculator.tryOrder(merchant, request);
    abort.abort();
    await expect(aborted).rejects.toBeInstanceOf(OutOfTime);
    await Promise.all([first, order, preview()]);
  });
});
