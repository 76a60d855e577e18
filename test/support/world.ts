// A merchant with one object of every kind that a request can name, created through the API.
import { expect } from 'vitest';
import { merchantId } from '../../db/platform/ids.ts';
import { openIncident } from '../../db/platform/incidents.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';
import type { Caller } from './api.ts';
import { settle } from './merchant.ts';

export interface World {
  readonly issuer: string;
  readonly policy: string;
  readonly group: string;
  readonly plan: string;
  readonly component: string;
  readonly variant: string;
  readonly clock: string;
  readonly customer: string;
  readonly event: string;
  /** An endpoint that was sent the event. */
  readonly endpoint: string;
  readonly account: string;
  readonly method: string;
  readonly contract: string;
  readonly command: string;
  readonly subscription: string;
  readonly invoice: string;
  readonly attempt: string;
  readonly payment: string;
  readonly statement: string;
  readonly oneTime: string;
  readonly incident: string;
  /** A run by hand of a collective account. */
  readonly run: string;
  /** A collection by hand of an account's balance. */
  readonly collection: string;
  /** A job over billing accounts. */
  readonly job: string;
  readonly key: string;
  readonly mail: string;
}

const MONTH = { unit: 'month', count: 1 };

/** Creates the objects. The order is decided directly, in place of the contract's workflow. */
export async function createWorld(pool: Pool, caller: Caller): Promise<World> {
  const create = async (path: string, body: unknown) => {
    const answer = await caller.post(path, body);
    expect(answer.body).toMatchObject({ id: expect.any(String) });
    return answer.body.id as string;
  };
  const issuer = await create('/v1/issuers', {
    party: { name: 'I' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
  });
  const policy = await create('/v1/tax-policies', {
    name: 'T',
    rates: [{ country: 'DE', valid_from: '2020-01-01', rate: '19' }],
  });
  const currency = 'EUR';
  const group = await create('/v1/plan-groups', { name: 'G', currency, tax_policy: policy, issuer });
  const plan = await create('/v1/plans', { plan_group: group, name: 'P' });
  const component = await create('/v1/components', {
    plan_group: group,
    kind: 'bookable',
    name: 'Seat',
    price: { kind: 'simple', price: '9.00' },
    interval: MONTH,
  });
  const variant = await create('/v1/variants', {
    plan,
    name: 'V',
    fee: '99.00',
    fee_interval: MONTH,
    components: [{ component, rule: 'optional' }],
  });
  const clock = await create('/v1/test-clocks', { name: 'C', at: '2024-01-31T12:00:00Z' });
  const customer = await create('/v1/customers', {
    party: { name: 'N' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    clock,
  });
  const method = await create('/v1/payment-methods', { customer, provider: 'sandbox', token: 'card' });
  const order = await caller.post('/v1/orders', {
    customer,
    variant,
    components: [{ component, quantity: 2 }],
    payment_method: method,
  });
  const { contract, command } = order.body;
  await settle(pool, contract);
  const read = (await caller.get(`/v1/contracts/${contract}`)).body;
  const invoices = (await caller.get(`/v1/invoices?contract=${contract}&sort=at`)).body.data;
  const attempts = await rows<{ id: string }>(pool, 'select id from attempts where contract_id = $1', [
    contract,
  ]);
  const payment = await create(`/v1/billing-accounts/${read.account}/receipts`, {
    amount: '10.00',
    reference: 'R1',
  });
  const statement = await create(`/v1/billing-accounts/${read.account}/statements`, {
    from: '2024-01-01',
    to: '2024-02-01',
  });
  const oneTime = await create('/v1/one-time-charges', {
    contract,
    text: 'Workshop',
    unit_price: '1.00',
    currency,
    price_mode: 'net',
    tax_policy: policy,
    bill: 'next_invoice',
  });
  const collective = { customer, issuer, currency, kind: 'collective', price_mode: 'net' };
  const run = await create(
    `/v1/billing-accounts/${await create('/v1/billing-accounts', collective)}/runs`,
    undefined,
  );
  const balance = { customer, issuer, currency, collection: { by: 'balance' } };
  const collection = await create(
    `/v1/billing-accounts/${await create('/v1/billing-accounts', balance)}/collections`,
    undefined,
  );
  const job = await create('/v1/account-jobs', { kind: 'bill', customer });
  const [owner] = await rows<{ merchant_id: string }>(
    pool,
    'select merchant_id from contracts where id = $1',
    [contract],
  );
  const incident = await openIncident(
    pool,
    merchantId(owner?.merchant_id ?? ''),
    `contract/${contract}`,
    'settle',
    new Error('broken'),
  );
  const endpoint = await create('/v1/webhook-endpoints', { url: 'https://shop.example/hooks' });
  await caller.post(`/v1/webhook-endpoints/${endpoint}/test`);
  const [event] = (await caller.get('/v1/events?limit=1')).body.data;
  const key = await create('/v1/api-keys', { name: 'K', scopes: ['read'] });
  const mail = `mai_of_${invoices[0].id}`;
  await rows(
    pool,
    `insert into mails (merchant_id, id, purpose, customer_id, account_id, document_id, object_id)
     values ($1, $2, 'invoice', $3, $4, $5, $5)`,
    [owner?.merchant_id, mail, customer, read.account, invoices[0].id],
  );
  return {
    event: event.id,
    mail,
    endpoint,
    incident,
    run,
    collection,
    job,
    issuer,
    policy,
    group,
    plan,
    component,
    variant,
    clock,
    customer,
    method,
    contract,
    payment,
    statement,
    oneTime,
    key,
    account: read.account,
    command: command.id,
    subscription: read.subscriptions[0].id,
    invoice: invoices[0].id,
    attempt: attempts[0]?.id ?? '',
  };
}
