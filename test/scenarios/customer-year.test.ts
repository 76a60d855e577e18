// The year of one customer that `docs/concepts/billing.md` describes, on a test clock. The expected documents are read from the
// table of the page, so that the page cannot state another amount than the engine bills.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { type Story, beginStory } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller((await createMerchant(pool, 'Wolkenwerk')).test);
  await createShop();
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

/** Basic for 29.00 a month after 14 days of trial, Pro for 99.00; calls at 0.02 to 1000 and 0.01 above; 19 % VAT. */
async function createShop(): Promise<void> {
  const make = async (path: string, body: object): Promise<void> => {
    expect(await caller.post(path, body)).toMatchObject({ status: 201 });
  };
  const interval = { unit: 'month', count: 1 };
  const party = { name: 'Wolkenwerk GmbH' };
  await make('/v1/issuers', { external_id: 'issuer', party, country: 'DE', time_zone: 'Europe/Berlin' });
  const rates = [{ country: 'DE', valid_from: '2020-01-01', rate: '19' }];
  await make('/v1/tax-policies', { external_id: 'tax', name: 'Software', rates });
  const sold = { name: 'Cloud', currency: 'EUR', tax_policy: 'tax', issuer: 'issuer' };
  await make('/v1/plan-groups', { external_id: 'group', ...sold });
  await make('/v1/plans', { external_id: 'plan', name: 'Cloud', plan_group: 'group' });
  const tiers = [
    { up_to: '1000', price: '0.02' },
    { up_to: null, price: '0.01' },
  ];
  await make('/v1/components', {
    external_id: 'calls',
    name: 'Calls',
    plan_group: 'group',
    kind: 'metered',
    price: { kind: 'graduated', tiers },
    interval,
  });
  const components = [{ component: 'calls', rule: 'optional' }];
  const shared = { plan: 'plan', fee_interval: interval, components };
  const trial = { unit: 'day', count: 14 };
  await make('/v1/variants', { external_id: 'basic', name: 'Basic', fee: '29.00', trial, ...shared });
  await make('/v1/variants', { external_id: 'pro', name: 'Pro', fee: '99.00', ...shared });
}

let events = 0;
async function report(story: Story, quantity: number, at: string): Promise<void> {
  const event = { event_id: `e${++events}`, component: 'calls', quantity, at };
  const answer = await caller.post(`/v1/contracts/${story.contract}/usage`, event);
  expect(answer.body.results[0].result).toBe('consumed');
}

/** `date | kind | lines | net | tax | gross`, as the page prints them. */
async function documentsOf({ contract }: Story): Promise<string[]> {
  const { data } = (await caller.get(`/v1/invoices?contract=${contract}&limit=100&sort=at`)).body;
  const documents: string[] = [];
  for (const { id } of data as { id: string }[]) {
    const { issue_date, kind, lines, net, tax, gross } = (await caller.get(`/v1/invoices/${id}`)).body;
    const amounts = (lines as { amount: string }[]).map(({ amount }) => amount).join(', ');
    documents.push([issue_date, kind.replace('_', ' '), amounts, net, tax, gross].join(' | '));
  }
  return documents;
}

/** The same columns of the page's table. The page prints a minus sign, which becomes a hyphen. */
function documentsOfPage(): string[] {
  const page = readFileSync('docs/concepts/billing.md', 'utf8').replaceAll('−', '-');
  return [...page.matchAll(/^\| (\d{4}-\d\d-\d\d \| (?:invoice|credit note) \|(?: [^|]+ \|){4})/gm)].map(
    ([, row = '']) => row.slice(0, -' |'.length),
  );
}

