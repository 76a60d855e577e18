import { expect, test } from 'vitest';
import {
  languageOf,
  monthName,
  writeDate,
  writeDecimal,
  writeMinor,
  writePrice,
} from '../../../domain/parties/languages.ts';

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['en-GB', 'en'],
  ['fr', 'en'],
  ['den', 'en'],
])('documents of a customer with the language %s are in %s', (tag, language) =>
  expect(languageOf(tag)).toBe(language),
);

test.each([
  ['8387.3', 2, '8.387,30', '8,387.30'],
  ['-9706.31', 2, '-9.706,31', '-9,706.31'],
  ['0.952', 2, '0,952', '0.952'],
  ['1234567.8901', 0, '1.234.567,8901', '1,234,567.8901'],
  ['999', 0, '999', '999'],
  ['1000', 0, '1.000', '1,000'],
])('%s with at least %i digits is %s in German and %s in English', (text, digits, german, english) => {
  expect(writeDecimal(text, 'de', digits)).toBe(german);
  expect(writeDecimal(text, 'en', digits)).toBe(english);
});

test('a price is written with the digits of its currency, or with more if it has more', () => {
  expect(writePrice('283.3333', 'EUR', 'de')).toBe('283,3333');
  expect(writePrice('4.7', 'EUR', 'de')).toBe('4,70');
  expect(writePrice('1200', 'JPY', 'en')).toBe('1,200');
  expect(writeMinor(998089n, 'EUR', 'de')).toBe('9.980,89');
});

test('dates and names of months are written as in German and in English', () => {
  expect([writeDate('2016-12-01', 'de'), writeDate('2016-12-01', 'en')]).toEqual([
    '01.12.2016',
    '2016-12-01',
  ]);
  expect([monthName('2016-12-01', 'de', 'short'), monthName('2016-03-31', 'de', 'long')]).toEqual([
    'Dez.',
    'März',
  ]);
  expect([monthName('2016-12-01', 'en', 'short'), monthName('2016-03-31', 'en', 'long')]).toEqual([
    'Dec',
    'March',
  ]);
});
