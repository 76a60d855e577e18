// Jobs over many billing accounts, on real workflows and test clocks.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { type Caller, type Json, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { rows } from '../support/rows.ts';
import { liveUntil } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;
let issuer: string;
let tax_policy: string;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(await createSampleMerchant(pool));
  issuer = (await caller.get('/v1/issuers')).body.data[0].id;
  tax_policy = (await caller.get('/v1/tax-policies')).body.data[0].id;
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

async function created(path: string, body: object): Promise<Json> {
  const answer = await caller.post(path, body);
  expect(answer.body).toMatchObject({ id: expect.any(String) });
  return answer.body;
}

/** A clock at 2024-01-10, 10:00 in Berlin. */
const clockAt = (at = '2024-01-10T09:00:00.000Z'): Promise<string> =>
  created('/v1/test-clocks', { name: 'jobs', at }).then(({ id }) => id);

async function customerOn(where: object): Promise<string> {
  const home = { party: { name: 'Tenant' }, country: 'DE', time_zone: 'Europe/Berlin' };
  return (await created('/v1/customers', { ...home, ...where })).id;
}

/** A collective account that is run by hand only. It pays by card if `pays`. */
async function accountOf(customer: string, { pays = false } = {}): Promise<string> {
  const card = { customer, provider: 'sandbox', token: 'card' };
  const method = pays ? { payment_method: (await created('/v1/payment-methods', card)).id } : {};
  const kind = { kind: 'collective', price_mode: 'net', ...method };
  return (await created('/v1/billing-accounts', { customer, issuer, currency: 'EUR', ...kind })).id;
}

async function ordered(customer: string, account: string, more: object = {}): Promise<string> {
  const placed = await caller.post('/v1/orders', { customer, account, variant: 'pro', ...more });
  expect(placed.status).toBe(201);
  return placed.body.contract;
}

/** Waits until a job has ended, and returns it without its ids and instants. */
async function ended(id: string): Promise<object> {
  const read = () => caller.get(`/v1/account-jobs/${id}`).then(({ body }) => body);
  await expect.poll(async () => (await read()).ended_at, { timeout: 30_000 }).not.toBeNull();
  const { state, accounts, done, skipped, failed, contracts } = await read();
  return { state, accounts, done, skipped, failed, contracts };
}

const itemsOf = (job: string): Promise<Json[]> =>
  caller.get(`/v1/account-jobs/${job}/accounts`).then(({ body }) => body.data);

const contractOf = (id: string): Promise<Json> => caller.get(`/v1/contracts/${id}`).then(({ body }) => body);

