// Expired rows are deleted in small batches, the oldest first, and no other rows are.
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../../../db/audit/audit.ts';
import { grantTo } from '../../../db/platform/grants.ts';
import { finishKey } from '../../../db/platform/idempotency.ts';
import { closeIncident, openIncident } from '../../../db/platform/incidents.ts';
import { loadConfig } from '../../../config.ts';
import { takeTokens } from '../../../db/platform/buckets.ts';
import { discardDeadLetters } from '../../../db/platform/dead-letters.ts';
import { claim, markDelivered, storeFailure, enqueue } from '../../../db/platform/outbox.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { RETENTION, RETENTION_KINDS, type RetentionKind, forget } from '../../../db/platform/retention.ts';
import { loadBacklog } from '../../../db/platform/backlog.ts';
import { recordProviderEvent } from '../../../engine/payments/provider-events.ts';
import { markSent } from '../../../engine/payments/attempts.ts';
import { loadAttempt } from '../../../db/payments/attempts.ts';
import { createRelay } from '../../../relay/relay.ts';
import { UNOBSERVED } from '../../../telemetry/observer.ts';
import { type Books, createBooks, createReceivable, createTestPool } from '../../support/fixtures.ts';
import { workflowsOf } from '../../support/workflows.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let books: Books;
beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  books = await createBooks(pool, { now: null });
});
afterAll(() => database.close());
beforeEach(() => pool.query('truncate outbox, incidents, idempotency_keys'));

/** Stores a wake for a workflow of that name. Returns its id. */
async function message(object: string): Promise<bigint> {
  await enqueue(pool, books.merchant, [{ kind: 'wake', workflowId: object, clockId: null }]);
  const { id } = await row<{ id: bigint }>(pool, 'select id from outbox where object = $1', [object]);
  return id;
}

/** Lets the given number of days pass since the messages were delivered or discarded. */
const age = (days: number, objects = '%'): Promise<object[]> =>
  rows(
    pool,
    'update outbox set done_at = done_at - make_interval(secs => 86400 * $1::float8) where object like $2',
    [days, objects],
  );
const messages = async (): Promise<string[]> =>
  (await rows<{ object: string }>(pool, 'select object from outbox order by id')).map(({ object }) => object);

