// Changes that are scheduled for one instant count as one change. At 31.00 a month, a day of January costs 1.00.
import { describe, expect, test } from 'vitest';
import type { Change } from '../../../domain/contracts/state.ts';
import { Life, add, billed, pause, set, toVariant } from '../../support/contract-builder.ts';
import { EVERY_MODE } from '../../support/sold.ts';

describe('changes that are scheduled for one day:', () => {
  test.each([
    ['before', ['three', 'whole']],
    ['after', ['whole', 'three']],
  ])(
    'a smaller quantity that is scheduled %s a variant without proration credits nothing (rule 19)',
    (_, order) => {
      const life = new Life({ variant: 'quarter', start: '2024-01-01', catalogue: EVERY_MODE });
      expect(life.do('2024-01-11', add('pre_paid alone', '5'))).toBe('applied');
      const bodies: Record<string, Change> = {
        three: set(life.subscription('pre_paid alone'), '3'),
        whole: toVariant('whole'),
      };
      for (const name of order) expect(life.do('2024-01-20', bodies[name]!, '2024-02-01')).toBe('applied');
      // Five are paid until 11 February. Without proration their line stays, and the three are billed from there on.
      expect(billed(life.stepTo('2024-02-12'))).toEqual(['2024-01-11: 155.00', '2024-02-11: 93.00']);
    },
  );

  test('a pause and a variant that credits pauses credit 10 of 31 days (rules 19, 25)', () => {
    const life = new Life({ variant: 'quarter', start: '2024-01-01', catalogue: EVERY_MODE });
    expect(life.do('2024-01-11', add('pre_paid alone'))).toBe('applied');
    expect(life.do('2024-01-20', pause(), '2024-02-01')).toBe('applied');
    expect(life.do('2024-01-20', toVariant('crediting'), '2024-02-01')).toBe('applied');
    expect(billed(life.stepTo('2024-02-12'))).toEqual(['2024-01-11: 31.00', '2024-02-01: -10.00']);
  });
});
