import { describe, expect, it } from 'vitest';
import {
  type CollectedReceivable,
  type CollectionFacts,
  collectable,
  collectionState,
  dueAfterNotice,
  nextCollection,
  noticesOverlap,
  openedState,
  sharesOf,
} from '../../../domain/payments/balance.ts';

const zone = 'Europe/Berlin';
const receivable = (id: string, amountMinor: bigint, openMinor: bigint): CollectedReceivable => ({
  id,
  amountMinor,
  openMinor,
});

describe('the days of a collection by balance (rule 34)', () => {
  const monthly = { anchor: '2024-01-31', every: { unit: 'month', count: 1 } } as const;

  it('follow the calendar, also over short months and the change to summer time', () => {
    const terms = { calendar: monthly, noticeDays: 0, zone };
    const days = ['2024-01-31T09:00:00.000Z', '2024-02-29T09:00:00.000Z'];
    expect(days.map((after) => nextCollection(terms, after)?.dueAt)).toEqual([
      '2024-02-28T23:00:00.000Z',
      '2024-03-30T23:00:00.000Z',
    ]);
  });

  it.each([
    ['2024-02-25T22:59:00.000Z', '2024-02-25T23:00:00.000Z', '2024-02-28T23:00:00.000Z'],
    ['2024-02-26T09:00:00.000Z', '2024-03-27T23:00:00.000Z', '2024-03-30T23:00:00.000Z'],
  ])('are the first before which the notice can go out: from %s on', (after, noticeAt, dueAt) => {
    const terms = { calendar: monthly, noticeDays: 3, zone };
    expect(nextCollection(terms, after)).toEqual({ noticeAt, dueAt });
  });

  it('do not exist without a calendar', () => {
    expect(nextCollection({ calendar: null, noticeDays: 3, zone }, '2024-01-01T00:00:00.000Z')).toBeNull();
  });

  it('come later if the notice goes out late', () => {
    const late = { now: '2024-02-27T09:00:00.000Z', noticeDays: 3, zone };
    expect(dueAfterNotice('2024-02-28T23:00:00.000Z', late)).toBe('2024-02-29T23:00:00.000Z');
  });

  it('are further apart than a notice is long', () => {
    expect(noticesOverlap({ unit: 'week', count: 1 }, 7)).toBe(true);
    expect(noticesOverlap({ unit: 'week', count: 1 }, 6)).toBe(false);
    expect(noticesOverlap({ unit: 'month', count: 1 }, 28)).toBe(true);
  });
});

describe('the amount of a collection by balance (rule 34)', () => {
  const at = { state: 'collecting', thresholdMinor: 500n } as const;

  it('is more than the threshold, or nothing', () => {
    expect(collectable([receivable('r1', 200n, 200n), receivable('r2', 300n, 300n)], at)).toBe(0n);
    expect(collectable([receivable('r1', 200n, 200n), receivable('r2', 301n, 301n)], at)).toBe(501n);
  });

  it('is the smaller of what was open and what is open, for each receivable', () => {
    const receivables = [
      receivable('r1', 2000n, 800n),
      receivable('r2', 1000n, 1500n),
      receivable('r3', 700n, 0n),
    ];
    expect(sharesOf(receivables)).toEqual([
      { receivableId: 'r1', amountMinor: 800n },
      { receivableId: 'r2', amountMinor: 1000n },
    ]);
    expect(collectable(receivables, at)).toBe(1800n);
  });

  it('is nothing after a collection has ended', () => {
    expect(collectable([receivable('r1', 2000n, 2000n)], { ...at, state: 'replaced' })).toBe(0n);
  });
});

describe('the state of a collection by balance', () => {
  const terms = { openMinor: 501n, thresholdMinor: 500n, hasMethod: true, noticeDays: 3 };

  it.each([
    ['noticed', {}],
    ['collecting', { noticeDays: 0 }],
    ['below_threshold', { openMinor: 500n }],
    ['no_payment_method', { hasMethod: false }],
  ])('is %s when it is opened', (state, more) => {
    expect(openedState({ ...terms, ...more })).toBe(state);
  });

  const open = [receivable('r1', 2000n, 2000n)];
  const paid = [receivable('r1', 2000n, 0n)];
  const facts: CollectionFacts = {
    state: 'collecting',
    dueAt: '2024-02-05T00:00:00.000Z',
    receivables: open,
    thresholdMinor: 500n,
    dunningLevel: 0,
    attempts: [],
  };
  const of = (...states: CollectionFacts['attempts'][number]['state'][]) =>
    states.map((state) => ({ state }));

  it.each<[string, Partial<CollectionFacts>]>([
    ['planned', { state: 'planned' }],
    ['noticed', { state: 'noticed', dueAt: '2024-02-07T00:00:00.000Z' }],
    ['below_threshold', { state: 'noticed', receivables: paid }],
    ['collecting', { state: 'stopped', attempts: of('declined', 'pending') }],
    ['collecting', { attempts: of('declined') }],
    ['stopped', { attempts: of('declined', 'declined', 'declined'), dunningLevel: 3 }],
    ['collected', { attempts: of('declined', 'succeeded'), receivables: paid }],
    ['charged_back', { state: 'collected', attempts: of('succeeded') }],
    ['paid', { state: 'charged_back', attempts: of('succeeded'), receivables: paid }],
    ['paid', { state: 'stopped', attempts: of('declined'), receivables: paid }],
    ['below_threshold', { attempts: of('declined'), receivables: [receivable('r1', 2000n, 500n)] }],
    ['replaced', { state: 'replaced', attempts: of('declined') }],
  ])('is %s after a change, case %#', (state, more) => {
    expect(collectionState({ ...facts, ...more }, '2024-02-06T00:00:00.000Z')).toBe(state);
  });
});
