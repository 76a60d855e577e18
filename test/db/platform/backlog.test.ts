// The backlog of the database as metrics: by kind and age, and separately for live and test merchants.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backlog, loadBacklog } from '../../../db/platform/backlog.ts';
import { openIncident } from '../../../db/platform/incidents.ts';
import { type Pool, createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { type Books, createBooks, createReceivable, createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let live: Books;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  live = await createBooks(pool, { now: null });
});
afterAll(() => database.close());

/** The values of a metric that are not 0, as `label label: value`. Ages are in whole seconds. */
async function valuesOf(name: string): Promise<Record<string, number>> {
  const found = await loadBacklog(pool, ['sandbox']);
  return Object.fromEntries(
    found
      .filter((each) => each.name === name && each.value !== 0)
      .map(({ labels, value }) => [
        ['kind', 'mode', 'older_than', 'provider', 'step'].flatMap((label) => labels[label] ?? []).join(' '),
        Math.floor(value),
      ]),
  );
}

const putOnAgenda = (kind: string, id: string, due: string, clock: string | null = null) =>
  rows(
    pool,
    `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
     values ($1, $2, $3, $4, clock_timestamp() + $5::interval)`,
    [`${kind}/${id}`, live.merchant, kind, clock, due],
  );

it('the backlog is 0 for each kind if nothing waits', async () => {
  const found = await loadBacklog(pool, ['sandbox']);
  // The fixture has events, and they are kept for long.
  const waiting = found.filter(({ labels }) => labels['kind'] !== 'event');
  expect(waiting.filter(({ value }) => value !== 0)).toEqual([]);
  expect(found.map(({ labels }) => labels)).toContainEqual({
    kind: 'contract',
    mode: 'live',
    older_than: '900',
  });
  expect(found.map(({ labels }) => labels)).toContainEqual({ provider: 'sandbox', mode: 'test' });
});

it('due agenda rows are counted by age, without those on test clocks and those that are due later', async () => {
  const test = await createSampleMerchant(pool);
  const clock = await createClock(pool, test, '2024-01-01T00:00:00.000Z');
  await putOnAgenda('contract', 'new', '-5 s');
  await putOnAgenda('contract', 'late', '-100 s');
  await putOnAgenda('contract', 'later', '1 h');
  await putOnAgenda('contract', 'clocked', '-1 h', clock);
  await putOnAgenda('collection', 'old', '-2 days');
  expect(await valuesOf('tenor_due')).toEqual({
    'contract live 0': 2,
    'contract live 60': 1,
    'collection live 0': 1,
    'collection live 60': 1,
    'collection live 300': 1,
    'collection live 900': 1,
    'collection live 3600': 1,
    'collection live 86400': 1,
  });
  expect(await valuesOf('tenor_due_oldest_seconds')).toEqual({
    'contract live': 100,
    'collection live': 172_800,
  });
});

it('due messages are counted, and messages that failed several times', async () => {
  await rows(
    pool,
    `insert into outbox (merchant_id, kind, object, tries, last_error, state, due_at)
     select $1, kind, 'contract/x', tries, error, state, clock_timestamp() + due::interval from (values
       ('wake', 0, null, 'waiting', '-30 s'), ('wake', 5, null, 'waiting', '-10 s'), ('start', 9, 'refused', 'waiting', '40 s'),
       ('start', 10, 'refused', 'dead', '-1 h'), ('wake', 0, null, 'delivered', '-1 h'), ('command', 0, null, 'void', '-1 h'))
       m(kind, tries, error, state, due)`,
    [live.merchant],
  );
  expect(await valuesOf('tenor_outbox_due')).toEqual({ wake: 2 });
  expect(await valuesOf('tenor_outbox_oldest_seconds')).toEqual({ wake: 30 });
  expect(await valuesOf('tenor_outbox_failing')).toEqual({ wake: 1, start: 2 });
});

it('requested PDFs are counted, and those that failed several times', async () => {
  await rows(
    pool,
    `insert into pdf_requests (merchant_id, object_id, kind, tries, requested_at) values
       ($1, 'doc_1', 'document', 0, clock_timestamp() - interval '20 s'), ($1, 'doc_2', 'document', 5, clock_timestamp())`,
    [live.merchant],
  );
  expect(await valuesOf('tenor_pdfs_waiting')).toEqual({ '': 2 });
  expect(await valuesOf('tenor_pdfs_oldest_seconds')).toEqual({ '': 20 });
  expect(await valuesOf('tenor_pdfs_failing')).toEqual({ '': 1 });
});

it('open incidents are counted by step, unanswered attempts by provider, and stuck clocks', async () => {
  const test = await createSampleMerchant(pool);
  await openIncident(pool, test, 'contract/a', 'settle', new Error('broken'));
  await openIncident(pool, live.merchant, 'collection/b', 'collect', new Error('broken'));
  const { attemptId } = await createReceivable(pool, live, 100n);
  await rows(
    pool,
    `update attempts set state = 'unknown', sent_at = clock_timestamp() - interval '3 min' where id = $1`,
    [attemptId],
  );
  const clock = await createClock(pool, test, '2024-01-01T00:00:00.000Z');
  await rows(pool, `update test_clocks set status = 'stuck' where id = $1`, [clock]);
  expect(await valuesOf('tenor_incidents_open')).toEqual({ 'test settle': 1, 'live collect': 1 });
  expect(await valuesOf('tenor_charges_unanswered')).toEqual({ 'live sandbox': 1 });
  expect(await valuesOf('tenor_charges_unanswered_oldest_seconds')).toEqual({ 'live sandbox': 180 });
  expect(await valuesOf('tenor_clocks_stuck')).toEqual({ '': 1 });
});

