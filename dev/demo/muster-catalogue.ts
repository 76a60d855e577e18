import type { Interval, TenorClient } from '../../client/index.ts';

const MONTH: Interval = { unit: 'month', count: 1 };

/** Creates the catalogue of Übergeordneter Mandant GmbH: a cloud without a fee, licences, and surveys by tiers. */
export async function createMusterCatalogue(api: TenorClient): Promise<void> {
  await api.post('/v1/issuers', {
    body: {
      external_id: 'mandant',
      party: {
        name: 'Übergeordneter Mandant GmbH',
        address: { line1: 'Keithstr. 6', postal_code: '10787', city: 'Berlin' },
      },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      series: { invoice: { pattern: 'S-{MM}/{YYYY}-{####}', first_counter: 1232 } },
    },
  });
  await api.post('/v1/tax-policies', {
    body: {
      external_id: 'services',
      name: 'Services',
      rates: [{ country: 'DE', valid_from: '2007-01-01', rate: '19' }],
    },
  });
  const plan_group = 'tenants';
  await api.post('/v1/plan-groups', {
    body: {
      external_id: plan_group,
      name: 'Tenants EUR',
      currency: 'EUR',
      tax_policy: 'services',
      issuer: 'mandant',
    },
  });
  await sellsCloud(api, plan_group);
}

/** Creates the licences, the surveys, and the cloud that both can be booked with. */
async function sellsCloud(api: TenorClient, plan_group: string): Promise<void> {
  await api.post('/v1/components', {
    body: {
      external_id: 'licence',
      plan_group,
      kind: 'bookable',
      name: 'User licence GRC Cockpit, ref. AB200576 6',
      price: { kind: 'simple', price: '283.3333' },
      interval: MONTH,
    },
  });
  await api.post('/v1/components', {
    body: {
      external_id: 'surveys',
      plan_group,
      kind: 'metered',
      name: 'Survey transactions GRC Cockpit',
      price: {
        kind: 'graduated',
        tiers: [
          { up_to: '25', price: '0.952' },
          { up_to: null, price: '4.70' },
        ],
      },
      cap: '500.00',
      interval: MONTH,
    },
  });
  await api.post('/v1/plans', {
    body: { external_id: 'business-cloud', plan_group, name: 'German BusinessCloud' },
  });
  await api.post('/v1/variants', {
    body: {
      external_id: 'business-cloud-monthly',
      plan: 'business-cloud',
      name: 'German BusinessCloud',
      fee: null,
      fee_interval: MONTH,
      components: ['licence', 'surveys'].map((component) => ({ component, rule: 'optional' as const })),
    },
  });
}
