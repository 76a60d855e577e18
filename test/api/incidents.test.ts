// Incidents are listed, explained and retried, through the API and by the operator's command.
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
const printed: string[] = [];
const print = (line: string): void => void printed.push(line);

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
beforeEach(() => void printed.splice(0));

/** Sets the first day of Luxembourg's tax rate. It writes the row, because the API does not change a rate that is in force. */
async function setRate(validFrom: string): Promise<void> {
  const owner = await pool.connect();
  await owner.query(`begin; set local session_replication_role = replica;
    update tax_rates set valid_from = '${validFrom}' where country = 'LU'; commit`);
  owner.release();
}

/** Advances the clock, and returns it when its status is no longer `advancing`. */
async function advance(clock: string, to: string) {
  expect((await caller.post(`/v1/test-clocks/${clock}/advance`, { to })).status).toBe(202);
  const read = async () => (await caller.get(`/v1/test-clocks/${clock}`)).body;
  await expect
    .poll(async () => (await read()).status, { timeout: 50_000, interval: 25 })
    .not.toBe('advancing');
  return read();
}

it('an incident that stops a clock is listed and explained, and a retry closes it when its cause is removed', async () => {
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at: '2024-01-10T10:00:00Z' })).body.id;
  const { contract } = (
    await caller.post('/v1/orders', {
      customer: { party: { name: 'A' }, country: 'LU', time_zone: 'Europe/Luxembourg', clock },
      variant: 'pro',
    })
  ).body;
  await setRate('2090-01-01');
  const stuck = await advance(clock, '2024-03-01T10:00:00Z');
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
  expect(await listOpenIncidents(pool, print)).toBe(1);
  expect(printed[1]).toContain(id);
  expect(await showIncident(pool, id, print)).toBe(0);
  expect(printed.join('\n')).toMatch(
    new RegExp(`Contract ${contract}, on test clock ${clock}[^]*DomainError: `),
  );
  expect(printed.join('\n').match(/DomainError: /g)).toHaveLength(1);

  await setRate('2020-01-01');
  const retried = await caller.post(`/v1/incidents/${id}/retry`);
  expect([retried.status, retried.body.state]).toEqual([202, 'open']);
  await expect
    .poll(async () => (await caller.get(`/v1/incidents/${id}`)).body.state, { timeout: 30_000 })
    .toBe('closed');
  const again = await caller.post(`/v1/incidents/${id}/retry`);
  expect([again.status, again.body.code]).toEqual([409, 'incident_closed']);
  await expect(retryOne(pool, id, print)).rejects.toMatchObject({ code: 'incident_closed' });
  expect(await advance(clock, '2024-03-01T10:00:00Z')).toMatchObject({ status: 'ready', incidents: [] });
  expect((await caller.get(`/v1/incidents?contract=${contract}`)).body.data).toMatchObject([
    { id, state: 'closed' },
  ]);
});

it('an incident of a collection is counted and listed by the clock that it stops', async () => {
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

it('incidents are listed page by page, without those of other merchants', async () => {
  const { test: other } = await createMerchant(pool, 'Other');
  const theirs = await openIncident(pool, other, 'contract/con_x', 'settle', new Error('broken'));
  const opened = [];
  for (const n of [1, 2, 3])
    opened.push(
      await openIncident(pool, merchant, `collection/rec_${n}`, 'collect', new Error(`broken ${n}`)),
    );
  const first = (await caller.get('/v1/incidents?state=open&limit=2')).body;
  const second = (await caller.get(`/v1/incidents?state=open&limit=2&cursor=${first.next_cursor}`)).body;
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(opened.toReversed());
  expect(second.next_cursor).toBeNull();
  expect(first.data[0]).toMatchObject({
    reason: 'An unexpected error of Tenor.',
    code: null,
    advice: expect.stringContaining('`tenor incidents show`'),
  });
  expect((await caller.get(`/v1/incidents/${theirs}`)).status).toBe(404);
  expect((await caller.post(`/v1/incidents/${theirs}/retry`)).status).toBe(404);
  expect(await retryOne(pool, theirs, print)).toBe(0);
  expect(printed).toEqual(['contract/con_x retries the step. The incident closes when the step succeeds.']);
});
