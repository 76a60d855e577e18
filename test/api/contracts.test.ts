// Orders, commands and their results over HTTP, decided by real workflows.
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimOf } from '../../db/platform/idempotency.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, engineWithoutTemporal, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let merchant: MerchantId;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await tenor.stop();
});

async function newClock(at: string): Promise<string> {
  return (await caller.post('/v1/test-clocks', { name: 'year', at })).body.id;
}

async function advance(clock: string, to: string): Promise<void> {
  const accepted = await caller.post(`/v1/test-clocks/${clock}/advance`, { to });
  expect([accepted.status, accepted.body.id]).toEqual([202, clock]);
  // A clock on which nothing is due may have arrived before its answer is read.
  const arrived = { status: 'ready', now: to, target: null };
  await expect
    .poll(async () => (await caller.get(`/v1/test-clocks/${clock}`)).body, { timeout: 30_000, interval: 25 })
    .toMatchObject(arrived);
}

const customer = (clock: string) => ({
  party: { name: 'Nordlicht Software GmbH', address: { city: 'Kiel' } },
  country: 'DE',
  time_zone: 'Europe/Berlin',
  clock,
});
const card = { provider: 'sandbox', token: 'card' };

async function placeOrder(variant: string, at: string, more: object = {}) {
  const clock = await newClock(at);
  const answer = await caller.post('/v1/orders', {
    customer: customer(clock),
    variant,
    payment_method: card,
    ...more,
  });
  expect(answer.body).toMatchObject({ command: { state: 'applied' } });
  expect(answer.status).toBe(201);
  return { clock, ...answer.body };
}

it('`due_before` finds the contracts that are next due before an instant', async () => {
  const { contract } = await placeOrder('pro', '2023-12-31T23:00:00Z');
  const dueBefore = async (instant: string): Promise<string[]> => {
    const { status, body } = await caller.get(`/v1/contracts?due_before=${instant}&limit=100`);
    expect(status).toBe(200);
    return body.data.map((each: { id: string }) => each.id);
  };
  expect(await dueBefore('2024-01-31T23:00:00.001Z')).toContain(contract);
  expect(await dueBefore('2024-01-31T23:00:00.000Z')).not.toContain(contract);
});

const ask = (contract: string, body: object, headers = {}) =>
  caller.post(`/v1/contracts/${contract}/commands`, body, headers);

