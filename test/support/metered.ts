// A catalogue of metered components, created through the API. Everything has an external id.
import { expect } from 'vitest';
import type { Caller } from './api.ts';

const MONTH = { unit: 'month', count: 1 };
const COMPONENTS = ['calls', 'storage', 'desks', 'users', 'gold', 'seat'];

/**
 * Calls (sum, graduated: 0.10 to 100, 0.08 to 1000, then 0.05), storage (max, 0.50), desks (last, 2.00), users (unique,
 * 3.00), gold (sum, 1000.00) and seats (bookable, 9.00), all monthly. Variants: `free` without a fee, `pro` for 10.00
 * with 50 calls included and at most 10 seats, `trial` like `pro` after 14 days, `yearly` for 120.00 a year, billed monthly.
 */
export async function createMeteredShop(caller: Caller): Promise<void> {
  const create = async (path: string, body: object): Promise<void> => {
    const { status, body: answer } = await caller.post(path, body);
    expect([status, answer.code]).toEqual([201, undefined]);
  };
  const external = (external_id: string) => ({ external_id, name: external_id });
  await create('/v1/issuers', {
    external_id: 'issuer',
    party: { name: 'Wolkenwerk GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
  });
  const rates = [{ country: 'DE', valid_from: '2020-01-01', rate: '19' }];
  await create('/v1/tax-policies', { ...external('tax'), rates });
  await create('/v1/plan-groups', {
    ...external('group'),
    currency: 'EUR',
    tax_policy: 'tax',
    issuer: 'issuer',
  });
  await create('/v1/plans', { ...external('plan'), plan_group: 'group' });
  const component = (name: string, kind: string, price: object, more: object = {}) =>
    create('/v1/components', {
      ...external(name),
      plan_group: 'group',
      kind,
      price,
      interval: MONTH,
      ...more,
    });
  const simple = (price: string) => ({ kind: 'simple', price });
  const tiers = [
    { up_to: '100', price: '0.10' },
    { up_to: '1000', price: '0.08' },
    { up_to: null, price: '0.05' },
  ];
  await component('calls', 'metered', { kind: 'graduated', tiers });
  await component('storage', 'metered', simple('0.50'), { aggregation: 'max' });
  await component('desks', 'metered', simple('2.00'), { aggregation: 'last' });
  await component('users', 'metered', simple('3.00'), { aggregation: 'unique' });
  await component('gold', 'metered', simple('1000.00'));
  await component('seat', 'bookable', simple('9.00'));
  const variant = (name: string, fee: string | null, more: object = {}, of: Record<string, object> = {}) =>
    create('/v1/variants', {
      ...external(name),
      plan: 'plan',
      fee,
      fee_interval: MONTH,
      components: COMPONENTS.map((each) => ({ component: each, rule: 'optional', ...of[each] })),
      ...more,
    });
  const included = { calls: { included: '50' }, seat: { most: '10' } };
  await variant('free', null);
  await variant('pro', '10.00', {}, included);
  await variant('trial', '10.00', { trial: { unit: 'day', count: 14 } }, included);
  await variant('yearly', '120.00', { fee_interval: { unit: 'year', count: 1 }, billing_interval: MONTH });
}

/** A new customer on a clock. */
export const customerOn = (clock: string): object => ({
  party: { name: 'Nordlicht Software GmbH' },
  country: 'DE',
  time_zone: 'Europe/Berlin',
  clock,
});

/** The lines of all documents of a contract, each document as `[issue date, net, …lines]`, oldest first. */
export async function documentsOf(caller: Caller, contract: string): Promise<string[][]> {
  const { data } = (await caller.get(`/v1/invoices?contract=${contract}&limit=100&sort=at`)).body;
  const documents: string[][] = [];
  for (const { id } of data as { id: string }[]) {
    const { issue_date, net, lines } = (await caller.get(`/v1/invoices/${id}`)).body;
    const printed = (lines as Record<string, string>[]).map(
      ({ text, quantity, unit_price, amount }) => `${text} ${quantity} × ${unit_price} = ${amount}`,
    );
    documents.push([issue_date, net, ...printed]);
  }
  return documents;
}
