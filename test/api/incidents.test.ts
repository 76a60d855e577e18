// What cannot be done is listed, explained and tried again, through the API and by the operator's command.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { listOpenIncidents, retryOne, showIncident } from '../../cli/incidents.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { closeIncidentsOf, openIncident } from '../../db/platform/incidents.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let pool: Pool;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;
const said: string[] = [];
const say = (line: string): void => void said.push(line);

beforeAll(async () => {
  tenor = await startTestTenor();
  const { vault, providers } = tenor.parts;
  pool = tenor.parts.pool;
  merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await tenor.stop();
});
beforeEach(() => void said.splice(0));

/** From when on customers in Luxembourg can be taxed: a rate that is in force cannot be changed by the API. */
async function setRate(validFrom: string): Promise<void> {
  const owner = await pool.connect();
  await owner.query(`begin; set local session_replication_role = replica;
    update tax_rates set valid_from = '${validFrom}' where country = 'LU'; commit`);
  owner.release();
}

/** Answers how the clock stands once it no longer advances. */
async function advanced(clock: string, to: string) {
  expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { to })).status).toBe(202);
  const read = async () => (await caller.get(`/v1/test-clocks/${clock}`)).body;
  await expect
    .poll(async () => (await read()).status, { timeout: 50_000, interval: 25 })
    .not.toBe('advancing');
  return read();
}

it('names what holds up a clock, explains it, and tries it again once the cause is gone', async () => {
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-10T10:00:00Z' })).body.id;
  const { contract } = (
    await caller.post('/v1/orders', {
      customer: { party: { name: 'A' }, country: 'LU', time_zone: 'Europe/Luxembourg', clock },
      variant: 'pro',
    })
  ).body;
  await setRate('2090-01-01');
  const stuck = await advanced(clock, '2024-03-01T10:00:00Z');
  expect(stuck).toMatchObject({ status: 'stuck', incidents: [expect.stringMatching(/^inc_/)] });
  const [id] = stuck.incidents as [string];
  expect(stuck.problem).toContain(`incident ${id} of contract/${contract}`);

  const incident = {
    id,
    state: 'open',
    step: 'settle',
    workflow: `contract/${contract}`,
    contract,
    receivable: null,
    clock,
    code: 'tax_rate_missing',
    effect: 'The contract cannot take its next step. Nothing later is billed or decided there until it can.',
    reason: expect.stringContaining('LU'),
    advice: expect.stringContaining('/v1/tax-policies/{id}/rates'),
    opened_at: expect.any(String),
    closed_at: null,
  };
  expect((await caller.get(`/v1/incidents/${id}`)).body).toEqual(incident);
  for (const query of [`contract=${contract}`, `clock=${clock}`, 'state=open'])
    expect((await caller.get(`/v1/incidents?${query}`)).body).toEqual({
      data: [incident],
      next_cursor: null,
    });
  expect((await caller.get('/v1/incidents?state=closed')).body.data).toEqual([]);
  expect(await listOpenIncidents(pool, say)).toBe(1);
  expect(said[1]).toContain(id);
  expect(await showIncident(pool, id, say)).toBe(0);
  expect(said.join('\n')).toMatch(
    new RegExp(`Contract ${contract}, on test clock ${clock}[^]*DomainError: `),
  );
  expect(said.join('\n').match(/DomainError: /g)).toHaveLength(1);

  await setRate('2020-01-01');
  const retried = await caller.post(`/v1/incidents/${id}/retry`);
  expect([retried.status, retried.body.state]).toEqual([202, 'open']);
  await expect
    .poll(async () => (await caller.get(`/v1/incidents/${id}`)).body.state, { timeout: 30_000 })
    .toBe('closed');
  const again = await caller.post(`/v1/incidents/${id}/retry`);
  expect([again.status, again.body.code]).toEqual([409, 'incident_closed']);
  await expect(retryOne(pool, id, say)).rejects.toMatchObject({ code: 'incident_closed' });
  expect(await advanced(clock, '2024-03-01T10:00:00Z')).toMatchObject({ status: 'ready', incidents: [] });
  expect((await caller.get(`/v1/incidents?contract=${contract}`)).body.data).toMatchObject([
    { id, state: 'closed' },
  ]);
});

it('of a collection is counted by the clock that it holds up, as it is listed there', async () => {
  const clock = (await caller.post('/v1/test-clocks', { name: 'D', at: '2024-01-10T10:00:00Z' })).body.id;
  const { contract } = (
    await caller.post('/v1/orders', {
      customer: { party: { name: 'B' }, country: 'DE', time_zone: 'Europe/Berlin', clock },
      variant: 'pro',
    })
  ).body;
  const found = await pool.query<{ id: string }>('select id from receivables where contract_id = $1', [
    contract,
  ]);
  const [receivable] = found.rows;
  const workflow = `collection/${receivable?.id}`;
  const id = await openIncident(pool, merchant, workflow, 'collect', new Error('broken'));
  const { open, incidents } = (await caller.get(`/v1/test-clocks/${clock}`)).body;
  expect([open.incidents, incidents]).toEqual([1, [id]]);
  await closeIncidentsOf(pool, workflow);
});

it("is listed page by page, and never with another merchant's", async () => {
  const { test: other } = await createMerchant(pool, 'Other');
  const theirs = await openIncident(pool, other, 'contract/con_x', 'settle', new Error('broken'));
  const opened = [];
  for (const n of [1, 2, 3])
    opened.push(
      await openIncident(pool, merchant, `collection/rec_${n}`, 'collect', new Error(`broken ${n}`)),
    );
  const first = (await caller.get('/v1/incidents?state=open&limit=2')).body;
  const second = (await caller.get(`/v1/incidents?state=open&limit=2&cursor=${first.next_cursor}`)).body;
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(opened);
  expect(second.next_cursor).toBeNull();
  expect(first.data[0]).toMatchObject({
    reason: 'broken 1',
    code: null,
    advice: expect.stringContaining('`tenor incidents show`'),
  });
  expect((await caller.get(`/v1/incidents/${theirs}`)).status).toBe(404);
  expect((await caller.post(`/v1/incidents/${theirs}/retry`)).status).toBe(404);
  expect(await retryOne(pool, theirs, say)).toBe(0);
  expect(said).toEqual(['contract/con_x tries again; the incident closes when the step is done']);
});
