// Dated stories through the API, on real workflows. Each ends with a list of everything that happened, so nothing else did.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { happened } from '../support/happened.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { type Story, type StoryOrder, beginStory } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  const merchant = await createSampleMerchant(pool);
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(merchant);
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  expect(await audit(tenor.parts.pool, AT_REST)).toEqual([]);
  await api.stop();
  await tenor.stop();
});

const begin = (at: string, order: StoryOrder): Promise<Story> => beginStory(caller, at, order);

describe('a cancellation', () => {
  it('at the end of the period leaves one bill, and nothing comes after it (rule 26)', async () => {
    const story = await begin('2024-01-01T09:00:00.000Z', { variant: 'pro', token: 'card' });
    await story.until('2024-01-16T09:00:00.000Z');
    await story.ask({ kind: 'cancel', effective: 'period_end' });
    await story.until('2024-12-31T09:00:00.000Z');
    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: ['2024-01-01 invoice 99.00 117.81'],
      attempts: ['2024-01-01 117.81 succeeded'],
      commands: ['order applied', 'cancel applied'],
      scheduled: ['2024-01-31T23:00:00.000Z done'],
      agenda: [],
      moved: ['charge 117.81'],
    });
    expect(await story.balance()).toBe('0.00');
  });

  it('now credits the rest, which waits on the account (rules 26, 31)', async () => {
    const story = await begin('2024-01-01T09:00:00.000Z', { variant: 'pro', token: 'card' });
    await story.until('2024-01-16T09:00:00.000Z');
    await story.ask({ kind: 'cancel', effective: 'now' });
    await story.until('2024-12-31T09:00:00.000Z');
    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: ['2024-01-01 invoice 99.00 117.81', '2024-01-16 credit_note -51.10 -60.81'],
      attempts: ['2024-01-01 117.81 succeeded'],
      commands: ['order applied', 'cancel applied'],
      scheduled: [],
      agenda: [],
      moved: ['charge 117.81'],
    });
    expect(await story.balance()).toBe('60.81');
  });
});

describe('a card', () => {
  it('that is declined three times pauses the contract, and a receipt resumes it (rules 25, 37)', async () => {
    const declines = ['01', '04', '08'].map((day) => `decline_on=2024-03-${day}:insufficient_funds`);
    const token = ['card', 'zone=Europe/Berlin', ...declines].join(';');
    const story = await begin('2024-03-01T09:00:00.000Z', { variant: 'pro', token });
    await story.until('2024-04-11T09:00:00.000Z');
    expect(await story.balance()).toBe('-117.81');
    await story.receive('117.81');
    await story.until('2024-05-15T09:00:00.000Z');
    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: [
        '2024-03-01 invoice 99.00 117.81',
        '2024-04-11 invoice 66.00 78.54', // 20 of the 30 days of April
        '2024-05-01 invoice 99.00 117.81',
      ],
      attempts: [
        '2024-03-01 117.81 declined',
        '2024-03-04 117.81 declined',
        '2024-03-08 117.81 declined',
        '2024-04-11 78.54 succeeded',
        '2024-05-01 117.81 succeeded',
      ],
      commands: ['order applied', 'pause applied by collection', 'resume applied by collection'],
      scheduled: [],
      agenda: ['contract 2024-05-31T22:00:00.000Z'],
      moved: ['charge 78.54', 'charge 117.81'],
    });
    expect(await story.balance()).toBe('0.00');
  });

  it('that is charged back leaves the invoice open until a receipt pays it, and is not tried again (rule 37)', async () => {
    const story = await begin('2024-03-01T09:00:00.000Z', {
      variant: 'pro',
      token: 'card;chargeback_days=5',
    });
    await story.ask({ kind: 'cancel', effective: 'period_end' });
    await story.until('2024-03-06T08:59:59.000Z');
    expect(await story.balance()).toBe('0.00');
    await story.until('2024-03-20T09:00:00.000Z');
    expect(await story.balance()).toBe('-117.81');
    await story.receive('120.00');
    await story.until('2024-12-31T09:00:00.000Z');
    expect(await happened(tenor.parts.pool, story.clock)).toEqual({
      documents: ['2024-03-01 invoice 99.00 117.81'],
      attempts: ['2024-03-01 117.81 succeeded'],
      commands: ['order applied', 'cancel applied'],
      scheduled: ['2024-03-31T22:00:00.000Z done'],
      agenda: [],
      moved: ['charge 117.81', 'chargeback 117.81'],
    });
    expect(await story.balance()).toBe('2.19');
  });
});

