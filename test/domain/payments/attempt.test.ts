import { describe, expect, it } from 'vitest';
import { isUnderWay, mayBecome } from '../../../domain/payments/attempt.ts';

describe('the life of an attempt', () => {
  it('believes money against everything that was said before, and nothing else against money', () => {
    for (const state of ['sent', 'pending', 'requires_action', 'unknown', 'declined'] as const) {
      expect(mayBecome(state, 'succeeded')).toBe(true);
    }
    for (const state of ['pending', 'declined', 'unknown', 'sent'] as const) {
      expect(mayBecome('succeeded', state)).toBe(false);
    }
  });

  it('is under way from being sent to its final answer', () => {
    expect((['planned', 'sent', 'pending', 'unknown', 'declined'] as const).map(isUnderWay)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
