// A tree of customers with two issuers: the platform bills its tenant, and the tenant bills its own sub-tenant.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { liveUntil } from '../support/story.ts';
import { rows } from '../support/rows.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(await createSampleMerchant(pool));
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

const HOME = { country: 'DE', time_zone: 'Europe/Berlin' };
const MONTHLY = { every: { unit: 'month', count: 1 }, anchor: '2024-02-01' };

async function customer(more: object): Promise<string> {
  const made = await caller.post('/v1/customers', { party: { name: 'N' }, ...HOME, ...more });
  expect(made.status).toBe(201);
  return made.body.id;
}

it('a tenant is billed by the platform, and bills its sub-tenant with numbers of its own (rule 30)', async () => {
  const at = '2024-01-10T09:00:00.000Z';
  const clock = (await caller.post('/v1/test-clocks', { name: 'tree', at })).body.id;
  const [platform] = (await caller.get('/v1/issuers')).body.data;
  const tenant = await customer({ clock });
  const subTenant = await customer({ parent: tenant });
  const stranger = await customer({});
  const series = {
    invoice: { pattern: 'T-{YYYY}-{####}', first_counter: 100 },
    credit_note: { pattern: 'TG-{YYYY}-{####}', first_counter: 1 },
  };
  const made = await caller.post('/v1/issuers', {
    party: { name: 'Tenant GmbH' },
    ...HOME,
    customer: tenant,
    series,
  });
  expect(made).toMatchObject({ status: 201, body: { customer: tenant } });
  const own = made.body.id;

  const collective = { currency: 'EUR', kind: 'collective', price_mode: 'net', runs: MONTHLY };
  const open = (of: string, issuer: string): ReturnType<Caller['post']> =>
    caller.post('/v1/billing-accounts', { customer: of, issuer, ...collective });
  const refused = { status: 422, body: { code: 'foreign_issuer', errors: [{ field: 'issuer' }] } };
  expect(await open(tenant, own)).toMatchObject(refused);
  expect(await open(stranger, own)).toMatchObject(refused);
  const toStranger = { customer: stranger, variant: 'pro', issuer: own };
  expect(await caller.post('/v1/orders', toStranger)).toMatchObject(refused);
  const newChild = { party: { name: 'C' }, ...HOME };
  expect(await caller.post('/v1/orders', { ...toStranger, customer: newChild })).toMatchObject(refused);
  const [tax_policy] = (await caller.get('/v1/tax-policies')).body.data;
  const group = { name: 'G', currency: 'EUR', tax_policy: tax_policy.id, issuer: own };
  expect(await caller.post('/v1/plan-groups', group)).toMatchObject(refused);

  const ofTenant = (await open(tenant, platform.id)).body.id;
  const ofSubTenant = (await open(subTenant, own)).body.id;
  const components = [{ component: 'seat', quantity: 2 }];
  const orders = [
    { customer: tenant, account: ofTenant, variant: 'pro' },
    { customer: subTenant, account: ofSubTenant, issuer: own, variant: 'pro', components },
  ];
  for (const order of orders) expect((await caller.post('/v1/orders', order)).status).toBe(201);
  await liveUntil(caller, clock, '2024-02-01T09:00:00.000Z');
  const documents = await rows(
    tenor.parts.pool,
    `select account_id, issuer_id, number, gross_minor::int as gross from documents where clock_id = $1 order by number`,
    [clock],
  );
  // 99.00 and 18.81 of tax. 99.00 + 2 × 9.00 = 117.00, and 22.23 of tax.
  expect(documents).toEqual([
    { account_id: ofTenant, issuer_id: platform.id, number: 'R-2024-0001', gross: 11_781 },
    { account_id: ofSubTenant, issuer_id: own, number: 'T-2024-0100', gross: 13_923 },
  ]);
  expect((await caller.delete(`/v1/test-clocks/${clock}`)).status).toBe(204);
  expect(await rows(tenor.parts.pool, 'select from issuers where id = $1', [own])).toEqual([]);
});

it('a tree of customers has ten levels', async () => {
  let parent = await customer({});
  for (let level = 2; level <= 10; level++) parent = await customer({ parent });
  const eleventh = await caller.post('/v1/customers', { party: { name: 'N' }, ...HOME, parent });
  expect(eleventh).toMatchObject({
    status: 422,
    body: { code: 'tree_too_deep', errors: [{ field: 'parent' }] },
  });
});
