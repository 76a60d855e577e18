import { expect, test } from 'vitest';
import { Life, add, billed, remove, set } from '../../support/contract-builder.ts';

/** Three seats for 16 of 31 days, 13.935, as a release that rounds half down would have billed them: 13.93. */
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

test('another rounding neither credits nor bills a line that is stored; the next renewal bills itself only (rule 11)', () => {
  const life = roundedDown();
  life.settle().stepTo('2024-02-29');
  expect(billed(life)).toEqual(['2024-01-01: 99.00', '2024-01-16: 13.94', '2024-02-01: 99.00, 27.00']);
});

test('a credit takes what is stored, whatever today’s rounding would have made of it (rules 10, 15)', () => {
  const removed = roundedDown();
  expect(removed.do('2024-01-16', remove(removed.subscription('seat')))).toBe('applied');
  expect(removed.printed.at(-1)?.slice(0, 2)).toEqual(['2024-01-16', '-13.93']);
  const changed = roundedDown();
  expect(changed.do('2024-01-16', set(changed.subscription('seat'), '4'))).toBe('applied');
  expect(changed.printed.at(-1)?.slice(0, 2)).toEqual(['2024-01-16', '-13.93, 18.58']); // 36.00 × 16 ÷ 31
});

test('another tax rate leaves what is billed at its own, also where it is credited (rules 7, 9)', () => {
  const life = new Life({ variant: 'pro', start: '2024-01-01', seats: '3' });
  life.until('2024-01-10');
  const from = { category: 'standard', taxPolicyId: 'software', country: 'DE', text: 'VAT 21 %', rate: '21' };
  // From the service of 10 January on: a rate that came late, for days that are billed already.
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
