import { describe, expect, it } from 'vitest';
import {
  type Attempt,
  type CollectionCase,
  agendaFor,
  levelAfterDecline,
  nextStep,
  receivableMayBecome,
  receivableState,
} from '../../../domain/payments/dunning.ts';

/** The first attempt of all stories: 2024-03-28, midnight in Berlin. Summer time begins on 2024-03-31. */
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
  return nextStep({
    openMinor: 11781n,
    attempts,
    paymentMethod: 'used',
    dunningLevel: 0,
    agendaDue: null,
    now: FIRST,
    timeZone: 'Europe/Berlin',
    ...more,
  });
}

describe('retries (rule 37)', () => {
  it('waits three calendar days after the first decline, at the same local time', () => {
    // Midnight in Berlin again, although an hour was lost on the way.
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

  it('tries a pending debit that was declined on its third day on that day', () => {
    const late = attempt('declined', { decidedAt: '2024-03-30T23:00:00.000Z' });
    expect(step([late], { now: '2024-03-30T23:00:00.000Z' })).toEqual({ kind: 'charge', attemptId: null });
  });

  it('pauses on the day of the last attempt when the payment method is gone', () => {
    const gone = { paymentMethod: 'none' as const };
    expect(step([attempt('declined')], gone)).toEqual({ kind: 'wait', until: '2024-04-03T22:00:00.000Z' });
    expect(step([attempt('declined')], { ...gone, now: '2024-04-03T22:00:00.000Z' })).toEqual({
      kind: 'pause_contract',
    });
  });

  it('tries another payment method at once, after every end of those before', () => {
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

  it('does not count what was abandoned before it was sent', () => {
    expect(step([attempt('abandoned'), attempt('declined', { id: 'att_2' })])).toEqual({
      kind: 'wait',
      until: '2024-03-30T23:00:00.000Z',
    });
    expect(step([attempt('abandoned')])).toEqual({ kind: 'charge', attemptId: null });
  });
});

describe('what is under way', () => {
  it('leaves the first attempt to the contract until the agenda says otherwise (rule 35)', () => {
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

  it('waits for a pending debit and for the customer, and asks after a week in case a webhook was lost', () => {
    for (const state of ['pending', 'requires_action'] as const) {
      expect(step([attempt(state)])).toEqual({ kind: 'wait', until: '2024-04-03T22:00:00.000Z' });
    }
    expect(step([attempt('pending')], { now: '2024-04-03T22:00:00.000Z' })).toEqual({
      kind: 'lookup',
      attemptId: 'att_1',
    });
  });

  it('follows an attempt to its end even when the receivable was paid otherwise', () => {
    expect(step([attempt('pending')], { openMinor: 0n }).kind).toBe('wait');
  });
});

describe('the end', () => {
  it('is finished when nothing is open', () => {
    expect(step([attempt('succeeded')], { openMinor: 0n })).toEqual({ kind: 'finished' });
    expect(step([], { openMinor: 0n })).toEqual({ kind: 'finished' });
  });

  it('does not try again by itself what was charged back', () => {
    expect(step([attempt('declined'), attempt('succeeded', { id: 'att_2' })])).toEqual({
      kind: 'wait',
      until: null,
    });
  });

  it('waits for money where there is no payment method', () => {
    expect(step([], { paymentMethod: 'none' as const })).toEqual({ kind: 'wait', until: null });
  });

  it('puts on the agenda what waits, what is due at once, and nothing that is finished', () => {
    expect(agendaFor({ kind: 'finished' }, FIRST)).toBeNull();
    expect(agendaFor({ kind: 'wait', until: null }, FIRST)).toBeNull();
    expect(agendaFor({ kind: 'pause_contract' }, FIRST)).toBe(FIRST);
  });
});

describe('the life of a receivable (rule 37)', () => {
  const at = (openMinor: bigint, dunningLevel: number) => ({ openMinor, dunningLevel });

  it('is open, dunned, stopped, or paid, by what is open and by its level', () => {
    expect([at(100n, 0), at(100n, 1), at(100n, 2), at(100n, 3), at(0n, 2)].map(receivableState)).toEqual([
      'open',
      'dunned',
      'dunned',
      'stopped',
      'paid',
    ]);
  });

  it('is stopped once, and after a chargeback it is open again', () => {
    expect(receivableMayBecome('dunned', 'stopped')).toBe(true);
    expect(receivableMayBecome('stopped', 'stopped')).toBe(false);
    expect(receivableMayBecome('paid', 'stopped')).toBe(false);
    expect(receivableMayBecome('paid', 'open')).toBe(true);
  });

  it('counts declines up to the last level before the pause; one that is paid or stopped keeps its level', () => {
    expect([1, 2, 3, 4].map((declines) => levelAfterDecline(at(100n, 0), declines))).toEqual([1, 2, 2, 2]);
    expect(levelAfterDecline(at(100n, 3), 4)).toBe(3);
    expect(levelAfterDecline(at(0n, 0), 1)).toBe(0);
  });
});
