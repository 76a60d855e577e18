import { describe, expect, it } from 'vitest';
import { type GriddedUsage, periodOfUsage } from '../../../domain/usage/periods.ts';

const month = { unit: 'month', count: 1 } as const;
const revision = (startsAt: string, endsAt: string | null, anchor = '2024-01-31'): GriddedUsage => ({
  subscriptionId: 'calls',
  anchor,
  interval: month,
  startsAt,
  endsAt,
});
const periodAt = (at: string, revisions: readonly GriddedUsage[], trialEndsAt: string | null = null) => {
  const grids = { zone: 'Europe/Berlin', trialEndsAt, revisions };
  const period = periodOfUsage(grids, { subscriptionId: 'calls', at });
  return period && [period.start, period.end];
};

describe('the period of a usage event', () => {
  it('is one of the grid of its component, which begins with a local day (rule 27)', () => {
    const booked = [revision('2024-01-30T23:00:00.000Z', null)];
    const february = ['2024-01-30T23:00:00.000Z', '2024-02-28T23:00:00.000Z'];
    expect(periodAt('2024-01-30T23:00:00.000Z', booked)).toEqual(february);
    expect(periodAt('2024-02-28T22:59:59.999Z', booked)).toEqual(february);
    expect(periodAt('2024-04-01T00:00:00.000Z', booked)).toEqual([
      '2024-03-30T23:00:00.000Z',
      '2024-04-29T22:00:00.000Z',
    ]);
  });

  it('begins and ends with the booking, whatever revisions lie in between', () => {
    const booked = [
      revision('2024-02-09T23:00:00.000Z', '2024-02-14T23:00:00.000Z'),
      revision('2024-02-14T23:00:00.000Z', '2024-02-20T11:00:00.001Z'),
    ];
    const whole = ['2024-02-09T23:00:00.000Z', '2024-02-20T11:00:00.001Z'];
    expect(periodAt('2024-02-10T00:00:00.000Z', booked)).toEqual(whole);
    expect(periodAt('2024-02-20T11:00:00.000Z', booked)).toEqual(whole);
    expect(periodAt('2024-02-20T11:00:00.001Z', booked)).toBeNull();
  });

  it('is cut where a change of the interval begins another grid (rule 26)', () => {
    const booked = [
      revision('2024-01-30T23:00:00.000Z', '2024-02-09T23:00:00.000Z'),
      revision('2024-02-09T23:00:00.000Z', null, '2024-02-10'),
    ];
    expect(periodAt('2024-02-09T22:59:59.999Z', booked)).toEqual([
      '2024-01-30T23:00:00.000Z',
      '2024-02-09T23:00:00.000Z',
    ]);
    expect(periodAt('2024-02-09T23:00:00.000Z', booked)).toEqual([
      '2024-02-09T23:00:00.000Z',
      '2024-03-09T23:00:00.000Z',
    ]);
  });

  it('begins with the end of the trial, and usage in the trial has no period (rule 24)', () => {
    const booked = [revision('2024-01-30T23:00:00.000Z', null)];
    const trialEndsAt = '2024-02-13T23:00:00.000Z';
    expect(periodAt('2024-02-13T22:59:59.999Z', booked, trialEndsAt)).toBeNull();
    expect(periodAt('2024-02-13T23:00:00.000Z', booked, trialEndsAt)).toEqual([
      trialEndsAt,
      '2024-02-28T23:00:00.000Z',
    ]);
  });
});
