// Relays share the messages that wait; what can never be delivered is kept and shown.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { discardOutbox, listOutbox, retryOutbox } from '../../../cli/outbox.ts';
import { LEASE_SECONDS, claim, delivered, failed, post } from '../../../db/platform/outbox.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { afterFailure } from '../../../relay/after-failure.ts';
import { type Relay, createRelay } from '../../../relay/relay.ts';
import { UNOBSERVED } from '../../../telemetry/observer.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { explaining } from '../../support/explaining.ts';
import { reachOf } from '../../support/reach.ts';

let database: TestDatabase;
let pool: Pool;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 10, onePlan: true });
  merchant = (await createMerchant(pool, 'Wolkenwerk')).live;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => rows(pool, 'delete from outbox'));

/** What a relay says and counts. */
const logged: object[] = [];
const dead: string[] = [];

function relayOn(of: Pool, wake: (workflowId: string) => Promise<void>): Relay {
  return createRelay({
    pool: of,
    reach: reachOf(wake),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: (fields) => void logged.push(fields) },
    observer: { ...UNOBSERVED, dead: ({ kind }) => void dead.push(kind) },
  });
}

async function wakes(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `contract/con_${n}`);
  await post(
    pool,
    merchant,
    ids.map((workflowId) => ({ kind: 'wake', workflowId, clockId: null })),
  );
  return ids;
}

/** As if so many seconds had passed. */
const pass = (seconds: number): Promise<object[]> =>
  rows(
    pool,
    `update outbox set due_at = due_at - make_interval(secs => $1), lease_until = lease_until - make_interval(secs => $1)`,
    [seconds],
  );
const states = (): Promise<object[]> =>
  rows(pool, 'select state, count(*)::int as n from outbox group by 1 order by 1');

