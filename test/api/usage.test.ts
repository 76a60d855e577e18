// Metered usage over HTTP on a real database. The tests settle contracts as their workflows would.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { moveClock, settle } from '../support/merchant.ts';
import { createMeteredShop, customerOn, documentsOf } from '../support/metered.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]));
  caller = await api.caller((await createMerchant(database.pool, 'Wolkenwerk')).test);
  await createMeteredShop(caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(database.pool, AT_REST)).toEqual([]);
  await api.stop();
  await database.close();
});

interface ContractOnClock {
  readonly contract: string;
  readonly clock: string;
}

async function settleAll(contract: string): Promise<void> {
  for (let behind = true; behind;) behind = (await settle(database.pool, contract)).standing.behind;
}

async function placeOrder(
  variant: string,
  at: string,
  components: readonly string[],
): Promise<ContractOnClock> {
  const clock = (await caller.post('/v1/test-clocks', { name: 'C', at })).body.id;
  const { body } = await caller.post('/v1/orders', {
    customer: customerOn(clock),
    variant,
    components: components.map((component) => ({ component, quantity: 1 })),
  });
  await settleAll(body.contract);
  return { contract: body.contract, clock };
}

/** Moves the clock and settles the contract. */
async function until({ contract, clock }: ContractOnClock, at: string): Promise<void> {
  await moveClock(database.pool, clock, at);
  await settleAll(contract);
}

/** Stores a command and settles the contract. Returns the code of the refusal, or the state of the command. */
async function ask({ contract }: ContractOnClock, body: object): Promise<string> {
  const stored = await caller.post(`/v1/contracts/${contract}/commands`, body);
  await settleAll(contract);
  const { state, refusal } = (await caller.get(`/v1/commands/${stored.body.id}`)).body;
  return refusal?.code ?? state;
}

let events = 0;
const used = (component: string, quantity: unknown, at: string, more: object = {}) => ({
  event_id: `event-${++events}`,
  component,
  quantity,
  at,
  ...more,
});
const post = ({ contract }: ContractOnClock, body: unknown, headers = {}) =>
  caller.post(`/v1/contracts/${contract}/usage`, body, headers);

/** Reports usage. Returns for each entry `consumed`, or the reason of its rejection. */
async function report(of: ContractOnClock, ...entries: object[]): Promise<string[]> {
  const { status, body } = await post(of, entries);
  expect([status, body.code]).toEqual([200, undefined]);
  return body.results.map((each: { result: string; reason: string | null }) => each.reason ?? each.result);
}

const totals = async ({ contract }: ContractOnClock) =>
  (await caller.get(`/v1/contracts/${contract}/usage/totals`)).body;
const eventsOf = async ({ contract }: ContractOnClock) =>
  (await caller.get(`/v1/contracts/${contract}/usage`)).body.data;
const documents = ({ contract }: ContractOnClock) => documentsOf(caller, contract);

