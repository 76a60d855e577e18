import { describe, expect, it } from 'vitest';
import { behaviourAt, checkToken, parseToken } from '../../psp/sandbox/token.ts';

const at = (token: string, instant: string) => behaviourAt(parseToken(token), instant);
const NOON = '2024-06-01T12:00:00.000Z';

describe('sandbox tokens', () => {
  it('make a charge succeed, decline, stay pending, ask the customer or time out', () => {
    expect(at('card', NOON)).toEqual({ kind: 'succeed' });
    expect(at('debit', NOON)).toEqual({ kind: 'succeed' });
    expect(at('card;decline=insufficient_funds', NOON)).toEqual({
      kind: 'decline',
      reason: 'insufficient_funds',
    });
    expect(at('debit;pending_days=3', NOON)).toEqual({ kind: 'pend', days: 3 });
    expect(at('card;requires_action', NOON)).toEqual({ kind: 'ask_customer' });
    expect(at('card;late=charged', NOON)).toEqual({ kind: 'no_answer', charged: true });
    expect(at('card;late=not_charged', NOON)).toEqual({ kind: 'no_answer', charged: false });
  });

  it('make a charge decline on the days that they name, in their time zone', () => {
    const token =
      'card;zone=Europe/Berlin;decline_on=2024-06-01:insufficient_funds;decline_on=2024-06-04:fraud_suspected';
    expect(at(token, '2024-05-31T21:59:59.000Z')).toEqual({ kind: 'succeed' });
    expect(at(token, '2024-05-31T22:00:00.000Z')).toEqual({ kind: 'decline', reason: 'insufficient_funds' });
    expect(at(token, '2024-06-03T22:00:00.000Z')).toEqual({ kind: 'decline', reason: 'fraud_suspected' });
    expect(at('card;decline_on=2024-06-01:other', '2024-05-31T22:00:00.000Z')).toEqual({ kind: 'succeed' });
  });

  it('name how a pending debit ends, and after how many days a chargeback comes', () => {
    expect(parseToken('debit;pending_days=3;then=declined:account_closed').endsDeclined).toBe(
      'account_closed',
    );
    expect(parseToken('card;chargeback_days=30').chargebackDays).toBe(30);
  });

  it.each([
    ['cash', /begin with card or debit/],
    ['', /begin with card or debit/],
    ['card;decline=poverty', /decline/],
    ['card;decline=other;decline=other', /given twice/],
    ['card;colour=red', /colour/],
    ['card;decline_on=2024-02-30:other', /date/],
    ['card;decline_on=2024-02-01', /Invalid option/],
    ['card;zone=Mars/Base', /time zone/],
    ['debit;pending_days=0', /pending_days/],
    ['debit;then=declined:other', /needs pending_days/],
    ['debit;pending_days=3;then=succeeded', /then must be declined/],
    ['card;late=charged;requires_action', /only one/],
    [`card;decline=${'x'.repeat(1000)}`, /too long/],
  ])('are refused with the reason: %s', (token, reason) => {
    expect(checkToken(token)).toMatch(reason);
  });
});
