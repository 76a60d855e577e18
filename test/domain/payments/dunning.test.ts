import { describe, expect, it } from 'vitest';
import {
  type Attempt,
  type CollectionCase,
  agendaFor,
  levelAfterDecline,
  nextCollectionStep,
  receivableMayBecome,
  receivableState,
} from '../../../domain/payments/dunning.ts';

/** The first attempt in all tests: midnight of 2024-03-28 in Berlin. Summer time begins on 2024-03-31. */
const FIRST = '2024-03-27T23:00:00.000Z';

function attempt(state: Attempt['state'], more: Partial<Attempt> = {}): Attempt {
  return {
    id: 'att_1',
    state,
    effectiveAt: FIRST,
    sentAt: state === 'planned' ? null : FIRST,
    decidedAt: state === 'planned' || state === 'sent' ? null : FIRST,
    lookups: 0,
    ...more,
  };
}

function step(attempts: readonly Attempt[], more: Partial<CollectionCase> = {}) {
  return nextCollectionStep({
    openMinor: 11781n,
    attempts,
    paymentMethod: 'used',
    byBalance: false,
    dunningLevel: 0,
    agendaDue: null,
    now: FIRST,
    timeZone: 'Europe/Berlin',
    onHold: false,
    ...more,
  });
}

describe('collection after a decline (rule 37)', () => {
  it('waits three calendar days after the first decline, at the same local time', () => {
    // It is midnight in Berlin again, although summer time has taken an hour.
    expect(step([attempt('declined')])).toEqual({ kind: 'wait', until: '2024-03-30T23:00:00.000Z' });
    expect(step([attempt('declined')], { now: '2024-03-30T23:00:00.000Z' })).toEqual({
      kind: 'charge',
      attemptId: null,
    });
  });

  it('waits until seven days after the first attempt when the second was declined, too', () => {
    const attempts = [
      attempt('declined'),
      attempt('declined', { id: 'att_2', sentAt: '2024-03-30T23:00:00.000Z' }),
    ];
    const now = '2024-03-30T23:00:00.000Z';
    expect(step(attempts, { now, dunningLevel: 2 })).toEqual({
      kind: 'wait',
      until: '2024-04-03T22:00:00.000Z',
    });
  });

  it('pauses the contract after the third decline, and then waits for money', () => {
    const attempts = ['att_1', 'att_2', 'att_3'].map((id) => attempt('declined', { id }));
    expect(step(attempts, { dunningLevel: 2 })).toEqual({ kind: 'pause_contract' });
    expect(step(attempts, { dunningLevel: 3 })).toEqual({ kind: 'wait', until: null });
  });

  it('leaves a day between two attempts when an outage made both late', () => {
    const attempts = [
      attempt('declined'),
      attempt('declined', { id: 'att_2', sentAt: '2024-04-10T08:00:00.000Z' }),
    ];
    expect(step(attempts, { now: '2024-04-10T08:00:00.000Z' })).toEqual({
      kind: 'wait',
      until: '2024-04-11T08:00:00.000Z',
    });
  });

  it('charges again at once when a pending debit is declined on its third day', () => {
    const late = attempt('declined', { decidedAt: '2024-03-30T23:00:00.000Z' });
    expect(step([late], { now: '2024-03-30T23:00:00.000Z' })).toEqual({ kind: 'charge', attemptId: null });
  });

  it('pauses the contract on the day of the last retry if there is no payment method any more', () => {
    const noMethod = { paymentMethod: 'none' as const };
    expect(step([attempt('declined')], noMethod)).toEqual({
      kind: 'wait',
      until: '2024-04-03T22:00:00.000Z',
    });
    expect(step([attempt('declined')], { ...noMethod, now: '2024-04-03T22:00:00.000Z' })).toEqual({
      kind: 'pause_contract',
    });
  });

  it('charges a new payment method at once, however the earlier attempts ended, unless one is under way', () => {
    const fresh = { paymentMethod: 'new' as const };
    const now = { kind: 'charge', attemptId: null };
    const thrice = ['att_1', 'att_2', 'att_3'].map((id) => attempt('declined', { id }));
    expect(step([], fresh)).toEqual(now);
    expect(step([attempt('declined')], fresh)).toEqual(now);
    expect(step(thrice, { ...fresh, dunningLevel: 3 })).toEqual(now);
    expect(step([attempt('succeeded')], fresh)).toEqual(now); // charged back
    expect(step([attempt('succeeded')], { ...fresh, openMinor: 0n })).toEqual({ kind: 'finished' });
    expect(step([attempt('unknown')], fresh)).toMatchObject({ kind: 'wait' });
  });

  it('does not count attempts that were abandoned before they were sent', () => {
    expect(step([attempt('abandoned'), attempt('declined', { id: 'att_2' })])).toEqual({
      kind: 'wait',
      until: '2024-03-30T23:00:00.000Z',
    });
    expect(step([attempt('abandoned')])).toEqual({ kind: 'charge', attemptId: null });
  });
});