it('webhooks are counted by the mode of their merchant, and the oldest one that an endpoint could have accepted', async () => {
  const test = await createSampleMerchant(pool);
  await rows(
    pool,
    `insert into webhook_endpoints (merchant_id, id, url, sealed_secret, failing_since) values
       ($1, 'whe_works', 'https://a.example', '', null), ($1, 'whe_fails', 'https://b.example', '', now()),
       ($2, 'whe_test', 'https://c.example', '', null)`,
    [live.merchant, test],
  );
  await rows(
    pool,
    `insert into webhook_deliveries (merchant_id, endpoint_id, event_id, object_id, sequence, state, due_at)
     select m, endpoint, event, 'doc_1', 1, state, clock_timestamp() + due::interval from (values
       ($1, 'whe_works', 'evt_1', 'waiting', '-50 s'), ($1, 'whe_works', 'evt_2', 'waiting', '1 h'),
       ($1, 'whe_works', 'evt_3', 'dead', '-1 day'), ($1, 'whe_works', 'evt_4', 'delivered', '-1 day'),
       ($1, 'whe_fails', 'evt_1', 'waiting', '-2 h'), ($2, 'whe_test', 'evt_5', 'waiting', '-5 s')) d(m, endpoint, event, state, due)`,
    [live.merchant, test],
  );
  expect(await valuesOf('tenor_webhooks_waiting')).toEqual({ live: 3, test: 1 });
  expect(await valuesOf('tenor_webhooks_dead')).toEqual({ live: 1 });
  expect(await valuesOf('tenor_webhooks_oldest_seconds')).toEqual({ live: 50, test: 5 });
  expect(await valuesOf('tenor_webhook_endpoints_failing')).toEqual({ live: 1 });
});

it('the backlog is read from indexes in their order, whatever the statistics, and from no growing table', async () => {
  const counting = createPool(database.url, { max: 1, inOrder: true });
  await counting.query('set enable_seqscan = off');
  const plan = await rows<{ 'QUERY PLAN': string }>(counting, `explain (generic_plan) ${backlog.text}`);
  await counting.end();
  const text = plan.map((line) => line['QUERY PLAN']).join('\n');
  // These tables have one row for each endpoint, and for each key in use.
  expect(new Set(text.match(/Seq Scan on \w+/g))).toEqual(
    new Set(['Seq Scan on webhook_endpoints', 'Seq Scan on rate_buckets']),
  );
  expect(text).not.toMatch(/Sort|Bitmap/);
  for (const index of [
    'agenda_waiting',
    'outbox_by_kind',
    'outbox_tried',
    'incidents_open',
    'attempts_unanswered',
    'webhook_deliveries_due',
    'webhook_deliveries_undelivered',
  ])
    expect(text).toMatch(new RegExp(`Index (Only )?Scan using ${index}`));
});

describe('a backlog', () => {
  it('is counted up to 10,000 for each kind and mode, and the oldest row and other kinds are still reported', async () => {
    const test = await createSampleMerchant(pool);
    await rows(
      pool,
      `insert into agenda (workflow_id, merchant_id, kind, due_at)
       select 'contract/many-' || n, $1, 'contract', clock_timestamp() - n * interval '1 min' from generate_series(1, 10001) n`,
      [test],
    );
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, due_at)
       select $1, 'start', 'contract/many-' || n, clock_timestamp() - n * interval '1 min' from generate_series(1, 10001) n`,
      [test],
    );
    const due = await valuesOf('tenor_due');
    // A day has 1,440 minutes.
    expect(due).toMatchObject({
      'contract test 0': 10_000,
      'contract test 60': 10_000,
      'contract test 86400': 8_562,
      'contract live 0': 2,
    });
    expect(await valuesOf('tenor_outbox_due')).toMatchObject({ start: 10_000, wake: 2 });
    const { 'contract test': oldestDue } = await valuesOf('tenor_due_oldest_seconds');
    const { start: oldestMessage } = await valuesOf('tenor_outbox_oldest_seconds');
    expect([oldestDue, oldestMessage].map((seconds = 0) => Math.floor(seconds / 60))).toEqual([
      10_001, 10_001,
    ]);
  });

  it('of messages that failed once does not hide messages that failed often', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, tries, last_error, due_at)
       select $1, 'command', 'contract/failed-' || n, case when n < 3 then 5 else 1 end, case when n <> 1 then 'unavailable' end,
         clock_timestamp() - n * interval '1 s' from generate_series(1, 100) n`,
      [live.merchant],
    );
    expect(await valuesOf('tenor_outbox_failing')).toMatchObject({ command: 2 });
  });
});

describe('the mode of a merchant', () => {
  it('is an error for an unknown merchant, so that no row is counted under a wrong mode', async () => {
    const test = await createSampleMerchant(pool);
    const of = (id: string) => rows(pool, 'select mode_of($1) as mode', [id]);
    expect(await of(live.merchant)).toEqual([{ mode: 'live' }]);
    expect(await of(test)).toEqual([{ mode: 'test' }]);
    await expect(of('mer_nobody')).rejects.toThrow('query returned no rows');
  });
});
