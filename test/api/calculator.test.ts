// Long computations run in threads: the event loop answers others meanwhile, and a thread that is lost is one request's loss.
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

/** An order whose first bill has 4,750 lines: the fee, and each day of thirteen years, four of which have a day more. */
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

/** Has the thread run. */
const warm = (): Promise<string> => threads.calculator.tryOrder(merchant, short);

/** How many wait for a lock. */
const waiting = async (): Promise<number> => {
  const found = `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
  return (await rows(database.pool, found)).length;
};

/** Does something while no calculation can go on: each waits for the rates of taxes. */
async function whileHeld(act: () => Promise<void>): Promise<void> {
  await inTransaction(database.pool, async (tx) => {
    await rows(tx, 'lock table tax_rates in access exclusive mode');
    await act();
  });
}

describe('while a preview of nearly five thousand lines is computed', () => {
  it('twenty reads of another merchant are answered one after the other, before it is (rule 50)', async () => {
    await start();
    const request = await long();
    await warm();
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

  it('and the order itself is accepted (rule 50)', async () => {
    await start();
    const { status } = await caller.post('/v1/orders', await long());
    expect(status).toBe(202);
    expect(api.errors).toEqual([]);
  });
});

describe('a calculation', () => {
  it('that needs too much memory is refused and logged, and the next one is done (rule 50)', async () => {
    await start({ heapMb: 24 });
    const { status, body } = await caller.post('/v1/orders/preview', await long());
    expect([status, body.code]).toEqual([500, 'not_computed']);
    expect(api.errors).toHaveLength(1);
    expect((await caller.post('/v1/orders/preview', short)).status).toBe(200);
  });

  it('whose caller has gone is ended with its thread, and the next one is done', async () => {
    await start();
    await warm();
    const { key } = await createApiKey(database.pool, merchant, 'test', ['admin']);
    await whileHeld(async () => {
      const going = new AbortController();
      const preview = fetch(`${api.url}/v1/orders/preview`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(short),
        signal: going.signal,
      });
      await expect.poll(waiting).toBe(1);
      going.abort();
      await expect(preview).rejects.toThrow(/aborted/);
      await expect.poll(() => threads.running(), { timeout: 30_000 }).toBe(0);
    });
    expect((await caller.post('/v1/orders/preview', short)).status).toBe(200);
  });

  it('is counted while it waits, while a thread works on it, and by how long it waited', async () => {
    const waits: number[] = [];
    await start({ waited: (seconds) => void waits.push(seconds) });
    await warm();
    let calculations: Promise<unknown>[] = [];
    await whileHeld(async () => {
      calculations = [warm(), warm(), warm()];
      await expect.poll(() => threads.count()).toEqual({ underWay: 1, waiting: 2 });
      expect(waits).toHaveLength(2);
    });
    await Promise.all(calculations);
    expect(threads.count()).toEqual({ underWay: 0, waiting: 0 });
    expect(waits).toHaveLength(4);
    expect(waits.at(-1)).toBeGreaterThan(0);
  });

  it('that waits leaves the line when its request is given up', async () => {
    await start();
    const request: OrderRequest = short;
    const preview = (signal = new AbortController().signal): Promise<unknown> =>
      givenUpBy(signal, () => threads.calculator.previewOrder(merchant, request));
    const leaving = new AbortController();
    const first = preview();
    const gone = preview(leaving.signal);
    const order = threads.calculator.tryOrder(merchant, request);
    leaving.abort();
    await expect(gone).rejects.toBeInstanceOf(OutOfTime);
    await Promise.all([first, order, preview()]);
  });
});