describe('collection with an attempt under way', () => {
  it('leaves the first attempt to the contract until its own agenda row is due (rule 35)', () => {
    const agendaDue = '2024-03-27T23:15:00.000Z';
    expect(step([attempt('planned')], { agendaDue })).toEqual({ kind: 'wait', until: agendaDue });
    expect(step([attempt('sent')], { agendaDue, now: agendaDue })).toEqual({
      kind: 'charge',
      attemptId: 'att_1',
    });
  });

  it('looks up an unknown outcome after 1, 5 and 30 minutes, then hourly (rule 36)', () => {
    const at = (decidedAt: string, lookups: number) => step([attempt('unknown', { decidedAt, lookups })]);
    expect(at('2024-03-27T23:00:00.000Z', 0)).toEqual({ kind: 'wait', until: '2024-03-27T23:01:00.000Z' });
    expect(at('2024-03-27T23:01:00.000Z', 1)).toEqual({ kind: 'wait', until: '2024-03-27T23:05:00.000Z' });
    expect(at('2024-03-27T23:05:00.000Z', 2)).toEqual({ kind: 'wait', until: '2024-03-27T23:30:00.000Z' });
    expect(at('2024-03-27T23:30:00.000Z', 3)).toEqual({ kind: 'wait', until: '2024-03-28T00:30:00.000Z' });
    expect(at('2024-03-28T00:30:00.000Z', 4)).toEqual({ kind: 'wait', until: '2024-03-28T01:30:00.000Z' });
    expect(step([attempt('unknown')], { now: '2024-03-27T23:01:00.000Z' })).toEqual({
      kind: 'lookup',
      attemptId: 'att_1',
    });
  });

  it('waits for a pending debit or for the customer, and looks the attempt up after a week in case a webhook was lost', () => {
    for (const state of ['pending', 'requires_action'] as const) {
      expect(step([attempt(state)])).toEqual({ kind: 'wait', until: '2024-04-03T22:00:00.000Z' });
    }
    expect(step([attempt('pending')], { now: '2024-04-03T22:00:00.000Z' })).toEqual({
      kind: 'lookup',
      attemptId: 'att_1',
    });
  });

  it('waits for the outcome of an attempt even if the receivable was paid otherwise', () => {
    expect(step([attempt('pending')], { openMinor: 0n }).kind).toBe('wait');
  });
});

describe('collection without an attempt under way', () => {
  it('is finished when nothing is open', () => {
    expect(step([attempt('succeeded')], { openMinor: 0n })).toEqual({ kind: 'finished' });
    expect(step([], { openMinor: 0n })).toEqual({ kind: 'finished' });
  });

  it('does not charge again by itself after a chargeback', () => {
    expect(step([attempt('declined'), attempt('succeeded', { id: 'att_2' })])).toEqual({
      kind: 'wait',
      until: null,
    });
  });

  it('waits for money if there is no payment method', () => {
    expect(step([], { paymentMethod: 'none' as const })).toEqual({ kind: 'wait', until: null });
  });

  it('has no agenda row when it is finished or waits for money, and one due at once before it pauses the contract', () => {
    expect(agendaFor({ kind: 'finished' }, FIRST)).toBeNull();
    expect(agendaFor({ kind: 'wait', until: null }, FIRST)).toBeNull();
    expect(agendaFor({ kind: 'pause_contract' }, FIRST)).toBe(FIRST);
  });
});

describe('a receivable (rule 37)', () => {
  const at = (openMinor: bigint, dunningLevel: number) => ({ openMinor, dunningLevel });

  it('is open, dunned, stopped or paid, by its open amount and its dunning level', () => {
    expect([at(100n, 0), at(100n, 1), at(100n, 2), at(100n, 3), at(0n, 2)].map(receivableState)).toEqual([
      'open',
      'dunned',
      'dunned',
      'stopped',
      'paid',
    ]);
  });

  it('becomes stopped only once, and is open again after a chargeback', () => {
    expect(receivableMayBecome('dunned', 'stopped')).toBe(true);
    expect(receivableMayBecome('stopped', 'stopped')).toBe(false);
    expect(receivableMayBecome('paid', 'stopped')).toBe(false);
    expect(receivableMayBecome('paid', 'open')).toBe(true);
  });

  it('counts declines up to dunning level 2, and keeps its level once it is paid or stopped', () => {
    expect([1, 2, 3, 4].map((declines) => levelAfterDecline(at(100n, 0), declines))).toEqual([1, 2, 2, 2]);
    expect(levelAfterDecline(at(100n, 3), 4)).toBe(3);
    expect(levelAfterDecline(at(0n, 0), 1)).toBe(0);
  });
});

describe('collection for a deactivated account', () => {
  const onHold = { onHold: true } as const;

  it('plans no attempt, sends none that is planned, and retries none', () => {
    const waits = { kind: 'wait', until: null };
    expect(step([], onHold)).toEqual(waits);
    expect(step([attempt('planned')], onHold)).toEqual(waits);
    expect(step([attempt('declined')], { ...onHold, now: '2024-05-01T00:00:00.000Z' })).toEqual(waits);
    expect(step([attempt('declined')], { ...onHold, paymentMethod: 'new' })).toEqual(waits);
  });

  it('still looks up an attempt that was sent, and finishes when nothing is open', () => {
    expect(step([attempt('unknown')], { ...onHold, now: '2024-05-01T00:00:00.000Z' })).toEqual({
      kind: 'lookup',
      attemptId: 'att_1',
    });
    expect(step([], { ...onHold, openMinor: 0n })).toEqual({ kind: 'finished' });
  });
});
