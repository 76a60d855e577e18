import { type Act, type Expected, type Tale, asks, orders, sees, withdraws } from './tale.ts';

const NORDLICHT = {
  name: 'Nordlicht Software GmbH',
  country: 'DE',
  time_zone: 'Europe/Berlin',
  token: 'card;zone=Europe/Berlin;decline_on=2024-06-01:insufficient_funds',
};
const ALPENBLICK = {
  name: 'Alpenblick OG',
  country: 'AT',
  time_zone: 'Europe/Vienna',
  token: 'debit;pending_days=3',
};
const LESEZIRKEL = {
  name: 'Lesezirkel S.à r.l.',
  country: 'LU',
  time_zone: 'Europe/Luxembourg',
  token: 'card',
};
const PROBE = { name: 'Probe AG', country: 'DE', time_zone: 'Europe/Berlin' };

const acts: readonly Act[] = [
  {
    at: '2023-12-18T09:00:00+01:00',
    what: 'Nordlicht orders Basic, with 14 days of trial',
    does: orders('nordlicht', NORDLICHT, { variant: 'basic-monthly' }),
  },
  {
    at: '2024-01-16T10:00:00+01:00',
    what: 'Nordlicht goes to Pro, now',
    does: asks('nordlicht', () => ({ kind: 'change', variant: 'pro-monthly', effective: 'now' })),
  },
  {
    at: '2024-01-31T10:00:00+01:00',
    what: 'Alpenblick orders Pro with 2 Seats',
    does: orders('alpenblick', ALPENBLICK, {
      variant: 'pro-monthly',
      components: [{ component: 'seat', quantity: 2 }],
    }),
  },
  {
    at: '2024-02-10T10:00:00+01:00',
    what: 'Nordlicht adds 3 Seats',
    does: asks('nordlicht', () => ({
      kind: 'change',
      components: { add: [{ component: 'seat', quantity: 3 }] },
      effective: 'now',
    })),
  },
  {
    at: '2024-03-01T10:00:00+01:00',
    what: 'Probe takes Free',
    does: orders('probe', PROBE, { variant: 'free' }),
  },
  {
    at: '2024-03-15T10:00:00+01:00',
    what: 'Alpenblick takes 5 Seats instead of 2',
    does: asks('alpenblick', (named) => ({
      kind: 'change',
      components: { set: [{ subscription: named('Seat'), quantity: 5 }] },
      effective: 'now',
    })),
  },
  {
    at: '2024-04-11T10:00:00+02:00',
    what: 'Nordlicht pauses',
    does: asks('nordlicht', () => ({ kind: 'pause' })),
  },
  {
    at: '2024-05-21T10:00:00+02:00',
    what: 'Nordlicht resumes',
    does: asks('nordlicht', () => ({ kind: 'resume' })),
  },
  {
    at: '2024-06-01T10:00:00+02:00',
    what: "Nordlicht's card declines 149.94; the charge is retried in three days",
    does: sees('nordlicht', 'declined'),
  },
  {
    at: '2024-06-04T10:00:00+02:00',
    what: "Nordlicht's card pays 149.94 at the second attempt",
    does: sees('nordlicht', 'succeeded'),
  },
  {
    at: '2024-06-17T10:00:00+02:00',
    what: 'Nordlicht switches Support on',
    does: asks('nordlicht', () => ({
      kind: 'change',
      components: { add: [{ component: 'support' }] },
      effective: 'now',
    })),
  },
  {
    at: '2024-06-30T10:00:00+02:00',
    what: 'Lesezirkel takes a Shelf',
    does: orders('lesezirkel', LESEZIRKEL, { variant: 'shelf-monthly' }),
  },
  {
    at: '2024-08-20T10:00:00+02:00',
    what: 'Nordlicht wants 1 Seat from the next period on',
    does: asks('nordlicht', (named) => ({
      kind: 'change',
      components: { set: [{ subscription: named('Seat'), quantity: 1 }] },
      effective: 'period_end',
    })),
  },
  {
    at: '2024-09-11T10:00:00+02:00',
    what: 'Nordlicht goes back to Basic, now',
    does: asks('nordlicht', () => ({ kind: 'change', variant: 'basic-monthly', effective: 'now' })),
  },
  {
    at: '2024-11-05T10:00:00+01:00',
    what: 'Nordlicht cancels at the end of the period',
    does: asks('nordlicht', () => ({ kind: 'cancel', effective: 'period_end' })),
  },
  {
    at: '2024-11-20T10:00:00+01:00',
    what: 'Nordlicht withdraws the cancellation',
    does: withdraws('nordlicht'),
  },
];

const expected: Tale['expected'] = {
  nordlicht: {
    name: NORDLICHT.name,
    documents: [
      ['2024-01-01', '29.00', '5.51', '34.51'],
      ['2024-01-16', '36.13', '6.86', '42.99'],
      ['2024-02-01', '99.00', '18.81', '117.81'],
      ['2024-02-10', '18.62', '3.54', '22.16'],
      ['2024-03-01', '126.00', '23.94', '149.94'],
      ['2024-04-01', '126.00', '23.94', '149.94'],
      ['2024-05-21', '44.71', '8.49', '53.20'],
      ['2024-06-01', '126.00', '23.94', '149.94'],
      ['2024-06-17', '22.87', '4.35', '27.22'],
      ['2024-07-01', '175.00', '33.25', '208.25'],
      ['2024-08-01', '175.00', '33.25', '208.25'],
      ['2024-09-01', '157.00', '29.83', '186.83'],
      ['2024-09-11', '-46.67', '-8.87', '-55.54'],
      ['2024-10-01', '87.00', '16.53', '103.53'],
      ['2024-11-01', '87.00', '16.53', '103.53'],
      ['2024-12-01', '87.00', '16.53', '103.53'],
    ],
    balance: '0.00',
    attempts: { succeeded: 15, declined: 1 },
  },
  alpenblick: {
    name: ALPENBLICK.name,
    documents: [
      ['2024-01-31', '117.00', '23.40', '140.40'],
      ['2024-02-29', '117.00', '23.40', '140.40'],
      ['2024-03-15', '13.94', '2.79', '16.73'],
      ...['03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31'].map(
        (day): Expected => [`2024-${day}`, '144.00', '28.80', '172.80'],
      ),
    ],
    balance: '-172.80',
    attempts: { succeeded: 12, pending: 1 },
  },
  lesezirkel: {
    name: LESEZIRKEL.name,
    documents: ['06', '07', '08', '09', '10', '11', '12'].map((month): Expected => [
      `2024-${month}-30`,
      '10.00',
      '0.25',
      '10.25',
    ]),
    balance: '0.00',
    attempts: { succeeded: 7 },
  },
  probe: { name: PROBE.name, documents: [], balance: '0.00', attempts: {} },
};

/** A year of fixed fees, with a trial, an upgrade, a pause, a declined card and a credit note. */
export const YEAR: Tale = {
  name: 'the year',
  begins: '2023-12-18T09:00:00+01:00',
  ends: '2024-12-31T23:00:00+01:00',
  acts,
  expected,
};
