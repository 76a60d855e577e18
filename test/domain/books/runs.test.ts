import { describe, expect, it } from 'vitest';
import { documentPostings, makeDocument } from '../../../domain/books/document.ts';
import { groupByContract, nextRun, runAfterChange, subjectOf } from '../../../domain/books/runs.ts';

const BERLIN = 'Europe/Berlin';
const calendar = (anchor: string, unit: 'week' | 'month' | 'year', count = 1) => ({
  anchor,
  every: { unit, count },
});

describe('the next run of a collective account (rule 33)', () => {
  it("is the first instant of the anchor's day, in the account's zone", () => {
    expect(nextRun(calendar('2024-02-01', 'month'), '2024-01-15T10:00:00.000Z', BERLIN)).toBe(
      '2024-01-31T23:00:00.000Z',
    );
  });

  it('is one interval later for an instant at which a run begins', () => {
    expect(nextRun(calendar('2024-02-01', 'week'), '2024-01-31T23:00:00.000Z', BERLIN)).toBe(
      '2024-02-07T23:00:00.000Z',
    );
  });

  it('is counted from the anchor: the 31st of January is followed by the 29th of February and the 31st of March', () => {
    const monthly = calendar('2024-01-31', 'month');
    expect(nextRun(monthly, '2024-01-31T12:00:00.000Z', 'UTC')).toBe('2024-02-29T00:00:00.000Z');
    expect(nextRun(monthly, '2024-02-29T12:00:00.000Z', 'UTC')).toBe('2024-03-31T00:00:00.000Z');
  });

  it('comes each quarter and each year', () => {
    expect(nextRun(calendar('2024-01-01', 'month', 3), '2024-02-10T00:00:00.000Z', 'UTC')).toBe(
      '2024-04-01T00:00:00.000Z',
    );
    expect(nextRun(calendar('2024-01-01', 'year'), '2024-02-10T00:00:00.000Z', 'UTC')).toBe(
      '2025-01-01T00:00:00.000Z',
    );
  });

  it('stays due if it is due when the calendar changes', () => {
    const [due, now] = ['2024-01-01T00:00:00.000Z', '2024-01-02T00:00:00.000Z'];
    expect(runAfterChange(due, null, now, 'UTC')).toBe(due);
    expect(runAfterChange('2024-01-08T00:00:00.000Z', null, now, 'UTC')).toBeNull();
    expect(runAfterChange(null, calendar('2024-01-01', 'month'), now, 'UTC')).toBe(
      '2024-02-01T00:00:00.000Z',
    );
  });
});

const charge = (id: string, contractId: string | null, amountMinor: bigint, from = '2024-01-01') => ({
  id,
  contractId,
  kind: 'recurring' as const,
  amountMinor,
  tax: { category: 'standard', rate: '19', text: 'VAT', country: 'DE' },
  from,
  to: '2024-02-01',
  reversesId: null,
  oneTimeId: null,
});

describe('the document of a run (rule 33)', () => {
  const groups = groupByContract([
    charge('c', 'con_2', 333n),
    charge('b', 'con_1', 333n, '2024-01-15'),
    charge('a', 'con_1', 333n),
    charge('own', null, 1000n),
  ]);
  const context = {
    priceMode: 'net' as const,
    currency: 'EUR',
    issuerZone: 'UTC',
    paymentTermDays: 0,
    titles: { invoice: 'Pro', credit_note: 'Pro' },
  };
  const document = makeDocument('doc_1', groups, '2024-02-01T00:00:00.000Z', context, []);

  it('has the charges of the account first, then those of each contract, each group by service date', () => {
    expect(
      document?.lines.map(({ position, contractId, charge: { id } }) => [position, contractId, id]),
    ).toEqual([
      [1, null, 'own'],
      [2, 'con_1', 'a'],
      [3, 'con_1', 'b'],
      [4, 'con_2', 'c'],
    ]);
  });

  it('computes taxes over the whole, and books each contract its share', () => {
    // 19.99 at 19 % are 3.7981: 3.80. The shares are 1.90 and three times 0.63; the first of these takes the cent that is left.
    expect([document?.netMinor, document?.taxMinor, document?.grossMinor]).toEqual([1999n, 380n, 2379n]);
    const postings = document === null ? [] : documentPostings(document);
    expect(
      postings.map(({ contractId, ledgerAccount, amountMinor }) => [contractId, ledgerAccount, amountMinor]),
    ).toEqual([
      [null, 'receivable', 1190n],
      [null, 'deferred_revenue', -1000n],
      [null, 'tax', -190n],
      ['con_1', 'receivable', 793n],
      ['con_1', 'deferred_revenue', -666n],
      ['con_1', 'tax', -127n],
      ['con_2', 'receivable', 396n],
      ['con_2', 'deferred_revenue', -333n],
      ['con_2', 'tax', -63n],
    ]);
    expect(postings.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)).toBe(0n);
  });

  it('is named after the plan of its contracts, or after the account if they have several plans or there are none', () => {
    expect(subjectOf(['Cloud', 'Cloud'], 'Licences')).toBe('Cloud');
    expect(subjectOf(['Cloud', 'Library'], 'Licences')).toBe('Licences');
    expect(subjectOf([], 'Licences')).toBe('Licences');
  });
});
