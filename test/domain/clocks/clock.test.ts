import { describe, expect, it } from 'vitest';
import { checkAdvance, clockMayBecome, nextStop } from '../../../domain/clocks/clock.ts';
import { refusal } from '../../support/refusal.ts';

const now = '2024-01-01T00:00:00.000Z';

describe('a test clock (rule 44)', () => {
  it('goes to the next instant of its agenda, and to its target when nothing comes before', () => {
    const target = '2024-02-01T00:00:00.000Z';
    const next = '2024-01-15T00:00:00.000Z';
    expect(nextStop(next, target)).toEqual({ at: next, status: 'advancing' });
    expect(nextStop('2024-02-01T00:00:00.001Z', target)).toEqual({ at: target, status: 'ready' });
    expect(nextStop(null, target)).toEqual({ at: target, status: 'ready' });
  });

  it('refuses to go back, to advance by more than two years, and to advance while it is advancing', () => {
    const refused = (status: 'ready' | 'advancing' | 'stuck', to: string) =>
      refusal(() => checkAdvance({ now, status }, to)).code;
    expect(refused('ready', '2023-12-31T23:59:59.999Z')).toBe('clock_backwards');
    expect(refused('stuck', '2026-01-02T00:00:00.000Z')).toBe('clock_too_far');
    expect(refused('advancing', '2024-01-02T00:00:00.000Z')).toBe('clock_advancing');
    expect(() => checkAdvance({ now, status: 'stuck' }, '2026-01-01T00:00:00.000Z')).not.toThrow();
  });

  it('becomes ready only while it is advancing', () => {
    expect(clockMayBecome('ready', 'ready')).toBe(false);
    expect(clockMayBecome('stuck', 'ready')).toBe(false);
    expect(clockMayBecome('advancing', 'ready')).toBe(true);
  });
});
