import {
  type BillingAccount,
  type NewCustomer,
  type NewOneTimeCharge,
  type TenorClient,
  all,
} from '../../client/index.ts';
import { createMusterCatalogue } from './muster-catalogue.ts';
import type { Act, Tale, World } from './tale.ts';

const BERLIN = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
const GROSS = {
  issuer: 'mandant',
  currency: 'EUR',
  price_mode: 'gross',
  tax_policy: 'services',
  bill: 'now',
} as const;

const MUSTER = {
  name: 'Untermandant Muster GmbH',
  department: 'Personalabteilung',
  contact: 'Erika Musterfrau',
  address: { line1: 'Musterstraße 42', postal_code: '12345', city: 'Musterstadt' },
  email: 'erika.musterfrau@muster.example',
  reference: 'VUDH736DBH',
  tax_number: '123456789',
  vat_id: 'DE136695976',
  bank_name: 'Bank AG',
  iban: 'DE89370400440532013000',
  bic: 'PBNKDEFF',
};

/** Creates a customer with an account, but without a contract. */
async function isCustomer(
  { api, clock, customers }: World,
  short: string,
  more: Pick<NewCustomer, 'party'> & Partial<NewCustomer>,
): Promise<void> {
  const { id } = await api.post('/v1/customers', { body: { ...BERLIN, clock, ...more } });
  await api.post('/v1/billing-accounts', { body: { customer: id, issuer: 'mandant', currency: 'EUR' } });
  customers.set(short, { customer: id, contract: null });
}

const pays =
  (short: string, amount: string, reference: string) =>
  async ({ api, customers }: World): Promise<void> => {
    const [account] = await accountsOf(api, customers.get(short)?.customer ?? '');
    await api.post('/v1/billing-accounts/{id}/receipts', {
      id: account?.id ?? '',
      body: { amount, reference },
    });
  };

const accountsOf = (api: TenorClient, customer: string): Promise<BillingAccount[]> =>
  all(api.list('/v1/billing-accounts', { customer }));

/** Makes a one-time charge at a gross price, billed at once on a document of its own. */
const isBilled =
  (short: string, text: string, unit_price: string) =>
  async ({ api, customers }: World): Promise<void> => {
    const customer = customers.get(short)?.customer ?? '';
    await api.post('/v1/one-time-charges', { body: { ...GROSS, customer, text, unit_price } });
  };

/** Makes a one-time charge that waits for the next invoice of the contract. */
const waits =
  (charge: Pick<NewOneTimeCharge, 'text' | 'unit_price' | 'quantity'>) =>
  async ({ api, customers }: World): Promise<void> => {
    const contract = customers.get('muster')?.contract ?? '';
    const net = { currency: 'EUR', price_mode: 'net', tax_policy: 'services', bill: 'next_invoice' } as const;
    await api.post('/v1/one-time-charges', { body: { contract, ...net, ...charge } });
  };

const ordersCloud = async ({ api, customers }: World): Promise<void> => {
  const customer = customers.get('muster')?.customer ?? '';
  const made = await api.post('/v1/orders', {
    body: {
      customer,
      variant: 'business-cloud-monthly',
      components: [
        { component: 'licence', quantity: 3, start: '2016-12-01' },
        { component: 'surveys', quantity: 1 },
      ],
    },
  });
  customers.set('muster', made);
};

const surveys =
  (quantity: number, event_id: string) =>
  async ({ api, customers }: World): Promise<void> => {
    const { results } = await api.post('/v1/contracts/{id}/usage', {
      id: customers.get('muster')?.contract ?? '',
      body: { event_id, component: 'surveys', quantity, at: 'NOW' },
    });
    if (results[0]?.result !== 'consumed') throw new Error(`usage was answered ${JSON.stringify(results)}`);
  };