describe('a job that bills the accounts of a customer and its descendants (rule 54)', () => {
  it('makes the documents that its preview named, and skips an immediate account', async () => {
    const clock = await clockAt();
    const platform = await customerOn({ clock });
    const tenant = await customerOn({ parent: platform });
    const [own, below] = [await accountOf(platform), await accountOf(tenant)];
    await created('/v1/billing-accounts', { customer: tenant, issuer, currency: 'EUR', name: 'immediate' });
    await ordered(platform, own, { components: [{ component: 'seat', quantity: '2' }] });
    await ordered(platform, own);
    await ordered(tenant, below);
    const { body: preview, status } = await caller.post('/v1/account-jobs/preview', { customer: platform });
    expect(status).toBe(200);
    // 99.00 + 18.00 + 99.00 = 216.00 and 41.04 of tax; 99.00 and 18.81 of tax.
    expect(preview).toEqual({
      sums: [{ currency: 'EUR', documents: 2, net: '315.00', tax: '59.85', gross: '374.85' }],
      accounts: [
        {
          account: own,
          customer: platform,
          currency: 'EUR',
          lines: 3,
          contracts_behind: 0,
          net: '216.00',
          tax: '41.04',
          gross: '257.04',
        },
        {
          account: below,
          customer: tenant,
          currency: 'EUR',
          lines: 1,
          contracts_behind: 0,
          net: '99.00',
          tax: '18.81',
          gross: '117.81',
        },
      ],
    });
    expect((await happened(tenor.parts.pool, clock)).documents).toEqual([]);
    const { id } = await created('/v1/account-jobs', { kind: 'bill', customer: platform });
    expect(await ended(id)).toEqual({
      state: 'done',
      accounts: 3,
      done: 2,
      skipped: 1,
      failed: 0,
      contracts: 0,
    });
    const invoices = await Promise.all(
      (await itemsOf(id)).map(async ({ account, code, invoice }) => {
        const document = invoice === null ? null : (await caller.get(`/v1/invoices/${invoice}`)).body;
        return { account, code, gross: document?.gross };
      }),
    );
    expect(invoices).toEqual([
      { account: own, code: null, gross: '257.04' },
      { account: below, code: null, gross: '117.81' },
      { account: expect.any(String), code: 'account_not_collective', gross: undefined },
    ]);
    expect((await caller.post('/v1/account-jobs/preview', { customer: platform })).body).toEqual({
      sums: [],
      accounts: [],
    });
  });

  it('makes one document of each charge, also if two jobs run at once', async () => {
    const clock = await clockAt();
    const platform = await customerOn({ clock });
    const account = await accountOf(platform);
    await ordered(platform, account);
    const jobs = await Promise.all([
      created('/v1/account-jobs', { kind: 'bill', account }),
      created('/v1/account-jobs', { kind: 'bill', customer: platform }),
    ]);
    for (const { id } of jobs) expect(await ended(id)).toMatchObject({ state: 'done', done: 1, failed: 0 });
    expect((await happened(tenor.parts.pool, clock)).documents).toEqual([expect.stringContaining('117.81')]);
  });

  it('stops between two accounts, and leaves the others as they are', async () => {
    const platform = await customerOn({});
    for (let n = 0; n < 3; n++) await accountOf(platform);
    const { id } = await created('/v1/account-jobs', { kind: 'bill', customer: platform });
    const stopped = await caller.post(`/v1/account-jobs/${id}/stop`, {});
    expect(stopped.status).toBe(202);
    const { state, done, accounts } = (await ended(id)) as Json;
    expect(accounts).toBe(3);
    expect(state).toBe(done === 3 ? 'done' : 'stopped');
    expect((await itemsOf(id)).filter((each) => each.state === 'waiting')).toHaveLength(3 - done);
  });
});

