import { expect, test } from 'vitest';
import { Life, add, billed, remove, set } from '../../support/contract-builder.ts';

/**
 * A contract with three seats for 16 of 31 days. Their exact amount is 13.935. It is stored as 13.93, as a release that
 * rounds half down would have billed it.
 */
function roundedDown(): Life {
  const life = new Life({ variant: 'pro', start: '2024-01-01' });
  expect(life.do('2024-01-16', add('seat', '3'))).toBe('applied');
  expect(life.printed.at(-1)?.slice(0, 2)).toEqual(['2024-01-16', '13.94']);
  const lines = life.state.lines.map((line) =>
    line.amountMinor === 1394n ? { ...line, amountMinor: 1393n } : line,
  );
  life.state = { ...life.state, lines };
  return life;
}

test('another rounding neither credits nor bills a stored line, and the next renewal bills only its own period (rule 11)', () => {
  const life = roundedDown();
  life.settle().stepTo('2024-02-29');
  expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-01-16: 13.94', '2024-02-01: 99.00, 27.00']);
});

test('a credit takes the stored amount, even if it would be rounded otherwise today (rules 10, 15)', () => {
  const removed = roundedDown();
  expect(removed.do('2024-01-16', remove(removed.subscription('seat')))).toBe('applied');
  expect(removed.printed.at(-1)?.slice(0, 2)).toEqual(['2024-01-16', '-13.93']);
  const changed = roundedDown();
  expect(changed.do('2024-01-16', set(changed.subscription('seat'), '4'))).toBe('applied');
  expect(changed.printed.at(-1)?.slice(0, 2)).toEqual(['2024-01-16', '-13.93, 18.58']); // 36.00 × 16 ÷ 31
});

test('a new tax rate leaves billed lines at their own rate, also where they are credited (rules 7, 9)', () => {
  const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
  life.until('2024-01-10');
  const from = { category: 'standard', taxPolicyId: 'software', country: 'DE', text: 'VAT 21 %', rate: '21' };
  // The new rate is entered late: it is valid from 10 January, and days after that are billed already.
  life.state = { ...life.state, taxRates: [...life.state.taxRates, { ...from, validFrom: '2024-01-10' }] };
  life.settle().until('2024-01-16');
  expect(life.printed).toHaveLength(1);
  expect(life.do('2024-01-16', set(life.subscription('seat'), '1'))).toBe('applied');
  life.stepTo('2024-02-01');
  expect(life.printed).toEqual([
    ['2024-01-01', '99.00, 27.00', '126.00', '23.94', '149.94'],
    ['2024-01-16', '-13.94, 4.65', '-9.29', '-1.67', '-10.96'], // −2.65 at 19 %, 0.98 at 21 %
    ['2024-02-01', '99.00, 9.00', '108.00', '22.68', '130.68'],
  ]);
});
