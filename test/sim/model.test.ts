import { describe, expect, test } from 'vitest';
import type { Component } from './model.ts';
import {
  YEAR,
  variant,
  component,
  metered,
  book,
  berlin,
  on,
  change,
  to,
  set,
  pause,
  resume,
  cancel,
  used,
  billed,
  many,
} from './model/story.ts';

const BASIC = variant('basic', { fee: '29.00', trial: { unit: 'day', count: 14 } });
const PRO = variant('pro', { fee: '99.00' });
const SEAT = component('seat', '9.00');
const SUPPORT = component('support', '49.00', { kind: 'on_off' });

describe('the samples', () => {
  test('Nordlicht is billed for its year', () => {
    const lines = billed({
      variants: [BASIC, PRO],
      components: [SEAT, SUPPORT],
      start: '2023-12-18',
      commands: [
        on('2024-01-16', to('pro')),
        on('2024-02-10', change({ add: [book('seat', '3')] })),
        on('2024-04-11', pause),
        on('2024-05-21', resume),
        on('2024-06-17', change({ add: [book('support')] })),
        on('2024-08-20', set('seat', '1'), 'period_end'),
        on('2024-09-11', to('basic')),
        on('2024-11-05', cancel, 'period_end'),
        on('2024-11-20', { kind: 'withdraw', command: 7 }),
      ],
      until: '2024-12-31',
    });
    const renewal = (day: string, fee: string, ...rest: string[]) => [
      `${day} fee ${fee}`,
      ...rest.map((line) => `${day} ${line}`),
    ];
    expect(lines).toEqual([
      '2024-01-01 fee 29.00',
      '2024-01-16 fee -14.97',
      '2024-01-16 fee 51.10',
      '2024-02-01 fee 99.00',
      '2024-02-10 seat 18.62',
      ...renewal('2024-03-01', '99.00', 'seat 27.00'),
      ...renewal('2024-04-01', '99.00', 'seat 27.00'),
      ...renewal('2024-05-21', '35.13', 'seat 9.58'),
      ...renewal('2024-06-01', '99.00', 'seat 27.00'),
      '2024-06-17 support 22.87',
      ...renewal('2024-07-01', '99.00', 'seat 27.00', 'support 49.00'),
      ...renewal('2024-08-01', '99.00', 'seat 27.00', 'support 49.00'),
      ...renewal('2024-09-01', '99.00', 'seat 9.00', 'support 49.00'),
      '2024-09-11 fee -66.00',
      '2024-09-11 fee 19.33',
      ...renewal('2024-10-01', '29.00', 'seat 9.00', 'support 49.00'),
      ...renewal('2024-11-01', '29.00', 'seat 9.00', 'support 49.00'),
      ...renewal('2024-12-01', '29.00', 'seat 9.00', 'support 49.00'),
    ]);
  });

  test('Alpenblick, ordered on the 31st, is billed on the last days of the months', () => {
    const months = ['03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31'];
    const lines = billed({
      variants: [PRO],
      components: [SEAT],
      start: '2024-01-31',
      booked: [book('seat', '2')],
      commands: [on('2024-03-10', set('seat', '5'), '2024-03-15')],
      until: '2024-12-31',
    });
    expect(lines).toEqual([
      '2024-01-31 fee 99.00',
      '2024-01-31 seat 18.00',
      '2024-02-29 fee 99.00',
      '2024-02-29 seat 18.00',
      '2024-03-15 seat -9.29',
      '2024-03-15 seat 23.23',
      ...months.flatMap((day) => [`2024-${day} fee 99.00`, `2024-${day} seat 45.00`]),
    ]);
  });

  test("Muster's invoice has a workshop, licences in advance, surveys in arrears and a credit", () => {
    const tiers = [
      { upTo: '25', price: '0.952' },
      { upTo: null, price: '4.70' },
    ];
    const lines = billed({
      variants: [variant('cloud')],
      components: [component('licence', '283.3333'), metered('0', { model: { kind: 'graduated', tiers } })],
      start: '2016-11-01',
      booked: [book('licence', '3', { start: '2016-12-01' }), book('meter')],
      usage: [
        {
          subscription: 'meter',
          at: '2016-11-10T09:00:00Z',
          recordedAt: '2016-11-10T09:00:00Z',
          quantity: '18',
        },
        {
          subscription: 'meter',
          at: '2016-11-29T09:00:00Z',
          recordedAt: '2016-11-29T09:00:00Z',
          quantity: '12',
        },
      ],
      oneTime: [
        {
          id: 'workshop',
          at: '2016-11-15T09:00:00Z',
          quantity: '1',
          unitPrice: '7500.00',
          serviceDate: '2016-11-15',
          when: 'next_invoice',
        },
        {
          id: 'loyalty',
          at: '2016-11-20T09:00:00Z',
          quantity: '2',
          unitPrice: '-5.00',
          serviceDate: '2016-11-20',
          when: 'next_invoice',
        },
      ],
      until: '2016-12-31',
    });
    expect(lines).toEqual([
      '2016-12-01 licence 850.00',
      '2016-12-01 meter 23.80',
      '2016-12-01 meter 23.50',
      '2016-12-01 workshop 7500.00',
      '2016-12-01 loyalty -10.00',
    ]);
  });

  test('2,000 API calls, 500 of them included, cost 5.00 in each tier', () => {
    const tiers = [
      { upTo: '1000', price: '0.01' },
      { upTo: null, price: '0.005' },
    ];
    const lines = billed({
      variants: [variant('pro')],
      components: [metered('0', { model: { kind: 'graduated', tiers }, included: '500' })],
      start: '2024-04-01',
      booked: [book('meter')],
      usage: [used('2024-04-10', '2000')],
      until: '2024-05-31',
    });
    expect(lines).toEqual(['2024-05-01 meter 5.00', '2024-05-01 meter 5.00']);
  });

  test('billed_until storage under a yearly fee is 60.00 at once, in twelve lines', () => {
    const lines = billed({
      variants: [variant('pro', { fee: '990.00', feeInterval: YEAR })],
      components: [component('storage', '5.00', { mode: 'billed_until' })],
      start: '2024-01-01',
      booked: [book('storage')],
      until: '2024-12-31',
    });
    expect(lines).toEqual(['2024-01-01 fee 990.00', ...many(12, '2024-01-01 storage 5.00')]);
  });
});

