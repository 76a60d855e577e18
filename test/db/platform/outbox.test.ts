// Relays share the waiting messages. Messages that can never be delivered are kept and listed.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { discardOutbox, listOutbox, retryOutbox } from '../../../cli/outbox.ts';
import { LEASE_SECONDS, claim, markDelivered, storeFailure, enqueue } from '../../../db/platform/outbox.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { afterFailure } from '../../../relay/after-failure.ts';
import { type Relay, createRelay } from '../../../relay/relay.ts';
import { UNOBSERVED } from '../../../telemetry/observer.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { explaining } from '../../support/explaining.ts';
import { workflowsOf } from '../../support/workflows.ts';

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

/** The warnings and dead letters that a relay reports. */
const logged: object[] = [];
const dead: string[] = [];

function relayOn(of: Pool, wake: (workflowId: string) => Promise<void>): Relay {
  return createRelay({
    pool: of,
    workflows: workflowsOf(wake),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: (fields) => void logged.push(fields) },
    observer: { ...UNOBSERVED, dead: ({ kind }) => void dead.push(kind) },
  });
}

async function postWakes(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => `contract/con_${n}`);
  await enqueue(
    pool,
    merchant,
    ids.map((workflowId) => ({ kind: 'wake', workflowId, clockId: null })),
  );
  return ids;
}

/** Lets the given number of seconds pass for all messages. */
const pass = (seconds: number): Promise<object[]> =>
  rows(
    pool,
    `update outbox set due_at = due_at - make_interval(secs => $1), lease_until = lease_until - make_interval(secs => $1)`,
    [seconds],
  );
const states = (): Promise<object[]> =>
  rows(pool, 'select state, count(*)::int as n from outbox group by 1 order by 1');

describe('ten relays', () => {
  it('share the messages, and each message is sent once', async () => {
    const ids = await postWakes(600);
    const pools = Array.from({ length: 10 }, () => createPool(database.url, { max: 2, onePlan: true }));
    const sent: string[][] = pools.map(() => []);
    await Promise.all(
      pools.map(async (own, n) => {
        const relay = relayOn(own, async (id) => void sent[n]!.push(id));
        while ((await relay.deliverBatch()) > 0);
        await own.end();
      }),
    );
    expect(sent.flat().sort()).toEqual(ids.sort());
    expect(sent.filter((each) => each.length > 0).length).toBeGreaterThan(1);
    expect(await states()).toEqual([{ state: 'delivered', n: 600 }]);
  });

  it('do not claim a message of a relay that died, until its lease has ended', async () => {
    await postWakes(1);
    const hangs = createPool(database.url, { max: 2 });
    const delivering = new Promise<void>((resolve) => {
      const relay = relayOn(hangs, () => {
        resolve();
        return new Promise(() => undefined);
      });
      void relay.deliverBatch();
    });
    await delivering;
    await hangs.end(); // this relay dies while it delivers
    const sent: string[] = [];
    const other = relayOn(pool, async (id) => void sent.push(id));
    await pass(LEASE_SECONDS - 2);
    expect(await other.deliverBatch()).toBe(0);
    await pass(3);
    expect(await other.deliverBatch()).toBe(1);
    expect(sent).toEqual(['contract/con_0']);
    expect(await states()).toEqual([{ state: 'delivered', n: 1 }]);
  });

  it('cannot change a message after their lease of it has ended', async () => {
    await postWakes(1);
    const [first] = await claim(pool);
    await pass(LEASE_SECONDS + 1);
    const [second] = await claim(pool);
    expect(second?.id).toBe(first?.id);
    expect(await storeFailure(pool, first!, 'too late', { failures: 10, waitSeconds: null })).toBe(false);
    await markDelivered(pool, [second!.id]);
    expect(await storeFailure(pool, second!, 'too late', { failures: 10, waitSeconds: null })).toBe(false);
    expect(await states()).toEqual([{ state: 'delivered', n: 1 }]);
  });

  it('find due messages with an index, however many are due later', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, due_at)
       select $1, 'wake', 'contract/' || n, clock_timestamp() + interval '1 hour' from generate_series(1, 20000) n`,
      [merchant],
    );
    await rows(pool, 'analyze outbox');
    await postWakes(200);
    const { asked, plan } = explaining(pool);
    expect(await claim(asked)).toHaveLength(50);
    expect(plan()).toContain('Index Scan using outbox_waiting');
    // Three scans: the first merchant, the next ones, and the claim, although the statistics say that few rows are due.
    expect(plan().match(/Scan using outbox_of_merchant/g)).toHaveLength(3);
    expect(plan()).not.toMatch(/Seq Scan on outbox/);
  });
});

describe('a message that can never be delivered', () => {
  /** Drains the outbox the given number of times, five minutes apart. Returns the number of attempts to deliver. */
  async function drainFor(relay: Relay, times: number): Promise<number> {
    let deliveries = 0;
    for (let n = 0; n < times; n++) {
      deliveries += await relay.deliverBatch();
      await pass(301);
    }
    return deliveries;
  }

  it('is a dead letter after ten tries, logged and counted once, and can be listed and retried', async () => {
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

    const printed: string[] = [];
    const print = (line: string): void => void printed.push(line);
    expect(await listOutbox(pool, print)).toBe(1);
    expect(printed[1]).toBe(
      `${id}  wake  nonsense  ${merchant}  10     RangeError: no workflow has the id nonsense`.replace(
        /^(\d+) +/,
        (_, n: string) => n.padEnd('message'.length + 2),
      ),
    );
    expect(printed[2]).toBe('1 dead letters.');

    expect(await retryOutbox(pool, ['999999999'], print)).toBe(1);
    expect(await retryOutbox(pool, [id.toString()], print)).toBe(0);
    const sent: string[] = [];
    expect(await relayOn(pool, async (to) => void sent.push(to)).deliverBatch()).toBe(1);
    expect(sent).toEqual(['nonsense']);
    expect(await listOutbox(pool, print)).toBe(0);
  });

  it('can be discarded by an operator, and stays in the table as void', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, state) values ($1, 'wake', 'x', 'dead')`,
      [merchant],
    );
    const [{ id } = { id: 0n }] = await rows<{ id: bigint }>(pool, 'select id from outbox');
    await expect(discardOutbox(pool, ['all'], () => undefined)).rejects.toThrow(
      'all is not the number of a message',
    );
    expect(await discardOutbox(pool, [id.toString()], () => undefined)).toBe(0);
    expect(await states()).toEqual([{ state: 'void', n: 1 }]);
  });

  it('is not one that fails because Temporal is unavailable, however often', async () => {
    await postWakes(1);
    const withoutTemporal = relayOn(pool, async () => {
      throw Object.assign(new Error('14 UNAVAILABLE: no connection'), {
        code: 14,
        details: '',
        metadata: {},
      });
    });
    expect(await drainFor(withoutTemporal, 40)).toBe(40);
    expect(await states()).toEqual([{ state: 'waiting', n: 1 }]);
    const sent: string[] = [];
    expect(await relayOn(pool, async (id) => void sent.push(id)).deliverBatch()).toBe(1);
    expect(sent).toEqual(['contract/con_0']);
  });

  it('is retried after 1 second and then after longer pauses, or each minute during an outage', () => {
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
