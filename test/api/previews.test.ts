// Previews of a merchant take turns, so that they keep nobody else waiting.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Threads, startThreads } from '../../api/calculator/threads.ts';
import { createTurns } from '../../api/limits/turns.ts';
import { givenUpBy } from '../../db/platform/call.ts';
import { createVault } from '../../db/parties/vault.ts';
import { OutOfTime } from '../../db/platform/transient.ts';
import { type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createSampleMerchant } from '../support/merchant.ts';

describe('turns', () => {
  /** Work that is done when it is told so. */
  function open(): { work: () => Promise<string>; done: () => void; begun: () => boolean } {
    let [begun, done]: [boolean, () => void] = [false, () => undefined];
    const until = new Promise<void>((resolve) => {
      done = resolve;
    });
    const work = async (): Promise<string> => {
      begun = true;
      await until;
      return 'done';
    };
    return { work, done, begun: () => begun };
  }

  it('are given in order, to two at once, while one waits and a third one is refused (rule 50)', async () => {
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

  it('go to the next in line when whoever is before gives up (rule 50)', async () => {
    const turns = createTurns({ atOnce: 1, waiting: 1 });
    const [a, b, c] = [open(), open(), open()];
    const leaving = new AbortController();
    const first = turns.take('Wolkenwerk', a.work);
    const gone = givenUpBy(leaving.signal, () => turns.take('Wolkenwerk', b.work));
    leaving.abort();
    await expect(gone).rejects.toBeInstanceOf(OutOfTime);
    const next = turns.take('Wolkenwerk', c.work);
    for (const each of [a, c]) each.done();
    expect([await first, await next, b.begun()]).toEqual(['done', 'done', false]);
  });

  it('come back after work that fails', async () => {
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

  it('take turns, and those beyond are told to ask again; another merchant orders meanwhile (rule 50)', async () => {
    const customer = { party: { name: 'Nordlicht' }, country: 'DE', time_zone: 'Europe/Berlin' };
    const [many, other] = [
      await api.caller(await createSampleMerchant(database.pool)),
      await api.caller(await createSampleMerchant(database.pool)),
    ];
    const named = (await many.post('/v1/customers', customer)).body.id;
    const order = { customer: named, variant: 'pro', components: [{ component: 'seat', quantity: 3 }] };
    const previews = Array.from({ length: 300 }, () => many.post('/v1/orders/preview', order));
    const ordered = await other.post('/v1/orders', { customer, variant: 'pro' });
    expect(ordered.status).toBe(202);
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
