import { expect, it } from 'vitest';
import type { History } from '../../../db/audit/history.ts';
import { owedOf } from '../../../db/audit/owed.ts';

const MONTH = { unit: 'month', count: 1 } as const;
const WEEK = { unit: 'week', count: 1 } as const;

/** Normal from 1 January 2024, paused from 11 January on; settled on 5 March. */
const paused: History = {
  merchant_id: 'mer_1',
  id: 'con_1',
  zone: 'UTC',
  anchor: '2024-01-01',
  terms: { billingInterval: MONTH, feeInterval: MONTH },
  trialEndsAt: null,
  knownUntil: null,
  settledThrough: '2024-03-05T00:00:00.000Z',
  ended: false,
  phases: [
    { kind: 'normal', startsAt: '2024-01-01T00:00:00.000Z', proration: 'days' },
    { kind: 'inactive', startsAt: '2024-01-11T09:00:00.000Z', proration: 'days' },
  ],
  items: [],
  lines: [],
};
const item = (mode: 'pre_paid' | 'post_paid') => ({
  id: 'itm_1',
  subject: 'csu_1',
  anchor: '2024-01-01',
  effectiveAt: '2024-01-01T00:00:00.000Z',
  endsAt: null,
  pricing: { interval: MONTH, mode, standalone: false },
});

it('an item in an open pause owes the days before the pause, in advance and in arrears', () => {
  const owed = {
    ranges: [{ start: '2024-01-01T00:00:00.000Z', end: '2024-01-11T00:00:00.000Z' }],
    firsts: [],
  };
  expect(owedOf(paused, item('pre_paid'))).toEqual(owed);
  expect(owedOf(paused, item('post_paid'))).toEqual(owed);
});

it('an item without proration owes the periods that begin before the pause', () => {
  const phases = paused.phases.map((phase) => ({ ...phase, proration: 'none' as const }));
  const owed = { ranges: [], firsts: ['2024-01-01T00:00:00.000Z'] };
  expect(owedOf({ ...paused, phases }, item('pre_paid'))).toEqual(owed);
  expect(owedOf({ ...paused, phases }, item('post_paid'))).toEqual(owed);
});

it('a pause by seconds owes nothing of its day if a change by days follows on that day', () => {
  const at = '2024-01-11T09:00:00.000Z';
  const history: History = {
    ...paused,
    phases: [
      { kind: 'normal', startsAt: '2024-01-01T00:00:00.000Z', proration: 'days' },
      { kind: 'normal', startsAt: at, proration: 'seconds' },
      { kind: 'inactive', startsAt: at, proration: 'seconds' },
      { kind: 'inactive', startsAt: at, proration: 'days' },
    ],
  };
  const owed = [{ start: '2024-01-01T00:00:00.000Z', end: '2024-01-11T00:00:00.000Z' }];
  expect(owedOf(history, item('pre_paid')).ranges).toEqual(owed);
});

it('a standalone item that begins on the day of a pause by seconds owes nothing before the pause', () => {
  const phases = paused.phases.map((phase) => ({ ...phase, proration: 'seconds' as const }));
  const booked = { ...item('pre_paid'), anchor: '2024-01-11', effectiveAt: '2024-01-11T00:00:00.000Z' };
  const alone = { ...booked, pricing: { ...booked.pricing, standalone: true } };
  expect(owedOf({ ...paused, phases }, alone).ranges).toEqual([]);
  const morning = [{ start: '2024-01-11T00:00:00.000Z', end: '2024-01-11T09:00:00.000Z' }];
  expect(owedOf({ ...paused, phases }, booked).ranges).toEqual(morning);
});

it('a resumption by seconds owes nothing of the pause if a change by days follows on that day', () => {
  const resumed = '2024-01-12T08:00:00.000Z';
  const phases = [
    { kind: 'normal', startsAt: '2024-01-01T00:00:00.000Z' },
    { kind: 'inactive', startsAt: '2024-01-11T09:00:00.000Z' },
    { kind: 'normal', startsAt: resumed },
  ].map((phase) => ({ ...phase, proration: 'seconds' as const }));
  const history = (proration: 'days' | 'none', startsAt: string): History => ({
    ...paused,
    settledThrough: '2024-01-20T00:00:00.000Z',
    phases: [...phases, { kind: 'normal', startsAt, proration }],
  });
  // The seats from the 12th belong to the change, whose day begins at midnight. They are paid to 1 February.
  const seats = { ...item('pre_paid'), effectiveAt: '2024-01-12T00:00:00.000Z' };
  const rest = [{ start: resumed, end: '2024-02-01T00:00:00.000Z' }];
  expect(owedOf(history('days', resumed), seats).ranges).toEqual(rest);
  expect(owedOf(history('days', '2024-01-12T17:00:00.000Z'), seats).ranges).toEqual(rest);
  // Whole weeks from the 12th. The contract was paused at the first instant of the first week.
  const week = { ...seats, anchor: '2024-01-12', pricing: { ...seats.pricing, interval: WEEK } };
  expect(owedOf(history('none', resumed), week).firsts).toEqual([
    '2024-01-19T00:00:00.000Z',
    '2024-01-26T00:00:00.000Z',
  ]);
});

it('a change by days on a day after the resumption owes all of its day', () => {
  const phases = [
    { kind: 'normal', startsAt: '2024-01-01T00:00:00.000Z', proration: 'seconds' as const },
    { kind: 'inactive', startsAt: '2024-01-11T09:00:00.000Z', proration: 'seconds' as const },
    { kind: 'normal', startsAt: '2024-01-12T08:00:00.000Z', proration: 'seconds' as const },
    { kind: 'normal', startsAt: '2024-01-13T08:00:00.000Z', proration: 'days' as const },
  ];
  const history = { ...paused, phases, settledThrough: '2024-01-20T00:00:00.000Z' };
  const seats = { ...item('pre_paid'), effectiveAt: '2024-01-13T00:00:00.000Z' };
  expect(owedOf(history, seats).ranges).toEqual([
    { start: '2024-01-13T00:00:00.000Z', end: '2024-02-01T00:00:00.000Z' },
  ]);
});
