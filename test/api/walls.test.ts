// The ids of another merchant are refused in every place of every route. The tests find the places in the schemas themselves.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { ROUTES } from '../../api/routes/index.ts';
import { id, reference } from '../../api/schemas/common.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { rows } from '../support/rows.ts';
import { createVault } from '../../db/parties/vault.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createTestPool } from '../support/fixtures.ts';
import { pngLogo } from '../support/logos.ts';
import { type World, createWorld } from '../support/world.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let api: TestApi;
let caller: Caller;
let own: World;
let foreign: World;

beforeAll(async () => {
  database = await createTestPool();
  api = await startTestApi(database.pool, createVault([Buffer.alloc(32, 7)]));
  caller = await api.caller((await createMerchant(database.pool, 'Own')).test);
  own = await createWorld(database.pool, caller);
  const other = await api.caller((await createMerchant(database.pool, 'Foreign')).test);
  foreign = await createWorld(database.pool, other);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await database.close();
});

const MONTH = { unit: 'month', count: 1 };
const party = { name: 'A' };
const home = { country: 'DE', time_zone: 'Europe/Berlin' };
const seat = { name: 'S', price: { kind: 'free' }, interval: MONTH };

/** Valid bodies, with an id in every field that accepts one. */
const bodies: Record<string, (w: World) => object[]> = {
  'post /v1/issuers': (w) => [{ party, ...home, customer: w.customer }],
  'patch /v1/issuers/{id}': () => [{ party }],
  'post /v1/tax-policies': () => [{ name: 'T' }],
  'post /v1/tax-policies/{id}/rates': () => [{ country: 'AT', valid_from: '2024-01-01', rate: '20' }],
  'post /v1/plan-groups': (w) => [{ name: 'G', currency: 'EUR', tax_policy: w.policy, issuer: w.issuer }],
  'post /v1/plans': (w) => [{ plan_group: w.group, name: 'P' }],
  'post /v1/components': (w) => [{ plan_group: w.group, kind: 'bookable', tax_policy: w.policy, ...seat }],
  'post /v1/components/{id}/versions': () => [seat],
  'post /v1/variants': (w) => [
    {
      plan: w.plan,
      name: 'V',
      fee: null,
      fee_interval: MONTH,
      components: [{ component: w.component, rule: 'optional' }],
    },
  ],
  'post /v1/variants/{id}/versions': (w) => [
    { name: 'V', fee: null, fee_interval: MONTH, components: [{ component: w.component, rule: 'optional' }] },
  ],
  'post /v1/customers': (w) => [
    { party, ...home, clock: w.clock },
    { party, ...home, parent: w.customer },
  ],
  'patch /v1/customers/{id}': () => [{ country: 'AT' }],
  'post /v1/billing-accounts': (w) => [
    { customer: w.customer, issuer: w.issuer, currency: 'EUR', payment_method: w.method },
  ],
  'patch /v1/billing-accounts/{id}': (w) => [{ payment_method: w.method }],
  'post /v1/account-jobs': (w) => [
    { kind: 'bill', account: w.account },
    { kind: 'bill', customer: w.customer },
    { kind: 'bill', issuer: w.issuer },
  ],
  'post /v1/account-jobs/preview': (w) => [
    { account: w.account },
    { customer: w.customer },
    { issuer: w.issuer },
  ],
  'post /v1/billing-accounts/{id}/receipts': () => [{ amount: '1.00', reference: 'R' }],
  'post /v1/billing-accounts/{id}/statements': () => [{ from: '2024-01-01', to: '2024-01-02' }],
  'post /v1/payment-methods': (w) => [{ customer: w.customer, provider: 'sandbox', token: 'card' }],
  'post /v1/orders': (w) => orders(w),
  'post /v1/orders/preview': (w) => orders(w),
  'patch /v1/contracts/{id}': (w) => [{ payment_method: w.method, account: w.account }],
  'post /v1/contracts/{id}/commands': (w) => commands(w),
  'post /v1/contracts/{id}/commands/preview': (w) => commands(w),
  'post /v1/one-time-charges': (w) => oneTimeCharges(w),
  'post /v1/contracts/{id}/usage': (w) => {
    const event = { event_id: 'e', component: w.component, quantity: 1, at: 'NOW' };
    return [event, [event]];
  },
  'post /v1/webhook-endpoints': () => [{ url: 'https://shop.example/hooks' }],
  'patch /v1/webhook-endpoints/{id}': () => [{ description: 'Shop' }],
  'post /v1/webhook-endpoints/{id}/rotate-secret': () => [{}],
  'post /v1/webhook-endpoints/{id}/replay': () => [{ dead: true }],
  'post /v1/api-keys': () => [{ name: 'K', scopes: ['read'] }],
  'post /v1/api-keys/{id}/rotate': () => [{}],
  'post /v1/mails/{id}/bounce': () => [{}],
  'post /v1/mail-templates/preview': () => [{ purpose: 'invoice', language: 'en' }],
  'put /v1/mail-templates/{purpose}/{language}': () => [{ subject: 'S', text: 'T', html: 'H' }],
  'put /v1/mail-settings': () => [{ operators: [] }],
  'post /v1/test-clocks': () => [{ name: 'C', at: '2024-01-01T00:00:00Z' }],
  'post /v1/test-clocks/{id}/advance': () => [{ by: { unit: 'day', count: 1 } }],
};