describe('each entry of a report', () => {
  it('is consumed, or rejected with its own reason, in order (rule 27)', async () => {
    const of = await placeOrder('pro', '2024-01-10T08:00:00Z', ['calls', 'users', 'seat']);
    await until(of, '2024-02-10T08:00:00.000Z');
    expect(await ask(of, { kind: 'pause' })).toBe('applied');
    await until(of, '2024-02-12T08:00:00.000Z');
    const at = '2024-02-01T00:00:00Z';
    expect(
      await report(
        of,
        used('calls', 1, at),
        used('calls', 1, '2024-01-09T22:59:59.999Z'),
        used('calls', 1, '2024-01-09T23:00:00Z'),
        used('calls', 1, '2024-02-12T08:00:00.001Z'),
        used('calls', 1, '2025-01-01T00:00:00Z'),
        used('calls', 1, '2024-02-10T07:59:59.999Z'),
        used('calls', 1, '2024-02-10T08:00:00Z'),
        used('calls', 1, 'NOW'),
        used('storage', 1, at),
        used('seat', 1, at),
        used('users', 1, at),
        used('users', undefined, at, { value: 'anna' }),
        used('calls', undefined, at),
        used('calls', '1,5', at),
      ),
    ).toEqual([
      'consumed',
      'before_contract_start',
      'consumed',
      'in_the_future',
      'in_the_future',
      'consumed',
      'paused',
      'paused',
      'not_booked',
      'not_metered',
      'value_required',
      'consumed',
      'invalid_quantity',
      'invalid_quantity',
    ]);
    expect(await eventsOf(of)).toHaveLength(4);
  });

  it("is consumed again after a pause, and rejected after the contract's end, whatever its instant", async () => {
    const of = await placeOrder('pro', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-10T08:00:00.000Z');
    await ask(of, { kind: 'pause' });
    await until(of, '2024-01-12T08:00:00.000Z');
    await ask(of, { kind: 'resume' });
    expect(await report(of, used('calls', 1, 'NOW'), used('calls', 1, '2024-01-11T00:00:00Z'))).toEqual([
      'consumed',
      'paused',
    ]);
    expect(await ask(of, { kind: 'cancel', effective: 'now' })).toBe('applied');
    expect(await report(of, used('calls', 1, '2024-01-05T00:00:00Z'))).toEqual(['after_contract_end']);
  });

  it.each([
    ['1,5'],
    ['NaN'],
    ['1e5'],
    [''],
    [1e308],
    [0.1 + 0.2],
    ['0.0000001'],
    ['1000000000000.1'],
    ['-1000000000001'],
  ])('is rejected for the quantity %s', async (quantity) => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    expect(await report(of, used('calls', quantity, 'NOW'), used('calls', 1, 'NOW'))).toEqual([
      'invalid_quantity',
      'consumed',
    ]);
  });

  it('may have a quantity of 15 digits as a number, or of more as a text', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const million = '1'.padEnd(450_000, '0');
    const raw = ['123456789.123456', '1234567890.123456', '"1234567890.123456"', million, `"${million}"`];
    const entries = raw.map(
      (quantity, n) => `{"event_id":"${n}","component":"calls","at":"NOW","quantity":${quantity}}`,
    );
    const { body } = await post(of, `[${entries.join(',')}]`);
    expect(body.results.map((each: { reason: string }) => each.reason)).toEqual([
      null,
      'invalid_quantity',
      null,
      'invalid_quantity',
      'invalid_quantity',
    ]);
    expect((await eventsOf(of)).map((each: { quantity: string }) => each.quantity)).toEqual([
      '123456789.123456',
      '1234567890.123456',
    ]);
  });
});