describe('a deactivated account', () => {
  it('has no new charges, no runs and no collection, keeps its balance, and takes receipts', async () => {
    const clock = await clockAt();
    const customer = await customerOn({ clock });
    const account = await accountOf(customer);
    const [first, second] = [await ordered(customer, account), await ordered(customer, account)];
    const { id: paused } = await caller
      .post(`/v1/contracts/${second}/commands`, { kind: 'pause', reason: 'customer', effective: 'now' })
      .then(({ body }) => body);
    expect(paused).toEqual(expect.any(String));
    const bill = (await created('/v1/account-jobs', { kind: 'bill', account })).id;
    expect(await ended(bill)).toMatchObject({ done: 1 });

    const off = (await created('/v1/account-jobs', { kind: 'deactivate', account })).id;
    expect(await ended(off)).toEqual({
      state: 'done',
      accounts: 1,
      done: 1,
      skipped: 0,
      failed: 0,
      contracts: 2,
    });
    await liveUntil(caller, clock, '2024-03-15T09:00:00.000Z');
    expect((await contractOf(first)).pause_reasons).toEqual(['deactivated']);
    expect((await contractOf(second)).pause_reasons).toEqual(['customer', 'deactivated']);
    const of = (await caller.get(`/v1/billing-accounts/${account}`)).body;
    // Two months of 99.00, which were billed before: 198.00 and 37.62 of tax.
    expect(of).toMatchObject({ balance: '-235.62', deactivated_at: '2024-01-10T09:00:00.000Z' });

    const refused = { status: 409, body: { code: 'account_deactivated' } };
    const order = { customer, account, variant: 'pro' };
    expect(await caller.post('/v1/orders', order)).toMatchObject(refused);
    expect(await caller.post(`/v1/billing-accounts/${account}/runs`, {})).toMatchObject(refused);
    const resume = (reason: string) =>
      caller.post(`/v1/contracts/${second}/commands`, { kind: 'resume', reason });
    expect(await resume('customer')).toMatchObject(refused);
    expect(await resume('deactivated')).toMatchObject({ status: 400 });
    const charge = {
      customer,
      account,
      text: 'Workshop',
      currency: 'EUR',
      quantity: '1',
      unit_price: '10.00',
      tax_policy,
      price_mode: 'net',
      bill: 'now',
    };
    expect(await caller.post('/v1/one-time-charges', charge)).toMatchObject(refused);

    const receipt = { amount: '35.62', reference: 'bank-1' };
    expect((await caller.post(`/v1/billing-accounts/${account}/receipts`, receipt)).status).toBe(201);

    const on = (await created('/v1/account-jobs', { kind: 'activate', account })).id;
    expect(await ended(on)).toMatchObject({ state: 'done', done: 1, contracts: 2 });
    await expect.poll(async () => (await contractOf(first)).pause_reasons, { timeout: 20_000 }).toEqual([]);
    await expect
      .poll(async () => (await contractOf(second)).pause_reasons, { timeout: 20_000 })
      .toEqual(['customer']);
    expect((await caller.get(`/v1/billing-accounts/${account}`)).body).toMatchObject({
      balance: '-200.00',
      deactivated_at: null,
    });
    const events = (await caller.get(`/v1/events?object=${account}`)).body.data;
    expect(events.map(({ type }: { type: string }) => type)).toEqual([
      'account.activated',
      'account.deactivated',
      'account.run_finished',
    ]);
  });

  it('is skipped by a second job of the same kind', async () => {
    const account = await accountOf(await customerOn({}));
    for (const n of [1, 2]) {
      const { id } = await created('/v1/account-jobs', { kind: 'deactivate', account });
      expect(await ended(id)).toMatchObject({ state: 'done', done: 2 - n, skipped: n - 1 });
    }
  });

  it('names a contract that has not started, as it cannot pause', async () => {
    const customer = await customerOn({ clock: await clockAt() });
    const account = await accountOf(customer);
    const later = await ordered(customer, account, { start: '2024-03-01' });
    const { id } = await created('/v1/account-jobs', { kind: 'deactivate', account });
    expect(await ended(id)).toMatchObject({ state: 'done', failed: 1, contracts: 0 });
    const detail = `not started yet, so they are not paused: ${later}`;
    expect(await itemsOf(id)).toMatchObject([{ state: 'failed', code: 'contract_not_started', detail }]);
    const cancel = { kind: 'cancel', effective: 'now' };
    expect((await caller.post(`/v1/contracts/${later}/commands`, cancel)).status).toBe(200);
  });

  it('gets its contracts paused by a second job, if the first one failed after it had begun', async () => {
    const customer = await customerOn({ clock: await clockAt() });
    const account = await accountOf(customer);
    const contract = await ordered(customer, account);
    // The state after a first transaction that asked no contract yet.
    const { pool } = tenor.parts;
    await rows(pool, 'update billing_accounts set deactivated_at = clock_timestamp() where id = $1', [
      account,
    ]);
    const { id } = await created('/v1/account-jobs', { kind: 'deactivate', account });
    expect(await ended(id)).toMatchObject({ state: 'done', done: 1, contracts: 1 });
    await expect
      .poll(async () => (await contractOf(contract)).pause_reasons, { timeout: 20_000 })
      .toEqual(['deactivated']);
  });

  it('is reported by a job that bills', async () => {
    const account = await accountOf(await customerOn({}));
    await ended((await created('/v1/account-jobs', { kind: 'deactivate', account })).id);
    const { id } = await created('/v1/account-jobs', { kind: 'bill', account });
    expect(await ended(id)).toMatchObject({ state: 'done', done: 0, failed: 1 });
    expect(await itemsOf(id)).toMatchObject([{ state: 'failed', code: 'account_deactivated' }]);
  });
});

it.each([
  [{ kind: 'bill' }, 400, 'account'],
  [{ kind: 'bill', account: 'acc_1', issuer: 'iss_1' }, 400, 'account'],
  [{ kind: 'close', account: 'acc_1' }, 400, 'kind'],
  [{ kind: 'bill', customer: 'nobody' }, 422, 'customer'],
])('the job %j is refused and leaves no trace', async (body, status, field) => {
  const before = (await caller.get('/v1/account-jobs')).body.data.length;
  const answer = await caller.post('/v1/account-jobs', body);
  expect(answer).toMatchObject({ status, body: { errors: [{ field }] } });
  expect((await caller.get('/v1/account-jobs')).body.data).toHaveLength(before);
});