it(
  "a customer's year is billed as the page about billing says, and nothing else happens (rules 5, 24, 25, 26, 27, 31, 37)",
  { timeout: 120_000 },
  async () => {
    const declines = ['01', '04', '08'].map((day) => `decline_on=2025-10-${day}:insufficient_funds`);
    const story = await beginStory(caller, '2024-12-18T09:00:00.000Z', {
      variant: 'basic',
      token: ['card', 'zone=Europe/Berlin', ...declines].join(';'),
      components: [{ component: 'calls', quantity: 1 }],
    });
    const on = (day: string): Promise<void> => story.until(`${day}T09:00:00.000Z`);
    await on('2024-12-20');
    await report(story, 40, 'NOW');
    await on('2025-03-16');
    await story.ask({ kind: 'change', variant: 'pro', effective: 'now' });
    await on('2025-04-10');
    await report(story, 1200, 'NOW');
    await on('2025-05-05');
    await report(story, -300, '2025-04-10T12:00:00.000Z');
    await on('2025-06-16');
    await story.ask({ kind: 'change', variant: 'basic', effective: 'now' });
    expect(await story.balance()).toBe('41.65');
    await on('2025-07-02');
    expect(await story.balance()).toBe('7.14');
    await on('2025-08-05');
    await report(story, 500, 'NOW');
    await on('2025-08-11');
    await story.ask({ kind: 'pause' });
    await on('2025-09-16');
    await story.ask({ kind: 'resume' });
    await on('2025-10-13');
    expect(await story.balance()).toBe('-34.51');
    await story.receive('34.51');
    await on('2025-12-05');
    await report(story, 50, 'NOW');
    await on('2025-12-10');
    const preview = { kind: 'cancel', effective: 'now' };
    const previewed = await caller.post(`/v1/contracts/${story.contract}/commands/preview`, preview);
    expect(previewed.body.documents).toMatchObject([{ kind: 'credit_note', net: '-19.58', gross: '-23.30' }]);
    await story.ask({ kind: 'cancel', effective: 'period_end' });
    await on('2026-06-30');

    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: [
        '2025-01-01 invoice 29.00 34.51',
        '2025-02-01 invoice 29.00 34.51',
        '2025-03-01 invoice 29.00 34.51',
        '2025-03-16 invoice 36.13 42.99',
        '2025-04-01 invoice 99.00 117.81',
        '2025-05-01 invoice 121.00 143.99',
        '2025-06-01 invoice 95.00 113.05',
        '2025-06-16 credit_note -35.00 -41.65',
        '2025-07-01 invoice 29.00 34.51',
        '2025-08-01 invoice 29.00 34.51',
        '2025-09-01 invoice 10.00 11.90',
        '2025-09-16 invoice 14.50 17.26',
        '2025-10-01 invoice 29.00 34.51',
        '2025-11-01 invoice 29.00 34.51',
        '2025-12-01 invoice 29.00 34.51',
        '2026-01-01 invoice 1.00 1.19',
      ],
      attempts: [
        '2025-01-01 34.51 succeeded',
        '2025-02-01 34.51 succeeded',
        '2025-03-01 34.51 succeeded',
        '2025-03-16 42.99 succeeded',
        '2025-04-01 117.81 succeeded',
        '2025-05-01 143.99 succeeded',
        '2025-06-01 113.05 succeeded',
        '2025-08-01 27.37 succeeded',
        '2025-09-01 11.90 succeeded',
        '2025-09-16 17.26 succeeded',
        '2025-10-01 34.51 declined',
        '2025-10-04 34.51 declined',
        '2025-10-08 34.51 declined',
        '2025-11-01 34.51 succeeded',
        '2025-12-01 34.51 succeeded',
        '2026-01-01 1.19 succeeded',
      ],
      commands: [
        'order applied',
        'change applied',
        'change applied',
        'pause applied',
        'resume applied',
        'pause applied by collection',
        'resume applied by collection',
        'cancel applied',
      ],
      scheduled: ['2025-12-31T23:00:00.000Z done'],
      agenda: [],
      moved: [
        'charge 34.51',
        'charge 34.51',
        'charge 34.51',
        'charge 42.99',
        'charge 117.81',
        'charge 143.99',
        'charge 113.05',
        'charge 27.37',
        'charge 11.90',
        'charge 17.26',
        'charge 34.51',
        'charge 34.51',
        'charge 1.19',
      ],
    });
    expect(await documentsOf(story)).toEqual(documentsOfPage());
    expect(await story.balance()).toBe('0.00');
  },
);