describe('a report', () => {
  it.each([
    [
      'an unknown field',
      [{ event_id: 'a', component: 'calls', quantity: 1, at: 'NOW', cost: 1 }],
      400,
      '[0].cost',
    ],
    ['no event id', { component: 'calls', quantity: 1, at: 'NOW' }, 400, 'event_id'],
    ['no instant', { event_id: 'a', component: 'calls', quantity: 1 }, 400, 'at'],
    [
      'an instant that does not exist',
      { event_id: 'a', component: 'calls', quantity: 1, at: '2024-02-30T00:00:00Z' },
      422,
      'at',
    ],
    [
      'a quantity that is a list',
      { event_id: 'a', component: 'calls', quantity: [1], at: 'NOW' },
      400,
      'quantity',
    ],
    [
      'an unknown component',
      [{ event_id: 'a', component: 'nothing', quantity: 1, at: 'NOW' }],
      422,
      '[0].component',
    ],
    ['an empty list', [], 400, 'body'],
  ])('with %s is refused as a whole, and the error names the field', async (_, body, status, field) => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const good = used('calls', 1, 'NOW');
    const answer = await post(of, Array.isArray(body) && body.length > 0 ? [...body, good] : body);
    expect([answer.status, answer.body.errors[0].field]).toEqual([status, field]);
    expect(await eventsOf(of)).toEqual([]);
  });

  it('of 1,000 events is accepted, and one of 1,001 is refused', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const many = Array.from({ length: 1001 }, () => used('calls', 1, '2024-01-01T07:00:00Z'));
    expect((await post(of, many)).status).toBe(400);
    const answer = await post(of, many.slice(1));
    expect([answer.status, answer.body.results.length]).toEqual([200, 1000]);
    expect((await totals(of)).open).toMatchObject([{ total: '1000', amount: '82.00' }]); // 10.00 + 72.00
  });

  it.each([
    [
      'that is cut off in the middle',
      '[{"event_id":"a","component":"calls","quantity":1,"at":"NOW"},{"event_id":"b","comp',
    ],
    ['with NaN', '{"event_id":"a","component":"calls","quantity":NaN,"at":"NOW"}'],
  ])('%s is refused as malformed JSON, and writes nothing', async (_, body) => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const answer = await post(of, body);
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed_json']);
    expect(await eventsOf(of)).toEqual([]);
  });

  it('that would make the amount of a period too large is refused, and nothing is written', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['gold']);
    expect(await report(of, used('gold', '5000000000', 'NOW'))).toEqual(['consumed']); // 5,000,000,000,000.00
    const answer = await post(of, [used('gold', '5000000000', 'NOW'), used('gold', 1, 'NOW')]);
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_amount']);
    expect(await eventsOf(of)).toHaveLength(1);
    expect(await report(of, used('gold', '-4999999999', 'NOW'))).toEqual(['consumed']);
    expect((await totals(of)).open).toMatchObject([{ total: '1', amount: '1000.00' }]);
  });

  it('is answered `clock_advancing` while the test clock advances, as commands are (rule 44)', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    await rows(database.pool, `update test_clocks set status = 'advancing' where id = $1`, [of.clock]);
    const answer = await post(of, used('calls', 1, 'NOW'));
    expect([answer.status, answer.body.code]).toEqual([409, 'clock_advancing']);
    await rows(database.pool, `update test_clocks set status = 'ready' where id = $1`, [of.clock]);
  });
});

describe('the same event id', () => {
  it('counts once and gets the same answer, and is rejected with other content', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls', 'gold']);
    const event = used('calls', '1.50', 'NOW');
    const first = await post(of, event);
    expect(first.body.results).toEqual([
      { event_id: event.event_id, result: 'consumed', reason: null, at: '2024-01-01T08:00:00.000Z' },
    ]);
    await until(of, '2024-01-02T08:00:00.000Z');
    expect((await post(of, event)).body).toEqual(first.body);
    expect(
      await report(
        of,
        { ...event, quantity: 1.5 },
        { ...event, quantity: 1.6 },
        { ...event, component: 'gold' },
        { ...event, at: '2024-01-01T08:00:00Z' },
        { ...event, value: 'x' },
      ),
    ).toEqual(['consumed', ...Array.from({ length: 4 }, () => 'event_id_reused')]);
    expect(await eventsOf(of)).toMatchObject([{ event_id: event.event_id, quantity: '1.50' }]);
  });

  it('counts once within a list, and a rejected event can be reported again', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const [event, later] = [used('calls', 2, 'NOW'), used('calls', 3, '2024-01-02T00:00:00Z')];
    expect(await report(of, event, later, event, { ...event, quantity: 3 })).toEqual([
      'consumed',
      'in_the_future',
      'consumed',
      'event_id_reused',
    ]);
    await until(of, '2024-01-02T08:00:00.000Z');
    expect(await report(of, later)).toEqual(['consumed']);
    expect((await totals(of)).open).toMatchObject([{ total: '5', amount: '0.50' }]);
  });

  it("counts separately in another contract, and is still recognised after the contract's end", async () => {
    const [one, other] = [
      await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']),
      await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']),
    ];
    const event = used('calls', 2, '2024-01-01T07:00:00Z');
    expect([await report(one, event), await report(other, event)]).toEqual([['consumed'], ['consumed']]);
    await ask(one, { kind: 'cancel', effective: 'now' });
    expect(await report(one, event)).toEqual(['consumed']);
  });

  it('counts once in three lists that arrive at the same time', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const list = Array.from({ length: 100 }, () => used('calls', 1, 'NOW'));
    const answers = await Promise.all([post(of, list), post(of, [...list].reverse()), post(of, list)]);
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(body.results.every((each: { result: string }) => each.result === 'consumed')).toBe(true);
    }
    expect((await totals(of)).open).toMatchObject([{ total: '100', amount: '10.00' }]);
  });

  it('under the same Idempotency-Key gets the first answer, without being decided again', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const event = used('calls', 2, '2024-01-02T00:00:00Z');
    const key = { 'idempotency-key': event.event_id };
    const first = await post(of, event, key);
    expect(first.body.results).toMatchObject([{ reason: 'in_the_future' }]);
    await until(of, '2024-01-03T08:00:00.000Z');
    expect((await post(of, event, key)).body).toEqual(first.body);
    expect(await eventsOf(of)).toEqual([]);
  });
});

