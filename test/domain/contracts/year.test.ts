import { describe, expect, test } from 'vitest';
import {
  Life,
  add,
  cancel,
  pause,
  resume,
  set,
  toVariant,
  withdraw,
} from '../../support/contract-builder.ts';
import { LIBRARY } from '../../support/sold.ts';

const END = '2024-12-31T22:00:00.000Z';
const gross = (life: Life) => life.documents.reduce((sum, each) => sum + each.grossMinor, 0n);

describe('a year of fixed fees', () => {
  test('Nordlicht changes, pauses, cancels and withdraws the cancellation: 16 documents (rule 25)', () => {
    const life = new Life({ variant: 'basic', start: '2023-12-18', ordered: '2023-12-18T08:00:00.000Z' });
    expect(life.do('2024-01-16', toVariant('pro'))).toBe('applied');
    expect(life.do('2024-02-10', add('seat', '3'))).toBe('applied');
    expect(life.do('2024-04-11', pause())).toBe('applied');
    expect(life.do('2024-05-21', resume())).toBe('applied');
    expect(life.do('2024-06-17', add('support'))).toBe('applied');
    expect(life.do('2024-08-20', set(life.subscription('seat'), '1'), 'period_end')).toBe('applied');
    expect(life.do('2024-09-11', toVariant('basic'))).toBe('applied');
    expect(life.do('2024-11-05', cancel(), 'period_end')).toBe('applied');
    expect(life.do('2024-11-20', withdraw(life.asked))).toBe('applied');
    life.stepTo(END);
    expect(life.printed).toEqual([
      ['2024-01-01', '29.00', '29.00', '5.51', '34.51'],
      ['2024-01-16', '-14.97, 51.10', '36.13', '6.86', '42.99'],
      ['2024-02-01', '99.00', '99.00', '18.81', '117.81'],
      ['2024-02-10', '18.62', '18.62', '3.54', '22.16'],
      ['2024-03-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-04-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-05-21', '35.13, 9.58', '44.71', '8.49', '53.20'],
      ['2024-06-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
      ['2024-06-17', '22.87', '22.87', '4.35', '27.22'],
      ['2024-07-01', '99.00, 27.00, 49.00', '175.00', '33.25', '208.25'],
      ['2024-08-01', '99.00, 27.00, 49.00', '175.00', '33.25', '208.25'],
      ['2024-09-01', '99.00, 9.00, 49.00', '157.00', '29.83', '186.83'],
      ['2024-09-11', '-66.00, 19.33', '-46.67', '-8.87', '-55.54'],
      ['2024-10-01', '29.00, 9.00, 49.00', '87.00', '16.53', '103.53'],
      ['2024-11-01', '29.00, 9.00, 49.00', '87.00', '16.53', '103.53'],
      ['2024-12-01', '29.00, 9.00, 49.00', '87.00', '16.53', '103.53'],
    ]);
    expect(gross(life)).toBe(160609n);
    expect(life.documents.filter((each) => each.kind === 'credit_note')).toHaveLength(1);
    expect(life.documents).toHaveLength(16);
  });

  test('Alpenblick is billed on the 31st, or on the last day of a shorter month: 13 documents (rule 2)', () => {
    const life = new Life({
      variant: 'pro',
      seats: '2',
      start: '2024-01-31',
      zone: 'Europe/Vienna',
      country: 'AT',
    });
    expect(life.do('2024-03-15', set(life.subscription('seat'), '5'))).toBe('applied');
    life.stepTo('2024-12-31T22:00:00.000Z');
    expect(life.printed).toEqual([
      ['2024-01-31', '99.00, 18.00', '117.00', '23.40', '140.40'],
      ['2024-02-29', '99.00, 18.00', '117.00', '23.40', '140.40'],
      ['2024-03-15', '-9.29, 23.23', '13.94', '2.79', '16.73'],
      ...['03-31', '04-30', '05-31', '06-30', '07-31', '08-31', '09-30', '10-31', '11-30', '12-31'].map(
        (day) => [`2024-${day}`, '99.00, 45.00', '144.00', '28.80', '172.80'],
      ),
    ]);
    expect(gross(life)).toBe(202553n);
    expect(life.documents).toHaveLength(13);
  });

  test('Lesezirkel pays tax at the rate of e-books: 7 documents (rule 7)', () => {
    const life = new Life({
      variant: 'shelf',
      start: '2024-06-30',
      zone: 'Europe/Luxembourg',
      country: 'LU',
      catalogue: LIBRARY,
    });
    life.stepTo(END);
    expect(life.printed).toEqual(
      ['06-30', '07-30', '08-30', '09-30', '10-30', '11-30', '12-30'].map((day) => [
        `2024-${day}`,
        '10.00',
        '10.00',
        '0.25',
        '10.25',
      ]),
    );
    expect(gross(life)).toBe(7175n);
    expect(life.documents).toHaveLength(7);
  });

  test('Probe is on the free variant: no document (rule 28)', () => {
    const life = new Life({ variant: 'free', start: '2024-03-01' });
    life.stepTo(END);
    expect(life.documents).toHaveLength(0);
  });
});
