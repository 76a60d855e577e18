import { describe, expect, it } from 'vitest';
import { isUnderWay, mayBecome } from '../../../domain/payments/attempt.ts';

describe('the state of an attempt', () => {
  it('may become succeeded from every other state, and never changes after that', () => {
    for (const state of ['sent', 'pending', 'requires_action', 'unknown', 'declined'] as const) {
      expect(mayBecome(state, 'succeeded')).toBe(true);
    }
    for (const state of ['pending', 'declined', 'unknown', 'sent'] as const) {
      expect(mayBecome('succeeded', state)).toBe(false);
    }
  });

  it('is under way from when it is sent until its final outcome', () => {
    expect((['planned', 'sent', 'pending', 'unknown', 'declined'] as const).map(isUnderWay)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