describe('a metered period', () => {
  it('is totalled by four aggregations, and billed without the included units (rule 27)', async () => {
    const of = await placeOrder('pro', '2024-01-01T08:00:00Z', ['calls', 'storage', 'desks', 'users']);
    await until(of, '2024-01-25T08:00:00.000Z');
    await report(
      of,
      ...[30, 40, -10].map((quantity) => used('calls', quantity, '2024-01-10T00:00:00Z')),
      ...[5, '12.5', 7].map((quantity) => used('storage', quantity, '2024-01-11T00:00:00Z')),
      used('desks', 8, '2024-01-10T00:00:00Z'),
      used('desks', 4, '2024-01-20T00:00:00Z'),
      used('desks', 3, '2024-01-20T00:00:00Z'),
      used('desks', 9, '2024-01-15T00:00:00Z'),
      ...['anna', 'ben', 'anna', 'carl'].map((value) => used('users', undefined, 'NOW', { value })),
      used('users', -1, 'NOW', { value: 'carl' }),
    );
    const open = (await totals(of)).open.map((each: Record<string, string>) => [
      each.name,
      each.total,
      each.amount,
    ]);
    expect(open.sort()).toEqual([
      ['calls', '60', '1.00'],
      ['desks', '3', '6.00'],
      ['storage', '12.5', '6.25'],
      ['users', '2', '6.00'],
    ]);
    await until(of, '2024-03-01T08:00:00.000Z');
    expect(await documents(of)).toEqual([
      ['2024-01-01', '10.00', 'pro 1 × 10 = 10.00'],
      [
        '2024-03-01',
        '29.25',
        'pro 1 × 10 = 10.00',
        'calls 10 × 0.1 = 1.00',
        'storage 12.5 × 0.5 = 6.25',
        'desks 3 × 2 = 6.00',
        'users 2 × 3 = 6.00',
      ],
      ['2024-03-01', '10.00', 'pro 1 × 10 = 10.00'],
    ]);
    const { data } = await totals(of);
    expect(
      data.map((each: Record<string, unknown>) => [each.name, each.starts_at, each.total, each.amount]),
    ).toContainEqual(['storage', '2023-12-31T23:00:00.000Z', '12.5', '6.25']);
    // Nothing is carried over: the aggregation `last` of an empty period is 0.
    expect(
      data.map((each: Record<string, unknown>) => [each.name, each.starts_at, each.total, each.amount]),
    ).toContainEqual(['desks', '2024-01-31T23:00:00.000Z', '0', '0.00']);
    expect(data).toHaveLength(8);
  });

  it('has a line per tier, and late usage bills the difference of each tier, down to zero (rule 27)', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-25T08:00:00.000Z');
    await report(of, used('calls', 1200, 'NOW'));
    const late = async (at: string, quantity: number): Promise<void> => {
      await until(of, at);
      expect(await report(of, used('calls', quantity, '2024-01-20T00:00:00Z'))).toEqual(['consumed']);
    };
    await late('2024-02-10T08:00:00.000Z', -300); // 900
    await late('2024-03-05T08:00:00.000Z', 50); // 950
    await late('2024-04-05T08:00:00.000Z', -900); // 50
    await late('2024-05-05T08:00:00.000Z', -100); // -50
    expect((await totals(of)).data[0]).toMatchObject({ total: '50', amount: '5.00', reopened: true });
    await until(of, '2024-06-01T08:00:00.000Z');
    expect((await totals(of)).data[0]).toMatchObject({ total: '-50', amount: '0.00', reopened: false });
    expect(await documents(of)).toEqual([
      [
        '2024-02-10',
        '92.00',
        'calls 100 × 0.1 = 10.00',
        'calls 900 × 0.08 = 72.00',
        'calls 200 × 0.05 = 10.00',
      ],
      ['2024-03-05', '-18.00', 'calls -100 × 0.08 = -8.00', 'calls -200 × 0.05 = -10.00'],
      ['2024-04-05', '4.00', 'calls 50 × 0.08 = 4.00'],
      ['2024-05-05', '-73.00', 'calls -50 × 0.1 = -5.00', 'calls -850 × 0.08 = -68.00'],
      ['2024-06-01', '-5.00', 'calls -50 × 0.1 = -5.00'],
    ]);
    const last = (await caller.get(`/v1/invoices?contract=${of.contract}&sort=at`)).body.data[4];
    const { lines } = (await caller.get(`/v1/invoices/${last.id}/explain`)).body;
    expect(lines[0].derivation).toMatchObject({
      kind: 'usage',
      why: 'late_usage',
      total: '-50',
      shortfall: '50',
      quantity: '0',
      billed_before: '5.00',
      tier_amount: '0.00',
    });
  });

  it('is totalled again with late usage, for each aggregation (rule 27)', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['storage', 'desks', 'users']);
    await until(of, '2024-01-25T08:00:00.000Z');
    const at = '2024-01-20T00:00:00Z';
    await report(
      of,
      used('storage', 10, at),
      used('desks', 3, at),
      ...['anna', 'ben', 'anna'].map((value) => used('users', undefined, at, { value })),
    );
    await until(of, '2024-02-10T08:00:00.000Z');
    // A higher value, a later value, two new users and one user less (all events of anna are taken back).
    const anna = used('users', -2, at, { value: 'anna' });
    await report(
      of,
      used('storage', 25, '2024-01-02T00:00:00Z'),
      used('desks', 1, '2024-01-30T00:00:00Z'),
      ...['carl', 'dora'].map((value) => used('users', undefined, at, { value })),
      anna,
      anna,
    );
    await until(of, '2024-03-05T08:00:00.000Z');
    // A lower or an earlier value changes nothing.
    await report(of, used('storage', 24, at), used('desks', 9, at), used('users', 5, at, { value: 'ben' }));
    await until(of, '2024-04-05T08:00:00.000Z');
    expect(await documents(of)).toEqual([
      ['2024-02-10', '17.00', 'storage 10 × 0.5 = 5.00', 'desks 3 × 2 = 6.00', 'users 2 × 3 = 6.00'],
      ['2024-03-05', '6.50', 'storage 15 × 0.5 = 7.50', 'desks -2 × 2 = -4.00', 'users 1 × 3 = 3.00'],
    ]);
  });

  it('in a trial records usage and is never billed (rule 24)', async () => {
    const of = await placeOrder('trial', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-10T08:00:00.000Z');
    expect(await report(of, used('calls', 500, 'NOW'))).toEqual(['consumed']);
    expect((await totals(of)).open).toEqual([]);
    await until(of, '2024-01-20T08:00:00.000Z');
    expect(await report(of, used('calls', 70, 'NOW'))).toEqual(['consumed']);
    expect((await totals(of)).open).toMatchObject([
      {
        starts_at: '2024-01-14T23:00:00.000Z',
        ends_at: '2024-02-14T23:00:00.000Z',
        total: '70',
        amount: '2.00',
      },
    ]);
    await until(of, '2024-02-15T08:00:00.000Z');
    expect(await report(of, used('calls', 9, '2024-01-10T00:00:00Z'))).toEqual(['consumed']);
    await until(of, '2024-03-15T08:00:00.000Z');
    expect(await documents(of)).toEqual([
      ['2024-01-20', '10.00', 'trial 1 × 10 = 10.00'],
      ['2024-02-15', '12.00', 'trial 1 × 10 = 10.00', 'calls 20 × 0.1 = 2.00'],
      ['2024-03-15', '10.00', 'trial 1 × 10 = 10.00'],
    ]);
  });

  it('begins at the end of an upgraded trial, with the terms of the new variant (rules 24, 27)', async () => {
    const of = await placeOrder('trial', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-10T08:00:00.000Z');
    expect(await report(of, used('calls', 500, 'NOW'))).toEqual(['consumed']);
    expect(await ask(of, { kind: 'change', variant: 'pro', effective: 'now' })).toBe('applied');
    await until(of, '2024-01-20T08:00:00.000Z');
    expect(await report(of, used('calls', 70, 'NOW'))).toEqual(['consumed']);
    await until(of, '2024-02-15T08:00:00.000Z');
    expect(await documents(of)).toEqual([
      ['2024-01-20', '10.00', 'pro 1 × 10 = 10.00'],
      ['2024-02-15', '12.00', 'pro 1 × 10 = 10.00', 'calls 20 × 0.1 = 2.00'],
    ]);
  });

  it('is closed by an immediate cancellation (rule 27)', async () => {
    const of = await placeOrder('pro', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-16T11:00:00.000Z');
    // It includes usage that was reported before, for the instant of the cancellation itself.
    await report(of, used('calls', 40, '2024-01-16T10:59:59Z'), used('calls', 20, 'NOW'));
    await ask(of, { kind: 'cancel', effective: 'now' });
    expect(await documents(of)).toEqual([
      ['2024-01-01', '10.00', 'pro 1 × 10 = 10.00'],
      ['2024-01-16', '-4.16', 'pro 1 × 10 = -5.16', 'calls 10 × 0.1 = 1.00'], // 16 of 31 days
    ]);
    expect(await totals(of)).toMatchObject({
      open: [],
      data: [{ ends_at: '2024-01-16T11:00:00.001Z', total: '60' }],
    });
    await until(of, '2024-04-01T08:00:00.000Z');
    expect(await documents(of)).toHaveLength(2);
  });

  it('is closed by an immediate change of the interval, at the first instant of that day (rule 27)', async () => {
    const of = await placeOrder('pro', '2024-01-01T08:00:00Z', ['calls']);
    await until(of, '2024-01-16T11:00:00.000Z');
    await report(of, used('calls', 60, '2024-01-15T22:59:59Z'), used('calls', 70, '2024-01-15T23:00:00Z'));
    expect(await ask(of, { kind: 'change', variant: 'yearly', effective: 'now' })).toBe('applied');
    await until(of, '2024-03-16T08:00:00.000Z');
    expect(await documents(of)).toEqual([
      ['2024-01-01', '10.00', 'pro 1 × 10 = 10.00'],
      ['2024-01-16', '115.84', 'pro 1 × 10 = -5.16', 'yearly 1 × 120 = 120.00', 'calls 10 × 0.1 = 1.00'],
      ['2024-03-16', '7.00', 'calls 70 × 0.1 = 7.00'],
    ]);
  });

  it('of a removed component is rated again at its old terms if late usage arrives, and its contract becomes due (rule 39)', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls']);
    const read = async () => (await caller.get(`/v1/contracts/${of.contract}`)).body;
    expect(await read()).toMatchObject({ next_due_at: '2024-01-31T23:00:00.000Z' });
    const [{ id }] = (await read()).subscriptions;
    await until(of, '2024-01-10T11:00:00.000Z');
    await report(of, used('calls', 20, 'NOW'), used('calls', 20, '2024-01-10T10:59:59Z'));
    await ask(of, { kind: 'change', components: { remove: [id] }, effective: 'now' });
    await until(of, '2024-02-01T08:00:00.000Z');
    expect(await read()).toMatchObject({ next_due_at: null, subscriptions: [] });
    const waiting = () =>
      rows(
        database.pool,
        `select kind, object from outbox where clock_id = $1 and command_id is null and state = 'waiting'`,
        [of.clock],
      );
    const before = await waiting();

    await until(of, '2024-02-10T08:00:00.000Z');
    expect(await report(of, used('calls', 1, '2024-01-10T11:00:01Z'), used('calls', 1, 'NOW'))).toEqual([
      'not_booked',
      'not_booked',
    ]);
    expect(await read()).toMatchObject({ next_due_at: null });
    expect(await report(of, used('calls', 5, '2024-01-10T10:00:00Z'))).toEqual(['consumed']);
    expect(await read()).toMatchObject({
      next_due_at: '2024-02-29T23:00:00.000Z',
      next_billing: { at: '2024-02-29T23:00:00.000Z', net: '0.50' },
    });
    expect(await waiting()).toEqual([...before, { kind: 'wake', object: `contract/${of.contract}` }]);
    await report(of, used('calls', 5, '2024-01-10T10:00:00Z'));
    expect(await waiting()).toHaveLength(before.length + 1);
    await until(of, '2024-06-01T08:00:00.000Z');
    expect(await read()).toMatchObject({ next_due_at: null });
    expect(await documents(of)).toEqual([
      ['2024-02-01', '4.00', 'calls 40 × 0.1 = 4.00'],
      ['2024-06-01', '1.00', 'calls 10 × 0.1 = 1.00'],
    ]);
  });
});

