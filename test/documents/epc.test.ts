import { expect, it } from 'vitest';
import { epcPayload } from '../../documents/epc.ts';

const transfer = {
  name: 'Wolkenwerk GmbH',
  iban: 'DE89370400440532013000',
  bic: 'COBADEFF',
  currency: 'EUR',
  amountMinor: 998089n,
  reference: 'S-12/2016-1234',
};

it('a transfer is written as the European Payments Council defines it', () => {
  expect(epcPayload(transfer)).toBe(
    [
      'BCD',
      '002',
      '1',
      'SCT',
      'COBADEFF',
      'Wolkenwerk GmbH',
      'DE89370400440532013000',
      'EUR9980.89',
      '',
      '',
      'S-12/2016-1234',
    ].join('\n'),
  );
  expect(epcPayload({ ...transfer, bic: undefined, amountMinor: 5n })).toBe(
    'BCD\n002\n1\nSCT\n\nWolkenwerk GmbH\nDE89370400440532013000\nEUR0.05\n\n\nS-12/2016-1234',
  );
});

it('a name is cut at 70 characters, and has no line ends', () => {
  const name = `Wolken\nwerk ${'ß'.repeat(100)}`;
  expect(epcPayload({ ...transfer, name })?.split('\n')[5]).toBe(`Wolken werk ${'ß'.repeat(58)}`);
});

it.each([
  ['in another currency', { currency: 'CHF' }],
  ['of zero', { amountMinor: 0n }],
  ['below zero', { amountMinor: -1n }],
  ['of a billion', { amountMinor: 100_000_000_000n }],
  ['with a reference of 141 characters', { reference: 'x'.repeat(141) }],
  ['of more than 331 bytes', { name: 'Київ '.repeat(14), reference: 'Ж'.repeat(100) }],
])('a transfer %s has no code', (_, change) => {
  expect(epcPayload({ ...transfer, ...change })).toBeNull();
});

it('a transfer of the largest amount has a code', () => {
  expect(epcPayload({ ...transfer, amountMinor: 99_999_999_999n })).toContain('EUR999999999.99');
});
