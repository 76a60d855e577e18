import { describe, expect, it } from 'vitest';
import { type ReportedUsage, type UsageTimeline, decideUsage } from '../../../domain/usage/decide.ts';

const NOW = '2024-03-01T00:00:00.000Z';
const booked = (subscriptionId: string, startsAt: string, endsAt: string | null) => ({
  subscriptionId,
  componentId: 'calls',
  aggregation: 'sum' as const,
  startsAt,
  endsAt,
});
const timeline: UsageTimeline = {
  now: NOW,
  startsAt: '2024-01-01T00:00:00.000Z',
  ended: false,
  pauses: [{ startsAt: '2024-02-20T00:00:00.000Z', endsAt: null }],
  booked: [
    booked('old', '2024-01-01T00:00:00.000Z', '2024-01-10T12:00:00.000Z'),
    booked('new', '2024-01-10T00:00:00.000Z', null),
  ],
};
const entry = (eventId: string, at: string, quantity: string | number = 1): ReportedUsage => ({
  eventId,
  componentId: 'calls',
  quantity,
  at,
  value: null,
});

describe('usage of a component that was booked twice', () => {
  it('belongs to the older subscription until its end, and then to the newer', () => {
    const { events } = decideUsage(
      timeline,
      [],
      [
        entry('a', '2024-01-09T00:00:00.000Z'),
        entry('b', '2024-01-10T11:59:59.999Z'),
        entry('c', '2024-01-10T12:00:00.000Z'),
      ],
    );
    expect(events.map((each) => [each.eventId, each.subscriptionId])).toEqual([
      ['a', 'old'],
      ['b', 'old'],
      ['c', 'new'],
    ]);
  });

  it('is rejected from the instant at which a pause begins, and not before', () => {
    const { answers } = decideUsage(
      timeline,
      [],
      [entry('a', '2024-02-19T23:59:59.999Z'), entry('b', '2024-02-20T00:00:00.000Z'), entry('c', 'NOW')],
    );
    expect(answers).toEqual([
      { eventId: 'a', reason: null, at: '2024-02-19T23:59:59.999Z' },
      { eventId: 'b', reason: 'paused', at: '2024-02-20T00:00:00.000Z' },
      { eventId: 'c', reason: 'paused', at: NOW },
    ]);
  });

  it('that was reported before is answered with the instant at which it counted, also after the contract has ended', () => {
    const { events } = decideUsage({ ...timeline, pauses: [] }, [], [entry('a', 'NOW', '1.50')]);
    const later = { ...timeline, ended: true, now: '2024-04-01T00:00:00.000Z' };
    const again = [entry('a', 'NOW', 1.5), entry('a', 'NOW', 2), entry('b', 'NOW')];
    expect(decideUsage(later, events, again)).toEqual({
      events: [],
      answers: [
        { eventId: 'a', reason: null, at: NOW },
        { eventId: 'a', reason: 'event_id_reused', at: later.now },
        { eventId: 'b', reason: 'after_contract_end', at: later.now },
      ],
    });
  });
});
