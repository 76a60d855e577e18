import { describe, expect, it } from 'vitest';
import { allocateCredits } from '../../../domain/books/allocation.ts';

const receivable = (id: string, openMinor: bigint, underWay = false) => ({ id, openMinor, underWay });

describe('allocating credits to open receivables (rule 31)', () => {
  it('pays the oldest receivable first, and the next one with what is left', () => {
    expect(
      allocateCredits([{ id: 'c1', leftMinor: 1500n }], [receivable('r1', 1190n), receivable('r2', 595n)]),
    ).toEqual([
      { creditId: 'c1', receivableId: 'r1', amountMinor: 1190n },
      { creditId: 'c1', receivableId: 'r2', amountMinor: 310n },
    ]);
  });

  it('spends the oldest credit first, and takes a second one for the rest of a receivable', () => {
    expect(
      allocateCredits(
        [
          { id: 'c1', leftMinor: 100n },
          { id: 'c2', leftMinor: 5000n },
        ],
        [receivable('r1', 1190n)],
      ),
    ).toEqual([
      { creditId: 'c1', receivableId: 'r1', amountMinor: 100n },
      { creditId: 'c2', receivableId: 'r1', amountMinor: 1090n },
    ]);
  });

  it('never touches a receivable whose attempt is under way', () => {
    expect(
      allocateCredits(
        [{ id: 'c1', leftMinor: 2000n }],
        [receivable('r1', 1190n, true), receivable('r2', 595n)],
      ),
    ).toEqual([{ creditId: 'c1', receivableId: 'r2', amountMinor: 595n }]);
  });

  it('allocates nothing when no receivable is open or no credit is left', () => {
    expect(allocateCredits([{ id: 'c1', leftMinor: 2000n }], [])).toEqual([]);
    expect(allocateCredits([{ id: 'c1', leftMinor: 0n }], [receivable('r1', 1190n)])).toEqual([]);
    expect(allocateCredits([{ id: 'c1', leftMinor: 5n }], [receivable('r1', 0n)])).toEqual([]);
  });
});
