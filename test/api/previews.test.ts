// The previews of one merchant are limited and queued, so that other merchants do not wait for them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Threads, startThreads } from '../../api/calculator/threads.ts';
import { createTurns } from '../../api/limits/turns.ts';
import { givenUpBy } from '../../db/platform/call.ts';
import { createVault } from '../../db/parties/vault.ts';
import { OutOfTime } from '../../db/platform/transient.ts';
import { type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant } from '../support/merchant.ts';

describe('the previews of a merchant', () => {
  /** Work that ends when the test calls `done`. */
  function open(): { work: () => Promise<string>; done: () => void; begun: () => boolean } {
    let [hasBegun, finish]: [boolean, () => void] = [false, () => undefined];
    const until = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const work = async (): Promise<string> => {
      hasBegun = true;
      await until;
      return 'done';
    };
    return { work, done: finish, begun: () => hasBegun };
  }

  it('run two at once and in order, one more waits, and the next one is refused (rule 50)', async () => {
    const turns = createTurns({ atOnce: 2, waiting: 1 });
    const [a, b, c, d, other] = [open(), open(), open(), open(), open()];
    const answers = [a, b, c].map(({ work }) => turns.take('Wolkenwerk', work));
    await expect(turns.take('Wolkenwerk', d.work)).rejects.toMatchObject({ code: 'too_many_requests' });
    const another = turns.take('Regenbogen', other.work);
    expect([a, b, c, d, other].map(({ begun }) => begun())).toEqual([true, true, false, false, true]);
    b.done();
    await answers[1];
    await expect.poll(() => c.begun()).toBe(true);
    for (const each of [a, c, other]) each.done();
    expect(await Promise.all([...answers, another])).toEqual(['done', 'done', 'done', 'done']);
  });

  it('pass the turn of an aborted request to the next one (rule 50)', async () => {
    const turns = createTurns({ atOnce: 1, waiting: 1 });
    const [a, b, c] = [open(), open(), open()];
    const abort = new AbortController();
    const first = turns.take('Wolkenwerk', a.work);
    const aborted = givenUpBy(abort.signal, () => turns.take('Wolkenwerk', b.work));
    abort.abort();
    await expect(aborted).rejects.toBeInstanceOf(OutOfTime);
    const next = turns.take('Wolkenwerk', c.work);
    for (const each of [a, c]) each.done();
    expect([await first, await next, b.begun()]).toEqual(['done', 'done', false]);
  });

  it('continue after one of them fails', async () => {
    const turns = createTurns({ atOnce: 1, waiting: 0 });
    const fails = (): Promise<never> => Promise.reject(new Error('no'));
    await expect(turns.take('Wolkenwerk', fails)).rejects.toThrow('no');
    expect(await turns.take('Wolkenwerk', () => Promise.resolve('done'))).toBe('done');
  });
});

describe('300 previews of one customer', () => {
  let database: Awaited<ReturnType<typeof createTestPool>>;
  let api: TestApi;
  let threads: Threads;
  beforeAll(async () => {
    database = await createTestPool();
    threads = startThreads({ databaseUrl: database.url, threads: 2 });
    const { calculator } = threads;
    api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]), { calculator });
  });
  afterAll(async () => {
    expect(api.errors).toEqual([]);
    await api.stop();
    await threads.stop();
    await database.close();
  });

  it('are computed in turn or answered 429 with Retry-After, and another merchant can order meanwhile (rule 50)', async () => {
    const customer = { party: { name: 'Nordlicht' }, country: 'DE', time_zone: 'Europe/Berlin' };
    const [many, other] = [
      await api.caller(await createSampleMerchant(database.pool)),
      await api.caller(await createSampleMerchant(database.pool)),
    ];
    const named = (await many.post('/v1/customers', customer)).body.id;
    const order = { customer: named, variant: 'pro', components: [{ component: 'seat', quantity: 3 }] };
    const previews = Array.from({ length: 300 }, () => many.post('/v1/orders/preview', order));
    const otherOrder = await other.post('/v1/orders', { customer, variant: 'pro' });
    expect(otherOrder.status).toBe(202);
    const answers = await Promise.all(previews);
    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status !== 429).map(({ status }) => status)).not.toContain(503);
    expect(refused.length).toBeGreaterThan(0);
    for (const { body, headers } of refused) {
      expect([body.code, headers.get('retry-after')]).toEqual(['too_many_requests', '1']);
    }
    expect((await many.post('/v1/orders/preview', order)).status).toBe(200);
  });
});
