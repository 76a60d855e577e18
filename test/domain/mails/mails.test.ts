import { describe, expect, it } from 'vitest';
import { codesOf, withoutAddresses } from '../../../domain/mails/server-replies.ts';
import { recipientsOf } from '../../../domain/mails/recipients.ts';
import { GIVE_UP_AFTER_S, nextTryIn } from '../../../domain/mails/retry.ts';

describe('the next try of a mail', () => {
  it('comes after 1, 5, 15, 30, 60, 120 and then each 240 minutes', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 20].map(
      (tries) => (nextTryIn('deferred', { tries, ageSeconds: 0 }) ?? 0) / 60,
    );
    expect(pauses).toEqual([1, 5, 15, 30, 60, 120, 240, 240, 240]);
  });

  it('comes after half an hour at most if the server cannot be reached', () => {
    expect(nextTryIn('unreachable', { tries: 20, ageSeconds: 0 })).toBe(1_800);
  });

  it('never comes if the server refused the mail permanently', () => {
    expect(nextTryIn('refused', { tries: 1, ageSeconds: 0 })).toBeNull();
  });

  it('never comes more than three days after the mail was made', () => {
    expect(nextTryIn('deferred', { tries: 1, ageSeconds: GIVE_UP_AFTER_S - 60 })).toBe(60);
    expect(nextTryIn('deferred', { tries: 1, ageSeconds: GIVE_UP_AFTER_S - 59 })).toBeNull();
  });
});

describe('the recipients of a mail', () => {
  const [invoice, other] = [
    { to: ['a@x.example'], cc: ['b@x.example'] },
    { to: ['c@x.example'], cc: [] },
  ];

  it('are those of its purpose, else the default ones, else the address of the party', () => {
    expect(recipientsOf('invoice', { invoice, default: other }, 'p@x.example')).toEqual(invoice);
    expect(recipientsOf('receipt', { invoice, default: other }, 'p@x.example')).toEqual(other);
    expect(recipientsOf('receipt', { invoice }, 'p@x.example')).toEqual({ to: ['p@x.example'], cc: [] });
    expect(recipientsOf('receipt', { invoice }, undefined)).toBeNull();
  });
});

it.each([
  [
    '550 5.1.1 <erika@muster.example>: Recipient address rejected',
    '550 5.1.1 <…>: Recipient address rejected',
  ],
  ['no erika@muster.example here, nor "e.m"@x', 'no <…> here, nor <…>'],
  ['550 erika+bill@muster.example; try a@b', '550 <…>; try <…>'],
  ['nothing to hide @ 10:00', 'nothing to hide @ 10:00'],
])('addresses are removed from the reply of a server: %s', (text, without) => {
  expect(withoutAddresses(text)).toBe(without);
});

it.each([
  ['550 5.1.1 <erika@muster.example> unknown', '550 5.1.1'],
  ['5.2.2 mailbox of ada%40muster.example is full', '5.2.2'],
  ['Erika Musterfrau has moved', null],
])('only the codes of a returned mail are kept: %s', (words, codes) => {
  expect(codesOf(words)).toBe(codes);
});
