import { describe, expect, test } from 'vitest';
import { checkPattern, formatNumber, periodKey } from '../../domain/numbering.ts';
import { refusal } from '../support/refusal.ts';

test.each([
  ['S-{MM}/{YYYY}-{####}', '2016-12-01', 1234, 'S-12/2016-1234'],
  ['R-{YYYY}-{####}', '2024-01-01', 1, 'R-2024-0001'],
  ['G-{YYYY}-{####}', '2024-09-11', 10_000n, 'G-2024-10000'],
  ['{YY}{MM}-{#}', '2024-09-11', 7, '2409-7'],
  ['R-{YYYY}-{####/YYYY}', '2025-01-01', 1, 'R-2025-0001'],
  ['Rechnung Nr. {##/MM} ({MM}.{YYYY})', '2025-03-31', 5, 'Rechnung Nr. 05 (03.2025)'],
])('%s on %s, number %d, is %4$s', (pattern, date, counter, expected) => {
  expect(formatNumber(pattern, date, counter)).toBe(expected);
});

describe('the counter', () => {
  test('runs on over the year unless the pattern says otherwise (rule 29)', () => {
    expect(periodKey('S-{MM}/{YYYY}-{####}', '2016-12-01')).toBe('');
    expect(periodKey('R-{YYYY}-{####/YYYY}', '2024-12-31')).toBe('2024');
    expect(periodKey('R-{MM}-{YYYY}-{####/MM}', '2024-12-31')).toBe('2024-12');
  });
});

test.each([
  ['R-{YYYY}', 'no counter'],
  ['{##}-{##}', 'two counters'],
  ['R-{QQ}-{##}', 'a token that is not known'],
  ['R-{YYYY-{##}', 'an open brace'],
  ['R-}{##}', 'a closing brace'],
  ['R-{####/YYYY}', 'a yearly counter without the year'],
  ['R-{YY}-{####/YYYY}', 'a yearly counter with a year that comes again'],
  ['R-{YYYY}-{####/MM}', 'a monthly counter without the month'],
  ['R-\n{##}', 'a control character'],
  ['', 'nothing'],
  [`${'R'.repeat(60)}{#}`, 'too long a text'],
])('%j is refused: %s', (pattern) => {
  expect(refusal(() => checkPattern(pattern, 'invoicePattern'))).toMatchObject({
    code: 'invalid_number_pattern',
    field: 'invoicePattern',
  });
});