describe('usage is listed', () => {
  it('in the order of its arrival, by page, component and instant', async () => {
    const of = await placeOrder('free', '2024-01-01T08:00:00Z', ['calls', 'storage']);
    await until(of, '2024-01-10T08:00:00.000Z');
    const entries = [3, 1, 2].flatMap((day) => [
      used('calls', day, `2024-01-0${day}T12:00:00Z`),
      used('storage', day, `2024-01-0${day}T12:00:00Z`),
    ]);
    await report(of, ...entries);
    const list = async (query: string) => {
      const { status, body } = await caller.get(`/v1/contracts/${of.contract}/usage?${query}`);
      expect(status).toBe(200);
      return body;
    };
    const quantities = (data: { quantity: string }[]) => data.map((each) => each.quantity).join('');
    const first = await list('limit=4');
    expect(quantities(first.data)).toBe('3311');
    const rest = await list(`limit=4&cursor=${first.next_cursor}`);
    expect([quantities(rest.data), rest.next_cursor]).toEqual(['22', null]);
    expect(quantities((await list('component=storage')).data)).toBe('312');
    expect(quantities((await list('from=2024-01-02T12:00:00Z&to=2024-01-03T12:00:00Z')).data)).toBe('22');
    expect(first.data[0]).toMatchObject({
      event_id: entries[0]?.event_id,
      at: '2024-01-03T12:00:00.000Z',
      recorded_at: '2024-01-10T08:00:00.000Z',
    });
    const odd = await caller.get(
      `/v1/contracts/${of.contract}/usage?cursor=${Buffer.from('x').toString('base64url')}`,
    );
    expect([odd.status, odd.body.errors[0].field]).toEqual([400, 'cursor']);
  });
});