it('a component with a tax policy of its own is taxed by it, on the same invoice (rules 16, 48)', async () => {
  const listed = async (path: string) => (await caller.get(path)).body.data;
  const [plan] = await listed('/v1/plans');
  const rates = [{ country: 'DE', valid_from: '2020-01-01', rate: '7' }];
  const books = await caller.post('/v1/tax-policies', { external_id: 'books', name: 'Books', rates });
  const interval = { unit: 'month', count: 1 };
  const created = [
    books,
    await caller.post('/v1/components', {
      external_id: 'book',
      plan_group: plan.plan_group,
      kind: 'bookable',
      tax_policy: 'books',
      name: 'Book',
      price: { kind: 'simple', price: '9.00' },
      interval,
    }),
    await caller.post('/v1/variants', {
      external_id: 'shelf',
      plan: plan.id,
      name: 'Shelf',
      fee: '10.00',
      fee_interval: interval,
      components: [{ component: 'book', rule: 'included' }],
    }),
  ];
  expect(created.map(({ status }) => status)).toEqual([201, 201, 201]);
  const story = await begin('2024-01-01T09:00:00.000Z', { variant: 'shelf', token: 'card' });
  const [invoice] = await listed(`/v1/invoices?contract=${story.contract}&sort=at`);
  expect((await caller.get(`/v1/invoices/${invoice.id}`)).body).toMatchObject({
    lines: [
      { text: 'Shelf', amount: '10.00', tax_rate: '19' },
      { text: 'Book', amount: '9.00', tax_rate: '7' },
    ],
    net: '19.00',
    tax: '2.53', // 1.90 + 0.63
    gross: '21.53',
  });
  await story.until('2024-01-31T09:00:00.000Z');
  expect(await happened(tenor.parts.pool, story.clock)).toEqual({
    documents: ['2024-01-01 invoice 19.00 21.53'],
    attempts: ['2024-01-01 21.53 succeeded'],
    commands: ['order applied'],
    scheduled: [],
    agenda: ['contract 2024-01-31T23:00:00.000Z'],
    moved: ['charge 21.53'],
  });
});

it('a scheduled change bounds earlier lines and counts on its day, a withdrawn change never counts, and a trial bills nothing (rules 9, 21, 24)', async () => {
  const story = await begin('2024-01-31T09:00:00.000Z', { variant: 'basic', token: 'card', seats: 2 });
  await story.until('2024-02-05T09:00:00.000Z');
  await story.ask({ kind: 'change', variant: 'pro', effective: 'period_end' });
  const { scheduled, subscriptions } = (await caller.get(`/v1/contracts/${story.contract}`)).body;
  await story.ask({ kind: 'withdraw', command: scheduled[0].command });
  const set = [{ subscription: subscriptions[0].id, quantity: 5 }];
  await story.ask({ kind: 'change', components: { set }, effective: '2024-03-01' });
  await story.until('2024-03-20T09:00:00.000Z');
  await story.ask({ kind: 'pause', effective: 'period_end' });
  await story.ask({ kind: 'cancel', effective: '2024-05-31' });
  await story.until('2024-12-31T09:00:00.000Z');
  expect(await happened(tenor.parts.pool, story.clock)).toEqual({
    documents: [
      '2024-02-14 invoice 38.93 46.33', // the trial ends: 29.00 + 18.00 × 16 ÷ 29, up to the change
      '2024-03-01 invoice 20.17 24.00', // 13 of 29 days of 45.00
      '2024-03-14 invoice 74.00 88.06', // 29.00 + 45.00
      // The contract is paused from 14 April on and cancelled in the pause, so later days are never billed.
    ],
    attempts: ['2024-02-14 46.33 succeeded', '2024-03-01 24.00 succeeded', '2024-03-14 88.06 succeeded'],
    commands: [
      'order applied',
      'change applied',
      'withdraw applied',
      'change applied',
      'pause applied',
      'cancel applied',
    ],
    scheduled: [
      '2024-02-13T23:00:00.000Z withdrawn',
      '2024-02-29T23:00:00.000Z done',
      '2024-04-13T22:00:00.000Z done',
      '2024-05-30T22:00:00.000Z done',
    ],
    agenda: [],
    moved: ['charge 46.33', 'charge 24.00', 'charge 88.06'],
  });
});
