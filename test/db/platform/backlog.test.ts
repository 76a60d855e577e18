// What waits in the database, counted for metrics: by kind and age, for live and test merchants apart.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BACKLOG, loadBacklog } from '../../../db/platform/backlog.ts';
import { openIncident } from '../../../db/platform/incidents.ts';
import { type Pool, rows } from '../../../db/platform/pool.ts';
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

/** The counts of a name that are not 0, as `label label: value`; ages in whole seconds. */
async function counted(name: string): Promise<Record<string, number>> {
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

it('counts nothing where nothing waits, but shows each kind', async () => {
  const found = await loadBacklog(pool, ['sandbox']);
  expect(found.filter(({ value }) => value !== 0)).toEqual([]);
  expect(found.map(({ labels }) => labels)).toContainEqual({
    kind: 'contract',
    mode: 'live',
    older_than: '900',
  });
  expect(found.map(({ labels }) => labels)).toContainEqual({ provider: 'sandbox', mode: 'test' });
});

it('counts what is due and not done by its age, without what is on a test clock or due later', async () => {
  const test = await createSampleMerchant(pool);
  const clock = await createClock(pool, test, '2024-01-01T00:00:00.000Z');
  await putOnAgenda('contract', 'new', '-5 s');
  await putOnAgenda('contract', 'late', '-100 s');
  await putOnAgenda('contract', 'later', '1 h');
  await putOnAgenda('contract', 'clocked', '-1 h', clock);
  await putOnAgenda('collection', 'old', '-2 days');
  expect(await counted('tenor_due')).toEqual({
    'contract live 0': 2,
    'contract live 60': 1,
    'collection live 0': 1,
    'collection live 60': 1,
    'collection live 300': 1,
    'collection live 900': 1,
    'collection live 3600': 1,
    'collection live 86400': 1,
  });
  expect(await counted('tenor_due_oldest_seconds')).toEqual({
    'contract live': 100,
    'collection live': 172_800,
  });
});

it('counts messages that are due and not delivered, and those that fail again and again', async () => {
  await rows(
    pool,
    `insert into outbox (merchant_id, kind, object, tries, state, due_at)
     select $1, kind, 'contract/x', tries, state, clock_timestamp() + due::interval from (values
       ('wake', 0, 'waiting', '-30 s'), ('wake', 5, 'waiting', '-10 s'), ('start', 9, 'waiting', '40 s'),
       ('webhook', 10, 'dead', '-1 h'), ('wake', 0, 'delivered', '-1 h'), ('command', 0, 'void', '-1 h')) m(kind, tries, state, due)`,
    [live.merchant],
  );
  expect(await counted('tenor_outbox_due')).toEqual({ wake: 2 });
  expect(await counted('tenor_outbox_oldest_seconds')).toEqual({ wake: 30 });
  expect(await counted('tenor_outbox_failing')).toEqual({ wake: 1, start: 1, webhook: 1 });
});

it('counts open incidents by step, attempts without an answer by provider, and stuck clocks', async () => {
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
  expect(await counted('tenor_incidents_open')).toEqual({ 'test settle': 1, 'live collect': 1 });
  expect(await counted('tenor_charges_unanswered')).toEqual({ 'live sandbox': 1 });
  expect(await counted('tenor_charges_unanswered_oldest_seconds')).toEqual({ 'live sandbox': 180 });
  expect(await counted('tenor_clocks_stuck')).toEqual({ '': 1 });
});

it('reads indexes of what is open, never a table that grows with the business', async () => {
  const client = await pool.connect();
  await client.query('set enable_seqscan = off');
  const plan = await rows<{ 'QUERY PLAN': string }>(client, `explain ${BACKLOG}`, [[0], ['sandbox']]);
  client.release(true);
  const scanned = plan.flatMap((line) => /Seq Scan on (\w+)/.exec(line['QUERY PLAN'])?.[1] ?? []);
  expect(scanned.filter((table) => !['merchants', 'test_clocks'].includes(table))).toEqual([]);
});