const acts: readonly Act[] = [
  {
    at: '2016-10-01T09:00:00+02:00',
    what: 'Muster is invoiced for October',
    does: async (world) => {
      await createMusterCatalogue(world.api);
      const invoice_title = 'Rechnung {plan} {MMM} {YYYY}';
      await isCustomer(world, 'muster', { party: MUSTER, payment_term_days: 60, invoice_title });
      await isBilled('muster', 'German BusinessCloud', '2300.80')(world);
    },
  },
  {
    at: '2016-11-01T09:00:00+01:00',
    what: 'Muster pays, and orders the cloud with 3 licences from December on',
    does: async (world) => {
      await pays('muster', '2300.80', 'S-10/2016-1232')(world);
      await ordersCloud(world);
    },
  },
  { at: '2016-11-08T11:00:00+01:00', what: '12 surveys', does: surveys(12, 'week-45') },
  {
    at: '2016-11-10T09:00:00+01:00',
    what: 'Muster is invoiced for November',
    does: isBilled('muster', 'German BusinessCloud', '8500.00'),
  },
  {
    at: '2016-11-15T17:00:00+01:00',
    what: 'a workshop, for the next invoice',
    does: waits({ text: 'Workshop Cloud Compliance', unit_price: '7500.00' }),
  },
  { at: '2016-11-17T11:00:00+01:00', what: '11 surveys', does: surveys(11, 'week-46') },
  {
    at: '2016-11-20T12:00:00+01:00',
    what: '2 loyalty points are redeemed, with the next invoice',
    does: waits({ text: 'Credit: loyalty points redeemed', quantity: 2, unit_price: '-5.00' }),
  },
  { at: '2016-11-29T11:00:00+01:00', what: '7 surveys', does: surveys(7, 'week-48') },
  {
    at: '2016-11-30T09:00:00+01:00',
    what: 'Muster pays a part',
    does: pays('muster', '274.58', 'S-11/2016-1233'),
  },
  {
    at: '2016-12-01T09:00:00+01:00',
    what: 'Muster pays November in full: 274.58 more than it owes, for the invoice of today',
    does: pays('muster', '8500.00', 'S-11/2016-1233'),
  },
];

const cloudTitle = (month: string): string => `Rechnung German BusinessCloud ${month} 2016`;

/** The account of a tenant: invoices by hand, then a workshop, licences, surveys and a credit on one invoice. */
export const MUSTER_TALE: Tale = {
  name: 'Muster GmbH',
  begins: '2016-10-01T08:00:00+02:00',
  ends: '2016-12-02T08:00:00+01:00',
  acts,
  expected: {
    muster: {
      name: MUSTER.name,
      documents: [
        ['2016-10-01', '1933.45', '367.35', '2300.80'],
        ['2016-11-10', '7142.86', '1357.14', '8500.00'],
        ['2016-12-01', '8387.30', '1593.59', '9980.89'],
      ],
      balance: '-9706.31',
      attempts: {},
      sheets: [
        {
          number: 'S-10/2016-1232',
          title: cloudTitle('Okt.'),
          due: '2016-11-30',
          open: '0.00',
          lines: ['2016-10-01 German BusinessCloud, 1 × 2300.80 = 2300.80'],
        },
        {
          number: 'S-11/2016-1233',
          title: cloudTitle('Nov.'),
          due: '2017-01-09',
          open: '0.00',
          lines: ['2016-11-10 German BusinessCloud, 1 × 8500.00 = 8500.00'],
        },
        {
          number: 'S-12/2016-1234',
          title: cloudTitle('Dez.'),
          due: '2017-01-30',
          open: '9706.31',
          lines: [
            '2016-11-15 Workshop Cloud Compliance, 1 × 7500.00 = 7500.00',
            '2016-12-01 User licence GRC Cockpit, ref. AB200576 6, 3 × 283.3333 = 850.00',
            '2016-11-01 Survey transactions GRC Cockpit, 25 × 0.952 = 23.80',
            '2016-11-01 Survey transactions GRC Cockpit, 5 × 4.7 = 23.50',
            '2016-11-20 Credit: loyalty points redeemed, 2 × -5.00 = -10.00',
          ],
        },
      ],
    },
  },
};

/** Receipts before the invoice, whose rest stays on the account. The tale's clock has its own number series. */
export const SECOND_TALE: Tale = {
  name: 'Untermandant 2',
  begins: '2014-12-31T08:00:00+01:00',
  ends: '2015-03-01T08:00:00+01:00',
  acts: [
    {
      at: '2014-12-31T09:00:00+01:00',
      what: 'Untermandant 2 pays 89.50 before anything is billed',
      does: async (world) => {
        await isCustomer(world, 'second', { party: { name: 'Untermandant 2' } });
        await pays('second', '89.50', '0987654321')(world);
      },
    },
    {
      at: '2015-01-31T09:00:00+01:00',
      what: 'Untermandant 2 pays 60.00',
      does: pays('second', '60.00', '1234567890'),
    },
    {
      at: '2015-02-28T09:00:00+01:00',
      what: 'Untermandant 2 is invoiced',
      does: isBilled('second', 'Abrechnung 1', '75.00'),
    },
  ],
  expected: {
    second: {
      name: 'Untermandant 2',
      documents: [['2015-02-28', '63.03', '11.97', '75.00']],
      balance: '74.50',
      attempts: {},
      sheets: [
        {
          number: 'S-02/2015-1232',
          title: 'Abrechnung 1',
          due: '2015-02-28',
          open: '0.00',
          lines: ['2015-02-28 Abrechnung 1, 1 × 75.00 = 75.00'],
        },
      ],
    },
  },
};
