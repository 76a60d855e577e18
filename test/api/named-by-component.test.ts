// Commands, previews and scheduled changes may name a subscription by its component.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Answered, type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, settle, vault } from '../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let clock: string;

beforeAll(async () => {
  database = await createTestPool();
  const merchant = await createSampleMerchant(database.pool);
  clock = await createClock(database.pool, merchant, '2024-01-01T08:00:00.000Z');
  api = await startTestApi(database.pool, vault);
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

async function orderWith(...components: object[]): Promise<string> {
  const customer = { party: { name: 'Nordlicht' }, country: 'DE', time_zone: 'Europe/Berlin', clock };
  const { body } = await caller.post('/v1/orders', { customer, variant: 'pro', components });
  await settle(database.pool, body.contract);
  return body.contract;
}

/** Requests a change and settles the contract. Returns the stored command, or the refusal. */
async function ask(contract: string, components: object, effective = 'now'): Promise<Answered['body']> {
  const change = { kind: 'change', components, effective };
  const { status, body } = await caller.post(`/v1/contracts/${contract}/commands`, change);
  if (status !== 202) return { status, code: body.code, field: body.errors?.[0].field, ...body };
  await settle(database.pool, contract, [body.id]);
  return (await caller.get(`/v1/commands/${body.id}`)).body;
}

const subscriptionsOf = async (contract: string): Promise<{ id: string; quantity: string }[]> =>
  (await caller.get(`/v1/contracts/${contract}`)).body.subscriptions;
const quantities = async (contract: string): Promise<string[]> =>
  (await subscriptionsOf(contract)).map((each) => each.quantity);

it('a component, by external id or by id, names its only subscription (rule 20)', async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 });
  const id = (await subscriptionsOf(contract))[0]!.id;
  const command = await ask(contract, { set: [{ subscription: 'seat', quantity: 5 }] });
  expect(command).toMatchObject({
    state: 'applied',
    request: { components: { set: [{ subscription: id, quantity: '5' }] } },
  });
  expect(await quantities(contract)).toEqual(['5']);
  const seat = (await caller.get('/v1/components')).body.data.find(
    (each: { external_id: string }) => each.external_id === 'seat',
  );
  expect(await ask(contract, { remove: [seat.id] })).toMatchObject({ state: 'applied' });
  expect(await quantities(contract)).toEqual([]);
});

it('a quantity of 0 removes the subscription (rule 20)', async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 }, { component: 'support' });
  const set = [
    { subscription: 'seat', quantity: 0 },
    { subscription: 'support', quantity: '0.00' },
  ];
  expect(await ask(contract, { set })).toMatchObject({ state: 'applied' });
  expect(await quantities(contract)).toEqual([]);
});

it('a refusal names the field of the request, also if another quantity is 0 (rule 20)', async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 }, { component: 'support' });
  const set = [
    { subscription: 'seat', quantity: 0 },
    { subscription: 'support', quantity: 7 },
  ];
  expect(await ask(contract, { set })).toMatchObject({
    refusal: { code: 'invalid_quantity', field: 'components.set[1].quantity' },
  });
  const [seat, support] = (await subscriptionsOf(contract)).map((each) => each.id);
  expect(await ask(contract, { set: [{ subscription: seat, quantity: 0 }] })).toMatchObject({
    state: 'applied',
    request: { components: { set: [{ subscription: seat, quantity: '0' }] } },
  });
  const removed = { set: [{ subscription: support, quantity: 0 }], remove: [seat] };
  expect(await ask(contract, removed)).toMatchObject({
    refusal: { code: 'subscription_unknown', field: 'components.remove[0]' },
  });
});

it('a component that is booked twice, or not at all, is refused, and the error names the field', async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 }, { component: 'seat', quantity: 4 });
  const ids = (await subscriptionsOf(contract)).map((each) => each.id);
  const set = { set: [{ subscription: 'seat', quantity: 5 }] };
  expect(await ask(contract, set)).toMatchObject({
    status: 409,
    code: 'subscription_ambiguous',
    subscriptions: ids,
    field: 'components.set[0].subscription',
  });
  expect(await ask(contract, { remove: ['support'] })).toMatchObject({
    status: 422,
    code: 'subscription_unknown',
    field: 'components.remove[0]',
  });
  expect(await ask(contract, { remove: ['nothing'] })).toMatchObject({ status: 422, code: 'not_found' });
  expect(await ask(contract, { remove: [ids[0]] })).toMatchObject({ state: 'applied' });
  expect(await ask(contract, set)).toMatchObject({ state: 'applied' });
  expect(await quantities(contract)).toEqual(['5']);
});

it('a change that names one subscription by its id and by its component is refused', async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 });
  const id = (await subscriptionsOf(contract))[0]!.id;
  const twice = { set: [{ subscription: id, quantity: 5 }], remove: ['seat'] };
  expect(await ask(contract, twice)).toMatchObject({
    code: 'invalid_command',
    field: 'components.remove[0]',
  });
});

it("a preview and a scheduled change show the subscription's id, and a second change is refused (rule 21)", async () => {
  const contract = await orderWith({ component: 'seat', quantity: 3 });
  const id = (await subscriptionsOf(contract))[0]!.id;
  const components = { set: [{ subscription: 'seat', quantity: 5 }] };
  const preview = await caller.post(`/v1/contracts/${contract}/commands/preview`, {
    kind: 'change',
    components,
    effective: 'period_end',
  });
  expect(preview.body.scheduled[0].change.components.set).toEqual([{ subscription: id, quantity: '5' }]);
  const scheduled = await ask(contract, components, 'period_end');
  expect(scheduled).toMatchObject({ state: 'applied', scheduled_for: '2024-01-31T23:00:00.000Z' });
  expect(await ask(contract, { remove: ['seat'] })).toMatchObject({
    state: 'refused',
    refusal: { code: 'scheduled_change_exists' },
  });
  await moveClock(database.pool, clock, '2024-02-01T08:00:00.000Z');
  await settle(database.pool, contract);
  expect(await quantities(contract)).toEqual(['5']);
});
