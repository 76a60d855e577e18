import { describe, expect, test } from 'vitest';
import { checkTitlePattern, titleOf } from '../../../domain/books/title.ts';
import { refusal } from '../../support/refusal.ts';

const december = { plan: 'German BusinessCloud', date: '2016-12-01', language: 'de' } as const;

describe("an invoice's title", () => {
  test.each([
    ['Rechnung {plan} {MMM} {YYYY}', 'Rechnung German BusinessCloud Dez. 2016'],
    ['{plan} {MMMM} {YY}', 'German BusinessCloud Dezember 16'],
    ['{MM}/{YYYY}', '12/2016'],
    ['Rechnung', 'Rechnung'],
  ])('made from the pattern %s is %s', (pattern, title) => {
    expect(titleOf(checkTitlePattern(pattern), december)).toBe(title);
  });

  test("has the month in the customer's language", () => {
    expect(titleOf('{MMM}, {MMMM}', { ...december, language: 'en' })).toBe('Dec, December');
  });

  test('is the name of the plan if there is no pattern', () => {
    expect(titleOf(null, december)).toBe('German BusinessCloud');
  });

  test("leaves braces of the plan's name alone", () => {
    expect(titleOf('{plan}', { ...december, plan: '$& {YYYY}' })).toBe('$& {YYYY}');
  });

  test.each([
    ['{customer}', '{customer} is not known'],
    ['{toString}', '{toString} is not known'],
    ['Rechnung {plan', 'braces must come in pairs'],
    ['Rechnung }', 'braces must come in pairs'],
    ['{{plan}}', 'braces must come in pairs'],
    ['  ', 'a title pattern is not empty'],
    ['x'.repeat(101), 'a title pattern has at most 100 characters'],
  ])('is not made from the pattern %.12s, which is refused', (pattern, reason) => {
    expect(refusal(() => checkTitlePattern(pattern))).toMatchObject({
      code: 'invalid_title_pattern',
      field: 'invoiceTitle',
      details: { reason },
    });
  });
});
