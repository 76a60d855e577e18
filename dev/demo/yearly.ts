import type { Component, Interval, NewComponent } from '../../client/index.ts';
import { type Tale, type World, orders } from './tale.ts';

const MONTH: Interval = { unit: 'month', count: 1 };

/** Creates a yearly plan beside the monthly ones, storage that is billed as far ahead as the fee, and calls by tiers. */
async function sellsYearly({ api }: World): Promise<void> {
  const component = (
    external_id: string,
    more: Omit<NewComponent, 'plan_group' | 'interval'>,
  ): Promise<Component> =>
    api.post('/v1/components', {
      body: { external_id, plan_group: 'cloud', interval: MONTH, ...more },
    });
  await component('storage', {
    kind: 'bookable',
    name: 'Storage',
    price: { kind: 'simple', price: '5.00' },
    payment_mode: 'billed_until',
  });
  await component('calls', {
    kind: 'metered',
    name: 'API calls',
    price: {
      kind: 'graduated',
      tiers: [
        { up_to: '1000', price: '0.01' },
        { up_to: null, price: '0.005' },
      ],
    },
  });
  await component('onboarding', { kind: 'bookable', name: 'Onboarding', price: { kind: 'free' } });
  await api.post('/v1/plans', { body: { external_id: 'pro', plan_group: 'cloud', name: 'Pro' } });
  await api.post('/v1/variants', {
    body: {
      external_id: 'pro-yearly',
      plan: 'pro',
      name: 'Pro yearly',
      fee: '990.00',
      fee_interval: { unit: 'year', count: 1 },
      billing_interval: MONTH,
      components: [
        { component: 'storage', rule: 'optional' },
        { component: 'calls', rule: 'included', included: '500' },
        { component: 'onboarding', rule: 'included' },
      ],
    },
  });
}

const NAME = 'Südwind KG';
const MONTHS = ['02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];

/** A yearly fee with monthly bill runs: storage is billed ahead, and calls are billed after each month. */
export const YEARLY_TALE: Tale = {
  name: 'Pro yearly',
  begins: '2024-01-01T08:00:00+01:00',
  ends: '2024-03-02T08:00:00+01:00',
  acts: [
    {
      at: '2024-01-01T09:00:00+01:00',
      what: 'Südwind orders Pro yearly with Storage, both paid for the year',
      does: async (world) => {
        await sellsYearly(world);
        const customer = { name: NAME, country: 'DE', time_zone: 'Europe/Berlin', token: 'card' };
        const components = [{ component: 'storage', quantity: 1 }];
        await orders('suedwind', customer, { variant: 'pro-yearly', components })(world);
      },
    },
    {
      at: '2024-01-20T09:00:00+01:00',
      what: 'Südwind makes 2000 calls, of which 500 are included',
      does: async ({ api, customers }) => {
        await api.post('/v1/contracts/{id}/usage', {
          id: customers.get('suedwind')?.contract ?? '',
          body: { event_id: 'january', component: 'calls', quantity: 2000, at: 'NOW' },
        });
      },
    },
  ],
  expected: {
    suedwind: {
      name: NAME,
      documents: [
        ['2024-01-01', '1050.00', '199.50', '1249.50'],
        ['2024-02-01', '10.00', '1.90', '11.90'],
      ],
      balance: '0.00',
      attempts: { succeeded: 2 },
      sheets: [
        {
          number: 'R-2024-0001',
          title: 'Pro',
          due: '2024-01-01',
          open: '0.00',
          lines: [
            '2024-01-01 Pro yearly, 1 × 990 = 990.00',
            '2024-01-01 Storage, 1 × 5 = 5.00',
            '2024-01-01 Onboarding, 1 × 0 = 0.00',
            ...MONTHS.map((month) => `2024-${month}-01 Storage, 1 × 5 = 5.00`),
          ],
        },
        {
          number: 'R-2024-0002',
          title: 'Pro',
          due: '2024-02-01',
          open: '0.00',
          lines: [
            '2024-02-01 Onboarding, 1 × 0 = 0.00',
            '2024-01-01 API calls, 500 × 0.01 = 5.00',
            '2024-01-01 API calls, 1000 × 0.005 = 5.00',
          ],
        },
      ],
    },
  },
};