describe('messages', () => {
  it('that were delivered or discarded are deleted a week later', async () => {
    for (const object of ['contract/new', 'contract/old']) await markDelivered(pool, [await message(object)]);
    const dead = await message('contract/discarded');
    await storeFailure(pool, { id: dead, tries: 0 }, 'nonsense', { failures: 10, waitSeconds: null });
    await discardDeadLetters(pool, [dead]);
    await age(8, 'contract/old');
    await age(8, 'contract/discarded');
    await age(6.9, 'contract/new');
    expect(await forget(pool, 'message', 7)).toBe(2);
    expect(await messages()).toEqual(['contract/new']);
  });

  it('that wait, are claimed, or are dead letters are kept, however old they are', async () => {
    await message('contract/waits');
    await message('contract/claimed');
    await rows(pool, `update outbox set due_at = due_at + interval '1 hour' where object = 'contract/waits'`);
    expect(await claim(pool)).toHaveLength(1);
    const dead = await message('contract/dead');
    await storeFailure(pool, { id: dead, tries: 0 }, 'nonsense', { failures: 10, waitSeconds: null });
    await rows(pool, `update outbox set due_at = due_at - interval '10 years'`);
    expect(await forget(pool, 'message', 1)).toBe(0);
    expect(await messages()).toEqual(['contract/waits', 'contract/claimed', 'contract/dead']);
  });

  it('are kept for a week after their delivery, also if they waited for a year', async () => {
    const id = await message('contract/late');
    await rows(pool, `update outbox set due_at = due_at - interval '1 year'`);
    await markDelivered(pool, [id]);
    expect(await forget(pool, 'message', 7)).toBe(0);
    await age(7.1);
    expect(await forget(pool, 'message', 7)).toBe(1);
  });

  it('are deleted in batches, the oldest first', async () => {
    for (const object of ['contract/1', 'contract/2', 'contract/3'])
      await markDelivered(pool, [await message(object)]);
    await age(8);
    await age(1, 'contract/2');
    expect(await forget(pool, 'message', 7, 2)).toBe(2);
    expect(await messages()).toEqual(['contract/3']);
  });

  it('are deleted by several relays at once, and none waits for another', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, state, done_at)
       select $1, 'wake', 'contract/' || n, 'delivered', clock_timestamp() - interval '8 days' from generate_series(1, 1000) n`,
      [books.merchant],
    );
    await inTransaction(pool, async (tx) => {
      expect(await forget(tx, 'message', 7, 400)).toBe(400);
      const others = await Promise.all(Array.from({ length: 3 }, () => forget(pool, 'message', 7, 200)));
      expect(others).toEqual([200, 200, 200]);
      expect(await forget(pool, 'message', 7, 200)).toBe(0);
    });
    expect(await messages()).toEqual([]);
  });
});

describe('provider events', () => {
  const record = async (attemptId: string, eventId: string): Promise<{ changed: boolean }> =>
    recordProviderEvent(pool, 'sandbox', {
      eventId,
      merchantId: books.merchant,
      providerObject: `sbi_${attemptId}`,
      type: 'succeeded',
      at: '2024-06-01T00:00:00.000Z',
    });

  it('lose their payload after its retention, but not their key: a repeated webhook of a year ago is ignored (rule 38)', async () => {
    const { attemptId } = await createReceivable(pool, books, 2900n);
    const attempt = await loadAttempt(pool, attemptId);
    await inTransaction(pool, (tx) =>
      markSent(tx, attempt!, `sbi_${attemptId}`, { leaseSeconds: 20, again: false }),
    );
    expect(await record(attemptId, 'evt_1')).toEqual({ changed: true });
    const bodies = (): Promise<object[]> =>
      rows(pool, `select event_id, type, changed, body is null as forgotten from provider_events`);
    expect(await forget(pool, 'payload', 90)).toBe(0);
    await asIfOld('provider_events', 'recorded_at', 366);
    expect(await forget(pool, 'payload', 90)).toBe(1);
    expect(await forget(pool, 'payload', 90)).toBe(0);
    expect(await bodies()).toEqual([
      { event_id: 'evt_1', type: 'succeeded', changed: true, forgotten: true },
    ]);
    expect(await record(attemptId, 'evt_1')).toEqual({ changed: false });
    expect(await row(pool, 'select count(*)::int as n from payments')).toEqual({ n: 1 });
    expect((await audit(pool)).filter(({ check }) => /payment|attempt|journal/.test(check))).toEqual([]);
  });

  it.each([
    ['deleted', 'delete from provider_events'],
    ['changed', `update provider_events set changed = not changed`],
    [
      'changed together with the deletion of its payload',
      `update provider_events set body = null, type = 'declined'`,
    ],
    ['given another payload', `update provider_events set body = '{}'`],
  ])('cannot be %s', async (_what, statement) => {
    await expect(pool.query(statement)).rejects.toThrow('provider_events is append-only');
  });
});

/** Makes rows older, without triggers, as their tables are append-only. */
async function asIfOld(table: string, column: string, days: number): Promise<void> {
  await pool.query(`begin; set local session_replication_role = replica;
    update ${table} set ${column} = ${column} - interval '${days} days'; commit`);
}

describe('incidents', () => {
  it('that are closed are deleted after a year, and open ones are kept', async () => {
    const [open, closed] = [
      await openIncident(pool, books.merchant, 'contract/a', 'settle', new Error('broken')),
      await openIncident(pool, books.merchant, 'contract/b', 'settle', new Error('broken')),
    ];
    await asIfOld('incidents', 'opened_at', 4000);
    await closeIncident(pool, books.merchant, closed);
    expect(await forget(pool, 'incident', 365)).toBe(0);
    await asIfOld('incidents', 'closed_at', 366);
    expect(await forget(pool, 'incident', 365)).toBe(1);
    expect(await rows(pool, 'select id from incidents')).toEqual([{ id: open }]);
  });
});

describe('buckets of rate limits', () => {
  const KEY = { perSecond: 100, burst: 200 };
  const take = (holder: string, wanted: number) =>
    takeTokens(pool, { merchant: books.merchant, holder, ...KEY }, wanted);
  const holders = async (): Promise<string[]> =>
    (await rows<{ holder: string }>(pool, 'select holder from rate_buckets order by holder')).map(
      ({ holder }) => holder,
    );
  const pass = (holder: string, hours: number): Promise<object[]> =>
    rows(
      pool,
      `update rate_buckets set refilled_at = refilled_at - make_interval(hours => $2) where holder = $1`,
      [holder, hours],
    );

  it('that were not used for a day are deleted, and are full when they are used again', async () => {
    for (const holder of ['key_unused', 'key_late', 'key_used']) await take(holder, 200);
    await pass('key_unused', 25);
    await pass('key_late', 23);
    expect(await forget(pool, 'bucket', RETENTION.bucket)).toBe(1);
    expect(await holders()).toEqual(['key_late', 'key_used']);
    expect(await take('key_unused', 20)).toEqual({ granted: 20, left: 180 });
  });

  it('that fill more slowly are kept until they are full: 259,200 tokens at one per second take three days', () => {
    const days = (env: object): number => Math.ceil(loadConfig({ ...env }).keep.bucket);
    expect(days({})).toBe(1);
    expect(days({ TENOR_KEY_RATE: '1', TENOR_KEY_BURST: '259200' })).toBe(3);
    expect(days({ TENOR_MERCHANT_RATE: '1', TENOR_MERCHANT_BURST: '259200' })).toBe(3);
  });
});

describe('the relay', () => {
  it('deletes all kinds after their configured retention, counts them, and reports the oldest row that is kept', async () => {
    await markDelivered(pool, [await message('contract/3-days'), await message('contract/1-day')]);
    await age(1, 'contract/1-day');
    await age(3, 'contract/3-days');
    await finishKey(pool, books.merchant, 'old', { requestHash: Buffer.from('x'), status: 201, body: {} });
    await rows(pool, `update idempotency_keys set created_at = created_at - interval '25 hours'`);
    const forgotten: Record<string, number> = {};
    const failures: object[] = [];
    const relay = createRelay({
      pool,
      workflows: workflowsOf(() => Promise.resolve()),
      deliverSandboxEvent: () => Promise.resolve(true),
      log: { warn: (fields) => void failures.push(fields) },
      keep: { ...RETENTION, message: 2 },
      observer: {
        ...UNOBSERVED,
        forgotten: ({ kind, count }) => void (forgotten[kind] = (forgotten[kind] ?? 0) + count),
      },
    });
    const stop = new AbortController();
    const running = relay.run(stop.signal);
    await expect.poll(() => ({ ...forgotten }), { interval: 20 }).toEqual({ message: 1, key: 1 });
    stop.abort();
    await running;
    expect(failures).toEqual([]);
    expect(await messages()).toEqual(['contract/1-day']);
    const oldest = (await loadBacklog(pool, [])).filter(({ name }) => name === 'tenor_kept_oldest_seconds');
    expect(oldest.map(({ labels }) => labels['kind'])).toEqual([...RETENTION_KINDS]);
    expect(Math.floor(oldest[0]!.value)).toBe(86_400);
  });

  it('needs only the rights of the role of API and worker', async () => {
    const role = 'tenor_app_that_forgets';
    await pool.query(`do $$ begin create role ${role}; exception when duplicate_object then null; end $$`);
    await grantTo(database.url, role);
    await markDelivered(pool, [await message('contract/old')]);
    await age(8);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`set role ${role}`);
    const counts: Partial<Record<RetentionKind, number>> = {};
    for (const kind of RETENTION_KINDS) counts[kind] = await forget(client, kind, RETENTION[kind]);
    await client.end();
    expect(counts).toMatchObject({ message: 1, incident: 0, key: 0 });
  });
});
