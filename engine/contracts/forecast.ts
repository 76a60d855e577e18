import { readBooks } from '../../db/books/account-context.ts';
import { nowOf } from '../../db/clocks/clocks.ts';
import { loadCatalogue } from '../../db/catalogue/load-catalogue.ts';
import { loadContract } from '../../db/contracts/contracts.ts';
import { creditedElsewhere } from '../../db/contracts/moves.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Pool } from '../../db/platform/pool.ts';
import { onSnapshot } from '../usage/with-usage.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import { earliestEnd } from '../../domain/contracts/term.ts';
import { DomainError } from '../../domain/errors.ts';
import { pinnedVersions } from '../../domain/billing/steps.ts';
import { type NextBilling, booksOfPreview, nextBilling } from './preview.ts';

export interface Forecast {
  /** Null for a contract that has ended. */
  readonly earliestEnd: string | null;
  readonly nextBilling: NextBilling | null;
}

/**
 * Computes the next bill of a contract, if nothing changes, and the first day on which it may end. The bill is null if there
 * is none, or if it cannot be computed, for example because a tax rate is missing.
 */
export function forecast(reads: Pool, merchant: MerchantId, contractId: string): Promise<Forecast> {
  return onSnapshot(reads, merchant, async (db) => {
    const { state, context } = await loadContract(db, merchant, contractId);
    const { phase, settledThrough, terms, zone } = state;
    const now = countsAt(await nowOf(db, merchant, context.clockId), settledThrough);
    const catalogue = await loadCatalogue(db, merchant, terms.planGroupId, pinnedVersions(state));
    const ofBooks = booksOfPreview({ state, context });
    const books = await readBooks(db, merchant, ofBooks);
    const elsewhere = await creditedElsewhere(db, merchant, context.accountId, ofBooks.reversedIds);
    const account = { ...context, ...books };
    const earliest = phase === 'ended' ? null : earliestEnd(state, dateAt(now, zone));
    return (totals) => {
      try {
        const next = nextBilling(state, { account, elsewhere }, { catalogue, newId, totals });
        return { earliestEnd: earliest, nextBilling: next };
      } catch (error) {
        if (error instanceof DomainError) return { earliestEnd: earliest, nextBilling: null };
        throw error;
      }
    };
  });
}