describe('a contract through the API', () => {
  it('is ordered, billed, upgraded and paid as its previews said, and nothing else happens', async () => {
    const clock = await newClock('2023-12-31T23:00:00Z');
    const order = { customer: customer(clock), variant: 'pro', payment_method: card };
    const preview = await caller.post('/v1/orders/preview', order);
    expect(preview.body.documents).toMatchObject([
      { kind: 'invoice', net: '99.00', tax: '18.81', gross: '117.81', lines: [{ text: 'Pro monthly' }] },
    ]);
    expect(preview.body.next_billing).toMatchObject({ date: '2024-02-01', gross: '117.81' });
    expect((await caller.get(`/v1/customers?clock=${clock}`)).body.data).toEqual([]);

    const { contract, customer: customerId } = (await caller.post('/v1/orders', order)).body;
    await advance(clock, '2024-02-09T23:00:00.000Z');
    const change = {
      kind: 'change',
      components: { add: [{ component: 'seat', quantity: 3 }] },
      effective: 'now',
    };
    const planned = await caller.post(`/v1/contracts/${contract}/commands/preview`, change);
    const command = await ask(contract, change);
    expect(command.status).toBe(200);
    expect(command.body).toMatchObject({ state: 'applied', kind: 'change', refusal: null });

    const invoice = (await caller.get(`/v1/invoices/${command.body.document}`)).body;
    expect(invoice).toMatchObject({
      kind: 'invoice',
      contract,
      customer: customerId,
      net: '18.62',
      tax: '3.54',
      gross: '22.16',
      from: { name: 'Wolkenwerk GmbH' },
      to: { name: 'Nordlicht Software GmbH', address: { city: 'Kiel' } },
      lines: [{ position: 1, text: 'Seat', quantity: '3', unit_price: '9', amount: '18.62', tax_rate: '19' }],
      taxes: [{ rate: '19', net: '18.62', tax: '3.54' }],
    });
    const explained = (await caller.get(`/v1/invoices/${invoice.id}/explain`)).body;
    expect(explained.lines[0].explanation).toBe(
      'Seat, 2024-02-10 to 2024-02-29: 3 × 9.00 = 27.00, for 20 of 29 days of the period 2024-02-01 to 2024-02-29: ' +
        '27.00 × 20 ÷ 29 = 18.620689…, rounded half away from zero to 18.62 EUR net, because the contract was ' +
        'changed. Tax of 19 % (DE) is added to the sum of all net lines at that rate.',
    );
    expect(explained.lines[0].tax).toMatchObject({ category: 'standard', country: 'DE' });
    const german = (await caller.get(`/v1/invoices/${invoice.id}/explain?language=de`)).body;
    expect(german.lines[0].explanation).toContain(
      'Seat, 10.02.2024 bis 29.02.2024: 3 × 9,00 = 27,00, für 20 von 29',
    );
    const printed = await caller.get(`/v1/invoices/${invoice.id}/print?language=de`);
    expect(printed.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const rows = (printed.body as string).split('\n').map((row) => row.replace(/ +/g, ' ').trim());
    expect(rows).toContain('1 10.02.2024 bis 29.02.2024 Seat 3 9,00 18,62');
    expect(rows.filter((row) => /^(20 von|Netto|USt. 19|Gesamt)/.test(row))).toEqual([
      '20 von 29 Tagen',
      'Netto 18,62',
      'USt. 19 % 3,54',
      'Gesamtbetrag EUR 22,16',
    ]);
    expect((await caller.get(`/v1/invoices/${invoice.id}/print`)).body).toContain('Total EUR');
    const french = await caller.get(`/v1/invoices/${invoice.id}/explain?language=fr`);
    expect([french.status, french.body.errors[0].field]).toEqual([400, 'language']);
    // A preview has no id of the subscription, which only the command creates.
    const [{ subscription, ...line }, ...others] = planned.body.documents[0].lines;
    expect([subscription, others]).toEqual([null, []]);
    expect(explained.lines).toMatchObject([line]);

    await advance(clock, '2024-02-10T23:00:00.000Z');
    const read = (await caller.get(`/v1/contracts/${contract}`)).body;
    expect(read).toMatchObject({
      phase: 'normal',
      anchor: '2024-01-01',
      variant: { name: 'Pro monthly', fee: '99.00' },
      subscriptions: [{ name: 'Seat', quantity: '3', since: '2024-02-09T23:00:00.000Z' }],
      next_due_at: '2024-02-29T23:00:00.000Z',
      next_billing: { date: '2024-03-01', net: '126.00', gross: '149.94' },
      balance: '0.00',
    });
    const invoices = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
    expect(invoices.map((each: { gross: string; state: string }) => [each.gross, each.state])).toEqual([
      ['117.81', 'paid'],
      ['117.81', 'paid'],
      ['22.16', 'paid'],
    ]);
    const attempts = (await caller.get(`/v1/attempts?account=${read.account}`)).body.data;
    expect(attempts.map((each: { state: string }) => each.state)).toEqual([
      'succeeded',
      'succeeded',
      'succeeded',
    ]);
    const entries = (await caller.get(`/v1/billing-accounts/${read.account}/entries?sort=at&limit=4`)).body;
    expect(
      entries.data.map((each: { amount: string; balance: string }) => [each.amount, each.balance]),
    ).toEqual([
      ['-117.81', '-117.81'],
      ['117.81', '0.00'],
      ['-117.81', '-117.81'],
      ['117.81', '0.00'],
    ]);
    const rest = await caller.get(
      `/v1/billing-accounts/${read.account}/entries?sort=at&cursor=${entries.next_cursor}`,
    );
    expect(rest.body.data).toHaveLength(2);
    expect(rest.body.next_cursor).toBeNull();
  });

  it('schedules a change, refuses a second one as `scheduled_change_exists`, and withdraws the first', async () => {
    const { contract } = await placeOrder('pro', '2024-01-01T12:00:00Z');
    const down = { kind: 'change', variant: 'basic', effective: 'period_end' };
    const scheduled = await ask(contract, down);
    expect(scheduled.body).toMatchObject({
      state: 'applied',
      document: null,
      scheduled_for: '2024-01-31T23:00:00.000Z',
    });
    expect((await caller.get(`/v1/contracts/${contract}`)).body.scheduled).toMatchObject([
      { command: scheduled.body.id, due_date: '2024-02-01' },
    ]);
    const second = await ask(contract, down);
    expect(second.status).toBe(409);
    expect(second.headers.get('content-type')).toContain('application/problem+json');
    expect(second.body).toMatchObject({
      status: 409,
      code: 'scheduled_change_exists',
      command: expect.stringMatching(/^cmd_/),
    });
    const stored = (await caller.get(`/v1/commands/${second.body.command}`)).body;
    expect(stored).toMatchObject({ state: 'refused', refusal: { code: 'scheduled_change_exists' } });
    const withdrawn = await ask(contract, { kind: 'withdraw', command: scheduled.body.id });
    expect(withdrawn.body.state).toBe('applied');
    expect((await caller.get(`/v1/contracts/${contract}`)).body.scheduled).toEqual([]);
    const commands = (await caller.get(`/v1/contracts/${contract}/commands`)).body.data;
    expect(commands.map((each: { kind: string; state: string }) => [each.kind, each.state])).toEqual([
      ['order', 'applied'],
      ['change', 'applied'],
      ['change', 'refused'],
      ['withdraw', 'applied'],
    ]);
  });

  it('refuses a command after its end, and a date before its start', async () => {
    const { contract } = await placeOrder('free', '2024-01-10T12:00:00Z');
    const early = await ask(contract, { kind: 'change', variant: 'pro', effective: '2024-01-09' });
    expect([early.status, early.body.code]).toEqual([409, 'before_contract_start']);
    expect((await ask(contract, { kind: 'cancel', effective: 'now' })).body.state).toBe('applied');
    const late = await ask(contract, { kind: 'pause' });
    expect([late.status, late.body.code]).toEqual([409, 'contract_ended']);
    expect((await caller.get(`/v1/contracts/${contract}`)).body).toMatchObject({
      phase: 'ended',
      next_billing: null,
    });
  });

  it.each([
    [{ kind: 'change', effective: 'now' }, 400, 'invalid_request', 'components'],
    [{ kind: 'change', variant: 'pro', effective: 'tomorrow' }, 422, 'invalid_date', 'effective'],
    [{ kind: 'change', variant: 'pro', effective: '2024-02-30' }, 422, 'invalid_date', 'effective'],
    [{ kind: 'change', variant: 'pro' }, 400, 'invalid_request', 'effective'],
    [{ kind: 'pause', reason: 'dunning' }, 400, 'invalid_request', 'reason'],
    [{ kind: 'refund' }, 400, 'invalid_request', 'kind'],
    [
      { kind: 'change', components: { remove: ['sub_1', 'sub_2', 'sub_1'] }, effective: 'now' },
      400,
      'invalid_request',
      'components.remove',
    ],
    [
      { kind: 'change', components: { add: [{ component: 'seat', quantity: -1 }] }, effective: 'now' },
      422,
      'invalid_quantity',
      'components.add[0].quantity',
    ],
  ])('refuses %j, names the field, and stores nothing', async (body, status, code, field) => {
    const { contract } = await placeOrder('free', '2024-01-10T12:00:00Z');
    const answer = await ask(contract, body);
    expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([status, code, field]);
    expect((await caller.get(`/v1/contracts/${contract}/commands`)).body.data).toHaveLength(1);
  });

  it('refuses a quantity that the component forbids, and names its field in the change', async () => {
    const { contract } = await placeOrder('pro', '2024-01-01T12:00:00Z');
    const change = (components: object) => ask(contract, { kind: 'change', effective: 'now', components });
    expect((await change({ add: [{ component: 'support' }] })).body.state).toBe('applied');
    const { subscriptions } = (await caller.get(`/v1/contracts/${contract}`)).body;
    const [{ id: subscription }] = subscriptions;
    const { body } = await change({ set: [{ subscription, quantity: 2 }] });
    expect(body).toMatchObject({
      code: 'invalid_quantity',
      errors: [{ field: 'components.set[0].quantity' }],
    });
  });

  it('repeats the first answer under a known Idempotency-Key, also if it was a refusal (rule 23)', async () => {
    const { contract } = await placeOrder('pro', '2024-01-01T12:00:00Z');
    const key = { 'idempotency-key': `pause-${contract}` };
    const first = await ask(contract, { kind: 'resume' }, key);
    const again = await ask(contract, { kind: 'resume' }, key);
    expect([first.status, first.body.code]).toEqual([409, 'not_paused']);
    expect(again.status).toBe(409);
    expect(again.body).toEqual({ ...first.body, request_id: again.body.request_id });
    expect((await ask(contract, { kind: 'pause' }, key)).body.code).toBe('idempotency_key_reused');
    expect((await caller.get(`/v1/contracts/${contract}/commands`)).body.data).toHaveLength(2);
  });

  it('decides the command that was stored before the API died, and a retry stores no second one', async () => {
    const { contract } = await placeOrder('pro', '2024-01-01T12:00:00Z');
    // The command's row and the key are committed, and then nothing happens, as if the process had been killed there.
    const body = JSON.stringify({ kind: 'pause' });
    const path = `/v1/contracts/${contract}/commands`;
    const requestHash = createHash('sha256').update(`POST ${path}\n`).update(body).digest();
    const stored = await tenor.engine.command(
      merchant,
      contract,
      { kind: 'pause', reason: 'customer', effective: 'now' },
      { actor: 'api:died', claim: claimOf(merchant, 'died', requestHash) },
    );
    const retried = await caller.post(path, body, { 'idempotency-key': 'died' });
    expect(retried.status).toBe(200);
    expect(retried.body).toMatchObject({ id: stored.commandId, state: 'applied' });
    expect((await caller.get(path)).body.data).toHaveLength(2);
  });
});

describe('while Temporal is unavailable', () => {
  it('a command is stored and answered 202, and decided when Temporal is back (rules 23, 42)', async () => {
    const { contract } = await placeOrder('pro', '2024-01-01T12:00:00Z');
    const { pool, vault } = tenor.parts;
    const lonely = await startTestApi(pool, vault, { engine: engineWithoutTemporal(pool, vault) });
    const offline = await lonely.caller(merchant);
    const pending = await offline.post(`/v1/contracts/${contract}/commands`, { kind: 'pause' });
    expect(pending.status).toBe(202);
    expect(pending.body).toMatchObject({ state: 'pending', document: null, refusal: null });
    expect(lonely.errors).toEqual([]);
    await lonely.stop();
    await expect
      .poll(async () => (await caller.get(`/v1/commands/${pending.body.id}`)).body.state, { timeout: 30_000 })
      .toBe('applied');
  });
});

describe('an order', () => {
  it('that is refused stores no customer, no personal data and no contract', async () => {
    const count = () =>
      rows(
        tenor.parts.pool,
        'select (select count(*) from customers) as c, (select count(*) from vault_records) as v, (select count(*) from contracts) as k',
      );
    const before = await count();
    const clock = await newClock('2024-01-01T12:00:00Z');
    const order = { customer: customer(clock), variant: 'pro' };
    const refuse = async (more: object) => {
      const { status, body } = await caller.post('/v1/orders', { ...order, ...more });
      return [status, body.code, body.errors?.[0]?.field];
    };
    expect(await refuse({ start: '2023-12-31' })).toEqual([422, 'date_in_the_past', 'start']);
    expect(await refuse({ payment_method: { provider: 'stripe', token: 'x' } })).toEqual([
      422,
      'provider_not_available',
      'payment_method.provider',
    ]);
    expect(await refuse({ customer: { ...customer(clock), country: 'FR' } })).toEqual([
      422,
      'tax_rate_missing',
      'variant',
    ]);
    expect((await refuse({ components: [{ component: 'support', quantity: 2 }] }))[1]).toBe(
      'invalid_quantity',
    );
    expect(await count()).toEqual(before);
  });
});

describe('a test clock', () => {
  it('is available only to test merchants, and only at the root of a tree of customers (rules 6, 45)', async () => {
    const { live } = await createMerchant(tenor.parts.pool, 'Live');
    const liveCaller = await api.caller(live);
    const refused = await liveCaller.post('/v1/test-clocks', { name: 'x', at: '2024-01-01T00:00:00Z' });
    expect([refused.status, refused.body.code]).toEqual([422, 'test_merchant_only']);
    const clock = await newClock('2024-01-01T00:00:00Z');
    const root = (await caller.post('/v1/customers', customer(clock))).body;
    const { clock: _, ...below } = { ...customer(clock), parent: root.id };
    expect((await caller.post('/v1/customers', below)).body.clock).toBe(clock);
    const both = await caller.post('/v1/customers', { ...below, clock });
    expect([both.status, both.body.code]).toEqual([422, 'clock_at_root_only']);
  });

  it('is refused to go back, or to advance by more than two years at once', async () => {
    const clock = await newClock('2024-01-01T00:00:00Z');
    const to = async (body: object) => {
      const { status, body: answer } = await caller.post(`/v1/test-clocks/${clock}/advance`, body);
      return [status, answer.code];
    };
    expect(await to({ to: '2023-12-31T00:00:00Z' })).toEqual([422, 'clock_backwards']);
    expect(await to({ by: { unit: 'year', count: 3 } })).toEqual([422, 'clock_too_far']);
    expect(await to({})).toEqual([400, 'invalid_request']);
    expect(await to({ to: '2024-01-02T00:00:00Z', by: { unit: 'day', count: 1 } })).toEqual([
      400,
      'invalid_request',
    ]);
  });

  it('advances by calendar months, and is deleted together with its contracts', async () => {
    const { clock, contract } = await placeOrder('pro', '2024-01-31T12:00:00Z');
    const accepted = await caller.post(`/v1/test-clocks/${clock}/advance`, {
      by: { unit: 'month', count: 1 },
    });
    expect(accepted.body.target).toBe('2024-02-29T12:00:00.000Z');
    await expect
      .poll(async () => (await caller.get(`/v1/test-clocks/${clock}`)).body, { timeout: 30_000 })
      .toMatchObject({
        status: 'ready',
        now: '2024-02-29T12:00:00.000Z',
        open: { due: 0, commands: 0, messages: 0, attempts: 0, incidents: 0 },
      });
    expect((await caller.delete(`/v1/test-clocks/${clock}`)).status).toBe(204);
    expect((await caller.get(`/v1/test-clocks/${clock}`)).status).toBe(404);
    expect((await caller.get(`/v1/contracts/${contract}`)).status).toBe(404);
  });
});

describe('a receipt by hand', () => {
  it('pays the open receivable, and the rest becomes credit; another currency is refused (rules 31, 32)', async () => {
    const clock = await newClock('2024-01-01T12:00:00Z');
    const order = await caller.post('/v1/orders', { customer: customer(clock), variant: 'pro' });
    const { account } = (await caller.get(`/v1/contracts/${order.body.contract}`)).body;
    const record = (body: object, headers = {}) =>
      caller.post(`/v1/billing-accounts/${account}/receipts`, body, headers);
    expect((await caller.get(`/v1/billing-accounts/${account}`)).body.balance).toBe('-117.81');
    const receipt = { amount: '120.00', reference: 'R-17' };
    const recorded = await record(receipt, { 'idempotency-key': 'receipt' });
    expect(recorded.status).toBe(201);
    expect(recorded.body).toMatchObject({
      provider: 'hand',
      amount: '120.00',
      left: '2.19',
      allocations: [{ invoice: order.body.command.document, amount: '117.81' }],
    });
    expect((await record(receipt, { 'idempotency-key': 'receipt' })).body.id).toBe(recorded.body.id);
    expect((await caller.get(`/v1/billing-accounts/${account}`)).body.balance).toBe('2.19');
    const refuse = async (body: object) => {
      const { status, body: answer } = await record(body);
      return [status, answer.code, answer.errors?.[0]?.field];
    };
    expect(await refuse({ amount: '1.001', reference: 'R' })).toEqual([422, 'invalid_amount', 'amount']);
    expect(await refuse({ amount: '-1.00', reference: 'R' })).toEqual([422, 'invalid_amount', 'amount']);
    expect(await refuse({ amount: 1, reference: 'R' })).toEqual([400, 'invalid_request', 'amount']);
    expect(await refuse({ amount: '1', currency: 'USD', reference: 'R' })).toEqual([
      422,
      'currency_mismatch',
      'currency',
    ]);
  });
});

describe('a webhook', () => {
  it('without a signature is refused with 401, and for an unknown provider with 404', async () => {
    const send = async (provider: string) =>
      (await fetch(`${api.url}/v1/providers/${provider}/webhooks`, { method: 'POST', body: '{}' })).status;
    expect(await send('sandbox')).toBe(401);
    expect(await send('nobody')).toBe(404);
    expect(await send('__proto__')).toBe(404);
  });
});