describe('ten relays', () => {
  it('share the messages: each is sent once', async () => {
    const ids = await wakes(600);
    const pools = Array.from({ length: 10 }, () => createPool(database.url, { max: 2, onePlan: true }));
    const sent: string[][] = pools.map(() => []);
    await Promise.all(
      pools.map(async (own, n) => {
        const relay = relayOn(own, async (id) => void sent[n]!.push(id));
        while ((await relay.drainOnce()) > 0);
        await own.end();
      }),
    );
    expect(sent.flat().sort()).toEqual(ids.sort());
    expect(sent.filter((each) => each.length > 0).length).toBeGreaterThan(1);
    expect(await states()).toEqual([{ state: 'delivered', n: 600 }]);
  });

  it('leave alone what another one is at, however long it takes, and take it when its lease has ended', async () => {
    await wakes(1);
    const hangs = createPool(database.url, { max: 2 });
    const begun = new Promise<void>((resolve) => {
      const relay = relayOn(hangs, () => {
        resolve();
        return new Promise(() => undefined);
      });
      void relay.drainOnce();
    });
    await begun;
    await hangs.end(); // it died in the middle of it
    const sent: string[] = [];
    const other = relayOn(pool, async (id) => void sent.push(id));
    await pass(LEASE_SECONDS - 2);
    expect(await other.drainOnce()).toBe(0);
    await pass(3);
    expect(await other.drainOnce()).toBe(1);
    expect(sent).toEqual(['contract/con_0']);
    expect(await states()).toEqual([{ state: 'delivered', n: 1 }]);
  });

  it('do not undo each other: whose lease had ended changes nothing any more', async () => {
    await wakes(1);
    const [first] = await claim(pool);
    await pass(LEASE_SECONDS + 1);
    const [second] = await claim(pool);
    expect(second?.id).toBe(first?.id);
    expect(await failed(pool, first!, 'too late', { failures: 10, waitSeconds: null })).toBe(false);
    await delivered(pool, [second!.id]);
    expect(await failed(pool, second!, 'too late', { failures: 10, waitSeconds: null })).toBe(false);
    expect(await states()).toEqual([{ state: 'delivered', n: 1 }]);
  });

  it('find what is due by an index, however much waits for later', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, due_at)
       select $1, 'wake', 'contract/' || n, clock_timestamp() + interval '1 hour' from generate_series(1, 20000) n`,
      [merchant],
    );
    await rows(pool, 'analyze outbox');
    await wakes(200);
    const { asked, plan } = explaining(pool);
    expect(await claim(asked)).toHaveLength(50);
    expect(plan()).toContain('Index Scan using outbox_waiting');
    // The first merchant, the next ones, and the claim, also where few rows were due at the last look at statistics.
    expect(plan().match(/Scan using outbox_of_merchant/g)).toHaveLength(3);
    expect(plan()).not.toMatch(/Seq Scan on outbox/);
  });
});

describe('a message that can never be delivered', () => {
  /** Drains until nothing is due, again and again, as minutes go by. */
  async function drainFor(relay: Relay, times: number): Promise<number> {
    let tried = 0;
    for (let n = 0; n < times; n++) {
      tried += await relay.drainOnce();
      await pass(301);
    }
    return tried;
  }

  it('is a dead letter after ten tries, logged and counted once, listed, and delivered when it is tried again', async () => {
    await rows(pool, `insert into outbox (merchant_id, kind, object) values ($1, 'wake', 'nonsense')`, [
      merchant,
    ]);
    [logged.length, dead.length] = [0, 0];
    const broken = relayOn(pool, async () => {
      throw new RangeError('no workflow has the id nonsense');
    });
    expect(await drainFor(broken, 20)).toBe(10);
    expect(dead).toEqual(['wake']);
    expect(logged).toMatchObject([{ merchant, kind: 'wake', workflow_id: 'nonsense' }]);
    const [{ id } = { id: 0n }] = await rows<{ id: bigint }>(
      pool,
      `select id from outbox where state = 'dead'`,
    );

    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    expect(await listOutbox(pool, say)).toBe(1);
    expect(said[1]).toBe(
      `${id}  wake  nonsense  ${merchant}  10     RangeError: no workflow has the id nonsense`.replace(
        /^(\d+) +/,
        (_, n: string) => n.padEnd('message'.length + 2),
      ),
    );
    expect(said[2]).toBe('1 dead letters.');

    expect(await retryOutbox(pool, ['999999999'], say)).toBe(1);
    expect(await retryOutbox(pool, [id.toString()], say)).toBe(0);
    const sent: string[] = [];
    expect(await relayOn(pool, async (to) => void sent.push(to)).drainOnce()).toBe(1);
    expect(sent).toEqual(['nonsense']);
    expect(await listOutbox(pool, say)).toBe(0);
  });

  it('is given up by hand, and kept', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, state) values ($1, 'webhook', 'x', 'dead')`,
      [merchant],
    );
    const [{ id } = { id: 0n }] = await rows<{ id: bigint }>(pool, 'select id from outbox');
    await expect(discardOutbox(pool, ['all'], () => undefined)).rejects.toThrow(
      'all is not the number of a message',
    );
    expect(await discardOutbox(pool, [id.toString()], () => undefined)).toBe(0);
    expect(await states()).toEqual([{ state: 'void', n: 1 }]);
  });

  it('is not one that Temporal was away for, however long', async () => {
    await wakes(1);
    const away = relayOn(pool, async () => {
      throw Object.assign(new Error('14 UNAVAILABLE: no connection'), {
        code: 14,
        details: '',
        metadata: {},
      });
    });
    expect(await drainFor(away, 40)).toBe(40);
    expect(await states()).toEqual([{ state: 'waiting', n: 1 }]);
    const sent: string[] = [];
    expect(await relayOn(pool, async (id) => void sent.push(id)).drainOnce()).toBe(1);
    expect(sent).toEqual(['contract/con_0']);
  });

  it('waits longer each time', () => {
    const waits = Array.from(
      { length: 10 },
      (_, failures) => afterFailure({ tries: failures + 1, failures }, { passes: false }).waitSeconds,
    );
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, null]);
    const outage = [1, 2, 3, 7, 30].map(
      (tries) => afterFailure({ tries, failures: 9 }, { passes: true }).waitSeconds,
    );
    expect(outage).toEqual([1, 2, 4, 60, 60]);
  });
});