describe('the price models', () => {
  const tiers = [
    { upTo: '10', price: '10.00' },
    { upTo: '50', price: '8.00' },
    { upTo: null, price: '6.00' },
  ];
  const buckets: Component['model'] = {
    kind: 'buckets',
    tiers: [
      { upTo: '100', flat: '20.00' },
      { upTo: '1000', flat: '50.00' },
      { upTo: null, price: '0.04' },
    ],
  };
  const discount: Component['model'] = {
    kind: 'discount',
    price: '10.00',
    tiers: [
      { from: '10', percent: '5' },
      { from: '50', percent: '12.5' },
    ],
  };
  const cost = (model: Component['model'], quantity: string, included: string | null = null) =>
    billed({
      variants: [variant('plan')],
      components: [component('seat', '0', { model, included })],
      start: '2024-04-01',
      booked: [book('seat', quantity)],
      until: '2024-04-01',
    }).map((line) => line.replace('2024-04-01 seat ', ''));

  test('volume: all units cost the price of the tier that the quantity lies in', () => {
    const model: Component['model'] = { kind: 'volume', tiers };
    expect(cost(model, '10')).toEqual(['100.00']);
    expect(cost(model, '10.5')).toEqual(['84.00']);
    expect(cost(model, '50')).toEqual(['400.00']);
    expect(cost(model, '51')).toEqual(['306.00']);
    expect(cost(model, '12', '5')).toEqual(['56.00']);
  });

  test('graduated: each unit costs the price of its tier', () => {
    const model: Component['model'] = { kind: 'graduated', tiers };
    expect(cost(model, '11')).toEqual(['100.00', '8.00']);
    expect(cost(model, '60')).toEqual(['100.00', '320.00', '60.00']);
    expect(cost(model, '12', '5')).toEqual(['50.00', '16.00']);
  });

  test('buckets: each bucket with a unit that is not included costs its flat price', () => {
    expect(cost(buckets, '100')).toEqual(['20.00']);
    expect(cost(buckets, '101')).toEqual(['20.00', '50.00']);
    expect(cost(buckets, '1250')).toEqual(['20.00', '50.00', '10.00']);
    expect(cost(buckets, '120', '50')).toEqual(['20.00', '50.00']);
    expect(cost(buckets, '120', '100')).toEqual(['50.00']);
  });

  test('discount: the quantity decides the percentage', () => {
    expect(cost(discount, '9')).toEqual(['90.00']);
    expect(cost(discount, '10')).toEqual(['95.00']);
    expect(cost(discount, '50')).toEqual(['437.50']);
    expect(cost(discount, '12', '5')).toEqual(['66.50']);
  });

  test('free: no line is made', () => {
    expect(cost({ kind: 'free' }, '1000')).toEqual([]);
  });
});

describe('one-time charges', () => {
  const one = { id: 'work', quantity: '1', unitPrice: '80.00', serviceDate: '2024-04-05' };
  const story = { variants: [variant('plan', { fee: '30.00' })], start: '2024-04-01', until: '2024-05-15' };
  const at = berlin('2024-04-05T12:00');

  test('are billed now, with the next invoice, at the end of the contract, or never if they are withdrawn', () => {
    expect(billed({ ...story, oneTime: [{ ...one, at, when: 'now' }] })).toContain('2024-04-05 work 80.00');
    const next = { ...one, at, when: 'next_invoice' as const };
    expect(billed({ ...story, oneTime: [next] })).toContain('2024-05-01 work 80.00');
    const ends = [on('2024-04-20', { kind: 'cancel', credit: false })];
    expect(billed({ ...story, commands: ends, oneTime: [next] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-04-20 work 80.00',
    ]);
    const withdrawn = { ...next, withdrawnAt: berlin('2024-04-20T12:00') };
    expect(billed({ ...story, oneTime: [withdrawn] })).toEqual([
      '2024-04-01 fee 30.00',
      '2024-05-01 fee 30.00',
    ]);
  });
});