function orders(w: World): object[] {
  const components = [{ component: w.component }];
  const named = {
    variant: w.variant,
    issuer: w.issuer,
    account: w.account,
    payment_method: w.method,
    components,
  };
  return [
    { ...named, customer: w.customer },
    { customer: { party, ...home, clock: w.clock }, variant: w.variant },
    { customer: { party, ...home, parent: w.customer }, variant: w.variant },
  ];
}

function oneTimeCharges(w: World): object[] {
  const once = { text: 'W', unit_price: '1.00', currency: 'EUR', price_mode: 'net', tax_policy: w.policy };
  return [
    { ...once, contract: w.contract, bill: 'now' },
    { ...once, customer: w.customer, account: w.account, bill: 'next_invoice' },
    { ...once, customer: w.customer, issuer: w.issuer, bill: 'now' },
  ];
}

function commands(w: World): object[] {
  const set = [{ subscription: w.subscription, quantity: 3 }];
  const add = [{ component: w.component }];
  return [
    { kind: 'change', variant: w.variant, components: { add, set }, effective: 'now' },
    { kind: 'change', components: { remove: [w.subscription] }, effective: 'now' },
    { kind: 'withdraw', command: w.command },
    { kind: 'pause' },
  ];
}

/** The kind of row that `{id}` of a path names. */
const pathKind: Record<string, keyof World> = {
  issuers: 'issuer',
  'tax-policies': 'policy',
  'plan-groups': 'group',
  plans: 'plan',
  components: 'component',
  variants: 'variant',
  customers: 'customer',
  'billing-accounts': 'account',
  'payment-methods': 'method',
  contracts: 'contract',
  commands: 'command',
  invoices: 'invoice',
  payments: 'payment',
  statements: 'statement',
  attempts: 'attempt',
  'one-time-charges': 'oneTime',
  'test-clocks': 'clock',
  incidents: 'incident',
  runs: 'run',
  collections: 'collection',
  'account-jobs': 'job',
  events: 'event',
  'webhook-endpoints': 'endpoint',
  'api-keys': 'key',
  mails: 'mail',
};
/** The kind of row that a field of a query names. */
const queryKind: Record<string, keyof World> = {
  plan_group: 'group',
  plan: 'plan',
  component: 'component',
  parent: 'customer',
  clock: 'clock',
  customer: 'customer',
  account: 'account',
  contract: 'contract',
  invoice: 'invoice',
  after: 'event',
  document: 'invoice',
};

type Path = readonly (string | number)[];
interface Internals {
  readonly def: {
    readonly innerType?: z.ZodType;
    readonly in?: z.ZodType;
    readonly element?: z.ZodType;
    readonly shape?: Record<string, z.ZodType>;
    readonly options?: readonly z.ZodType[];
  };
  readonly parent?: z.ZodType;
}

