import type { Charge } from '../../domain/books/charge.ts';
import type { LineTax } from '../../domain/contracts/state.ts';

/** A charge with the fields that decide about the taxes of a document. All other fields are always the same. */
export function lineOf(
  id: string,
  amountMinor: bigint,
  tax: LineTax,
  reversesId: string | null = null,
): Charge {
  return {
    id,
    itemId: 'item',
    subject: 'fee',
    part: 1,
    kind: reversesId === null ? 'recurring' : 'credit',
    reversesId,
    oneTimeId: null,
    text: id,
    startsAt: '2024-01-01T00:00:00.000Z',
    endsAt: '2024-02-01T00:00:00.000Z',
    from: '2024-01-01',
    to: '2024-02-01',
    quantity: '1',
    unitPrice: '1',
    fullAmount: '1',
    unit: 'day',
    used: 31,
    fullLength: 31,
    amountMinor,
    tax,
    derivation: {} as Charge['derivation'],
  };
}
