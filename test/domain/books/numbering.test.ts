import { describe, expect, test } from 'vitest';
import { checkPattern, numberParts, periodKey } from '../../../domain/books/numbering.ts';
import { refusal } from '../../support/refusal.ts';

test.each([
  ['S-{MM}/{YYYY}-{####}', '2016-12-01', ['S-12/2016-', 4, '']],
  ['R-{YYYY}-{##}', '2024-01-01', ['R-2024-', 2, '']],
  ['{YY}{MM}-{#}', '2024-09-11', ['2409-', 1, '']],
  ['R-{YYYY}-{####/YYYY}', '2025-01-01', ['R-2025-', 4, '']],
  ['Rechnung Nr. {##/MM} ({MM}.{YYYY})', '2025-03-31', ['Rechnung Nr. ', 2, ' (03.2025)']],
])('%s on %s has the prefix, width of the counter and suffix %j', (pattern, date, expected) => {
  const { prefix, width, suffix } = numberParts(pattern, date);
  expect([prefix, width, suffix]).toEqual(expected);
});

describe('the counter of a number pattern', () => {
  test('runs on over the end of the year unless the pattern restarts it (rule 29)', () => {
    expect(periodKey('S-{MM}/{YYYY}-{####}', '2016-12-01')).toBe('');
    expect(periodKey('R-{YYYY}-{####/YYYY}', '2024-12-31')).toBe('2024');
    expect(periodKey('R-{MM}-{YYYY}-{####/MM}', '2024-12-31')).toBe('2024-12');
  });
});

test.each([
  ['R-{YYYY}', 'no counter'],
  ['{##}-{##}', 'two counters'],
  ['R-{QQ}-{##}', 'an unknown token'],
  ['R-{YYYY-{##}', 'an open brace'],
  ['R-}{##}', 'a closing brace'],
  ['R-{####/YYYY}', 'a yearly counter without the year'],
  ['R-{YY}-{####/YYYY}', 'a yearly counter with a year of two digits'],
  ['R-{YYYY}-{####/MM}', 'a monthly counter without the month'],
  ['R-\n{##}', 'a control character'],
  ['', 'an empty text'],
  [`${'R'.repeat(60)}{#}`, 'a text that is too long'],
])('%j is refused: %s', (pattern) => {
  expect(refusal(() => checkPattern(pattern, 'invoicePattern'))).toMatchObject({
    code: 'invalid_number_pattern',
    field: 'invoicePattern',
  });
});
