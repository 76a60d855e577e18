import { describe, expect, test } from 'vitest';
import { checkBic, checkIban, checkTaxNumber, checkVatId } from '../../../domain/parties/identifiers.ts';
import { refusal } from '../../support/refusal.ts';

describe('IBAN', () => {
  test.each(['DE89370400440532013000', 'DE89 3704 0044 0532 0130 00', 'de89370400440532013000'])(
    '%s is accepted',
    (text) => expect(checkIban(text)).toBe('DE89370400440532013000'),
  );

  test.each([
    ['DE18360100439999999999', 'wrong_check_digits'],
    ['DE8937040044053201300', 'wrong_length'],
    ['QQ89370400440532013000', 'unknown_country'],
    ['', 'empty'],
    ['DE'.repeat(500_000), 'wrong_length'],
  ])('%.24s is refused: %s', (text, reason) => {
    expect(refusal(() => checkIban(text))).toMatchObject({
      code: 'invalid_iban',
      field: 'iban',
      details: { reason },
    });
  });
});

describe('VAT id', () => {
  test.each([
    ['DE136695976', 'DE136695976'],
    ['DE 136 695 976', 'DE136695976'],
    ['ATU13585627', 'ATU13585627'],
    ['EL094259216', 'EL094259216'],
  ])('%s is accepted', (text, vatId) => expect(checkVatId(text)).toBe(vatId));

  test.each([
    ['DE123456789', 'wrong_check_digits'],
    ['DE12345', 'wrong_format'],
    ['XX123456789', 'unknown_country'],
    ['', 'unknown_country'],
  ])('%s is refused: %s', (text, reason) => {
    expect(refusal(() => checkVatId(text))).toMatchObject({
      code: 'invalid_vat_id',
      field: 'vatId',
      details: { reason },
    });
  });
});

test('a BIC has eight or eleven characters', () => {
  expect(checkBic('PBNKDEFF')).toBe('PBNKDEFF');
  expect(checkBic('pbnk de ff xxx')).toBe('PBNKDEFFXXX');
  expect(refusal(() => checkBic('PBNKDEF')).code).toBe('invalid_bic');
});

describe('a national tax number', () => {
  test.each([
    ['123456789', '123456789'],
    [' 21/815/08150 ', '21/815/08150'],
    ['181 / 815 / 08155', null],
    ['93815  08152', '93815 08152'],
    ['RSSMRA85T10A562S', 'RSSMRA85T10A562S'],
    ['1234', null],
    ['Steuernummer', null],
    ['12345--6789', null],
    ['12345,6789', null],
    ['1'.repeat(26), null],
    ['', null],
  ])('%s: %s', (text, number) => {
    if (number !== null) expect(checkTaxNumber(text)).toBe(number);
    else
      expect(refusal(() => checkTaxNumber(text))).toMatchObject({
        code: 'invalid_tax_number',
        field: 'taxNumber',
        details: { reason: 'wrong_format' },
      });
  });
});

test('a refused number is not repeated in the error, which is logged', () => {
  expect(JSON.stringify(refusal(() => checkIban('DE18360100439999999999')).details)).not.toContain('9999');
});
