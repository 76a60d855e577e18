// A pause under a variant that prorates by seconds and, on the same day, a change to one that prorates by days. At 31.00 a
// month, a day of January costs 1.00.
import { describe, expect, test } from 'vitest';
import { Life, billed, pause, resume, set, toVariant } from '../../support/contract-builder.ts';
import { EVERY_MODE } from '../../support/sold.ts';

/** A contract from 1 January that prorates by seconds, with one unit of the component of that payment mode. */
const bySeconds = (mode: string) =>
  new Life({
    variant: 'seconds',
    start: '2024-01-01',
    catalogue: EVERY_MODE,
    components: [{ component: mode, quantity: '1' }],
  });

describe('a pause by seconds', () => {
  test('that ends at noon of the 12th, when a change by days counts for the whole day: 20 days are credited and charged (rules 5, 25)', () => {
    const life = bySeconds('pre_paid');
    expect(life.do('2024-01-11T11:00:00.000Z', pause())).toBe('applied');
    expect(life.do('2024-01-12T11:00:00.000Z', resume())).toBe('applied');
    const two = { set: [{ subscription: life.subscription('pre_paid'), quantity: '2' }] };
    expect(life.do('2024-01-12T11:00:00.000Z', toVariant('quarter', two))).toBe('applied');
    expect(billed(life.stepTo('2024-02-02'))).toEqual([
      '2024-01-01: 31.00',
      '2024-01-12: -20.00, 40.00',
      '2024-02-01: 62.00',
    ]);
  });

  test('that begins at noon of the 16th leaves the morning to be billed, although a change by days counts on that day (rules 5, 25)', () => {
    const life = bySeconds('post_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', pause())).toBe('applied');
    const three = { set: [{ subscription: life.subscription('post_paid'), quantity: '3' }] };
    expect(life.do('2024-01-16T11:00:00.000Z', toVariant('quarter', three))).toBe('applied');
    expect(life.do('2024-01-21', toVariant('seconds'))).toBe('applied');
    // 15 days of one unit, and half a day of three: at the bill, the variant prorates by seconds again.
    expect(billed(life.stepTo('2024-03-02'))).toEqual(['2024-02-01: 15.00, 1.50']);
  });

  test('that begins at noon of the 16th makes that day free if it is billed by days (rules 5, 25)', () => {
    const life = bySeconds('post_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', pause())).toBe('applied');
    const subscription = life.subscription('post_paid');
    expect(life.do('2024-01-16T11:00:00.000Z', set(subscription, '3'))).toBe('applied');
    expect(life.do('2024-01-16T11:00:00.000Z', toVariant('quarter'))).toBe('applied');
    expect(billed(life.stepTo('2024-03-02'))).toEqual(['2024-02-01: 15.00']);
  });
});