/** The paths of the fields in a schema that accept an id, that is, which are derived from `id` or `reference`. */
function idPaths(schema: z.ZodType, at: Path = []): Path[] {
  const { def, parent } = schema._zod as unknown as Internals;
  if (schema === id || schema === reference) return [at];
  if (parent !== undefined) return idPaths(parent, at);
  if (def.innerType !== undefined) return idPaths(def.innerType, at);
  if (def.in !== undefined) return idPaths(def.in, at);
  if (def.element !== undefined) return idPaths(def.element, [...at, 0]);
  if (def.options !== undefined) return def.options.flatMap((each) => idPaths(each, at));
  return Object.entries(def.shape ?? {}).flatMap(([key, each]) => idPaths(each, [...at, key]));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function replaceAt(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown>;
  copy[key] = replaceAt(copy[key], rest, by);
  return copy;
}

const fieldOf = (path: Path): string =>
  path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');

function ask(method: string, path: string, body: unknown) {
  if (method === 'get') return caller.get(path);
  if (method === 'delete') return caller.delete(path);
  if (method === 'put') return caller.put(path, body);
  return method === 'patch' ? caller.patch(path, body) : caller.post(path, body);
}

const kindOf = (path: string): keyof World => pathKind[path.split('/')[2] ?? ''] as keyof World;

async function countRows(): Promise<unknown> {
  const tables = await rows<{ table_name: string }>(
    database.pool,
    `select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const counts = tables.map(
    ({ table_name }) => `select '${table_name}' as t, count(*) as n from ${table_name}`,
  );
  return rows(database.pool, counts.join(' union all '));
}

describe("another merchant's id", () => {
  it('is answered 404 in the path of every route, and nothing is written', async () => {
    const before = await countRows();
    let checked = 0;
    for (const { spec } of ROUTES.filter((each) => each.spec.path.includes('{id}'))) {
      const name = `${spec.method} ${spec.path}`;
      const named = spec.path.replace('{id}', foreign[kindOf(spec.path)]);
      const path = named
        .replace('{country}', 'DE')
        .replace('{valid_from}', '2099-01-01')
        .replace('{event}', foreign.event);
      const list = spec.body === undefined ? [undefined] : bodies[name]?.(own);
      expect(list, name).toBeDefined();
      for (const body of list ?? []) {
        const answer = await ask(spec.method, path, body);
        expect({ name, status: answer.status, code: answer.body.code }).toEqual({
          name,
          status: 404,
          code: 'not_found',
        });
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(25);
    expect(await countRows()).toEqual(before);
  });

  it('is refused in every field of every body, the error names the field, and nothing is written', async () => {
    const before = await countRows();
    let checked = 0;
    for (const { spec } of ROUTES) {
      if (spec.body === undefined) continue;
      const name = `${spec.method} ${spec.path}`;
      const path = spec.path.replace('{id}', own[kindOf(spec.path)] ?? '');
      const rights = bodies[name]?.(own) ?? [];
      const wrongs = bodies[name]?.(foreign) ?? [];
      expect(rights.length, name).toBeGreaterThan(0);
      for (const place of idPaths(spec.body)) {
        const index = rights.findIndex((body) => valueAt(body, place) !== undefined);
        expect(index, `${name}: no body has ${fieldOf(place)}`).toBeGreaterThanOrEqual(0);
        const body = replaceAt(rights[index], place, valueAt(wrongs[index], place));
        const answer = await ask(spec.method, path, body);
        const { code, errors } = answer.body;
        expect({ name, status: answer.status, code, field: errors?.[0]?.field }).toEqual({
          name,
          status: 422,
          code: 'not_found',
          field: fieldOf(place),
        });
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(25);
    expect(await countRows()).toEqual(before);
  });

  it('is refused in every field of every query, and the error names the field', async () => {
    let checked = 0;
    for (const { spec } of ROUTES) {
      if (spec.query === undefined) continue;
      const path = spec.path.replace('{id}', own[kindOf(spec.path)] ?? '');
      for (const place of idPaths(spec.query)) {
        const field = fieldOf(place);
        const kind = queryKind[field] as keyof World;
        expect(kind, `${spec.path} ${field}`).toBeDefined();
        const answer = await caller.get(`${path}?${field}=${foreign[kind]}`);
        const { code, errors } = answer.body;
        expect({ path, status: answer.status, code, field: errors?.[0]?.field }).toEqual({
          path,
          status: 422,
          code: 'not_found',
          field,
        });
        expect((await caller.get(`${path}?${field}=${own[kind]}`)).status).toBe(200);
        checked += 1;
      }
    }
    expect(checked).toBeGreaterThan(10);
  });

  it('never appears in a list', async () => {
    const ids = new Set(Object.values(foreign));
    for (const { spec } of ROUTES) {
      // The settings of mails are one object, without an id.
      if (spec.method !== 'get' || /\{|mail-settings/.test(spec.path)) continue;
      const { status, body } = await caller.get(spec.path);
      expect(status).toBe(200);
      if (spec.path.endsWith('.csv')) {
        expect([...ids].filter((id) => (body as string).includes(id))).toEqual([]);
        continue;
      }
      expect(body.data.length, spec.path).toBeGreaterThan(0);
      expect(body.data.filter((each: { id: string }) => ids.has(each.id))).toEqual([]);
    }
  });
});

describe("the merchant's own ids", () => {
  it('are accepted by every route that reads', async () => {
    await caller.patch(`/v1/issuers/${own.issuer}`, { logo: pngLogo(3, 1).toString('base64') });
    for (const { spec } of ROUTES) {
      if (spec.method !== 'get') continue;
      const path = spec.path
        .replace('{id}', own[kindOf(spec.path)] ?? '')
        .replace('{event}', own.event)
        .replace('{purpose}/{language}', 'invoice/en');
      // A PDF that no worker has made yet.
      const status = path.endsWith('/pdf') ? 202 : 200;
      expect({ path, status: (await caller.get(path)).status }).toEqual({ path, status });
    }
  });
});
