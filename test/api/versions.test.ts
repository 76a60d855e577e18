// ETag and If-Match: a change that is meant for a version is refused when the object has another one.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { locksOf, outOfOrder, transactionsOf } from '../support/lock-log.ts';
import { rows } from '../support/rows.ts';
import { vault } from '../support/merchant.ts';
import { createWorld, type World } from '../support/world.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let world: World;
let transactions: string[][];

beforeAll(async () => {
  database = await createTestPool();
  transactions = transactionsOf(database.pool);
  api = await startTestApi(database.pool, vault);
  caller = await api.caller((await createMerchant(database.pool, 'Own')).test);
  world = await createWorld(database.pool, caller);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const etagOf = async (path: string): Promise<string> => (await caller.get(path)).headers.get('etag') ?? '';

describe('a change with If-Match', () => {
  const cases = (): [string, string, object, object][] => [
    ['customer', `/v1/customers/${world.customer}`, { payment_term_days: 10 }, { payment_term_days: 20 }],
    ['account', `/v1/billing-accounts/${world.account}`, { name: 'one' }, { name: 'two' }],
    [
      'contract',
      `/v1/contracts/${world.contract}`,
      { payment_method: null },
      { payment_method: world.method },
    ],
    [
      'webhook endpoint',
      `/v1/webhook-endpoints/${world.endpoint}`,
      { description: 'one' },
      { description: 'two' },
    ],
    ['issuer', `/v1/issuers/${world.issuer}`, { party: { name: 'One' } }, { party: { name: 'Two' } }],
  ];

  it.each(['customer', 'account', 'contract', 'issuer', 'webhook endpoint'])(
    'of a %s is refused if another change came first',
    async (kind) => {
      const [, path, first, second] = cases().find(([name]) => name === kind)!;
      const before = await etagOf(path);
      expect(before).toMatch(/^"[\w-]+"$/);
      const changed = await caller.patch(path, first, { 'if-match': before });
      const after = changed.headers.get('etag');
      expect([changed.status, after === before]).toEqual([200, false]);
      expect(await etagOf(path)).toBe(after);

      const late = await caller.patch(path, second, { 'if-match': before });
      expect([late.status, late.body.code]).toEqual([412, 'version_changed']);
      expect(await etagOf(path)).toBe(after);
      expect((await caller.patch(path, second, { 'if-match': `"x", ${after}` })).status).toBe(200);
      expect((await caller.patch(path, first, { 'if-match': '*' })).status).toBe(200);
      expect((await caller.patch(path, second)).status).toBe(200);
    },
  );

  it('lets one of two simultaneous changes pass', async () => {
    const path = `/v1/customers/${world.customer}`;
    const etag = await etagOf(path);
    const answers = await Promise.all(
      [31, 32, 33].map((days) => caller.patch(path, { payment_term_days: days }, { 'if-match': etag })),
    );
    expect(answers.map(({ status }) => `${status}`).toSorted()).toEqual(['200', '412', '412']);
  });

  it('is not refused because the balance of the account has changed', async () => {
    const path = `/v1/billing-accounts/${world.account}`;
    const etag = await etagOf(path);
    await caller.post(`${path}/receipts`, { amount: '1.00', reference: 'R2' });
    expect(await etagOf(path)).toBe(etag);
  });

  it('is not refused because a run of the account was done', async () => {
    const { customer, issuer } = world;
    const runs = { every: { unit: 'month', count: 1 }, anchor: '2031-01-01' };
    const of = { customer, issuer, currency: 'EUR', kind: 'collective', price_mode: 'net', runs };
    const path = `/v1/billing-accounts/${(await caller.post('/v1/billing-accounts', of)).body.id}`;
    const etag = await etagOf(path);
    expect((await caller.get(path)).body.next_run).toMatch(/^20(30-12-31|31-01-01)T/);
    await rows(database.pool, `update billing_accounts set next_run_at = '2031-02-01T00:00Z' where id = $1`, [
      path.replace('/v1/billing-accounts/', ''),
    ]);
    expect((await caller.get(path)).body.next_run).toBe('2031-02-01T00:00:00.000Z');
    expect(await etagOf(path)).toBe(etag);
  });

  it('of an account locks the account only after the payment method was found', async () => {
    const path = `/v1/billing-accounts/${world.account}`;
    const etag = await etagOf(path);
    transactions.splice(0);
    const unknown = await caller.patch(path, { payment_method: 'pm_unknown' }, { 'if-match': '"x"' });
    expect([unknown.status, unknown.body.errors[0].field]).toEqual([422, 'payment_method']);
    expect(transactions.flat().flatMap(locksOf)).not.toContain('billing_accounts');
    transactions.splice(0);
    const answer = await caller.patch(path, { payment_method: world.method }, { 'if-match': etag });
    expect(answer.status).toBe(200);
    const [statements = []] = transactions.filter((each) =>
      each.flatMap(locksOf).includes('billing_accounts'),
    );
    const reads = statements.findIndex((sql) => /from payment_methods/.test(sql));
    const locks = statements.findIndex((sql) => locksOf(sql).includes('billing_accounts'));
    expect([reads >= 0, reads < locks]).toEqual([true, true]);
  });

  it('of the runs of an account locks its customer and its contracts before the account (rule 46)', async () => {
    const { customer, issuer } = world;
    const made = await caller.post('/v1/billing-accounts', { customer, issuer, currency: 'EUR' });
    const path = `/v1/billing-accounts/${made.body.id}`;
    const runs = { every: { unit: 'month', count: 1 }, anchor: '2031-01-01' };
    const collective = { kind: 'collective', price_mode: 'net', runs };
    expect((await caller.patch(path, collective, { 'if-match': '"x"' })).status).toBe(412);
    const etag = await etagOf(path);
    transactions.splice(0);
    expect((await caller.patch(path, collective, { 'if-match': etag })).body.kind).toBe('collective');
    expect(transactions.flat().flatMap(locksOf)).toEqual(
      expect.arrayContaining(['customers', 'billing_accounts']),
    );
    expect(transactions.map(outOfOrder).filter((wrong) => wrong !== null)).toEqual([]);
  });

  it('of an unknown object is answered 404', async () => {
    const answer = await caller.patch('/v1/customers/cus_unknown', { language: 'en' }, { 'if-match': '"x"' });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });
});
