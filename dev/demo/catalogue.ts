import type { Interval, NewTaxRate, NewVariant, TenorClient } from '../../client/index.ts';

const MONTH: Interval = { unit: 'month', count: 1 };
const rate = (country: string, percent: string): NewTaxRate => ({
  country,
  valid_from: '2020-01-01',
  rate: percent,
});

export interface CatalogueOptions {
  /** Whether customers get mails. By default they get none. */
  readonly mails?: boolean;
}

/** Creates the catalogue of Wolkenwerk GmbH: cloud plans and a shelf of e-books. Everything has an external id. */
export async function createCatalogue(
  api: TenorClient,
  { mails = false }: CatalogueOptions = {},
): Promise<void> {
  await createSeller(api, mails);
  await sellCloud(api);
  await createGroup(api, 'library', 'Library EUR', 'e-books');
  await createVariant(api, 'library', 'Shelf', { external_id: 'shelf-monthly', fee: '10.00' });
}

/** Creates the issuer of all documents, and the tax policies of software and e-books. */
async function createSeller(api: TenorClient, mails: boolean): Promise<void> {
  await api.post('/v1/issuers', {
    body: {
      external_id: 'wolkenwerk',
      party: {
        name: 'Wolkenwerk GmbH',
        address: { line1: 'Am Speicher 1', postal_code: '10115', city: 'Berlin' },
      },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      series: { invoice: { pattern: 'R-{YYYY}-{####}' }, credit_note: { pattern: 'G-{YYYY}-{####}' } },
      ...(mails ? { mail_enabled: true, mail_from: 'rechnung@wolkenwerk.example' } : {}),
    },
  });
  const software = [rate('DE', '19'), rate('AT', '20'), rate('LU', '17')];
  await api.post('/v1/tax-policies', {
    body: { external_id: 'software', name: 'Software', rates: software },
  });
  await api.post('/v1/tax-policies', {
    body: { external_id: 'e-books', name: 'e-Books', rates: [rate('DE', '19'), rate('LU', '2.5')] },
  });
}

async function createGroup(
  api: TenorClient,
  external_id: string,
  name: string,
  tax_policy: string,
): Promise<void> {
  await api.post('/v1/plan-groups', {
    body: { external_id, name, currency: 'EUR', tax_policy, issuer: 'wolkenwerk' },
  });
}

/** Creates the variants Basic with a trial, Pro, and Free. Seats and support can be booked with the first two. */
async function sellCloud(api: TenorClient): Promise<void> {
  await createGroup(api, 'cloud', 'Cloud EUR', 'software');
  for (const [external_id, kind, name, price] of [
    ['seat', 'bookable', 'Seat', '9.00'],
    ['support', 'on_off', 'Support', '49.00'],
  ] as const) {
    await api.post('/v1/components', {
      body: {
        external_id,
        plan_group: 'cloud',
        kind,
        name,
        price: { kind: 'simple', price },
        interval: MONTH,
      },
    });
  }
  const components = ['seat', 'support'].map((component) => ({ component, rule: 'optional' as const }));
  await createVariant(api, 'cloud', 'Basic', {
    external_id: 'basic-monthly',
    fee: '29.00',
    trial: { unit: 'day', count: 14 },
    components,
  });
  await createVariant(api, 'cloud', 'Pro', { external_id: 'pro-monthly', fee: '99.00', components });
  await createVariant(api, 'cloud', 'Free', { external_id: 'free', fee: null });
}

async function createVariant(
  api: TenorClient,
  plan_group: string,
  plan: string,
  terms: Omit<NewVariant, 'plan' | 'name' | 'fee_interval'>,
): Promise<void> {
  const { id } = await api.post('/v1/plans', { body: { plan_group, name: plan } });
  await api.post('/v1/variants', {
    body: { plan: id, name: `${plan} monthly`, fee_interval: MONTH, ...terms },
  });
}
