import { readBooks } from '../../db/books/account-context.ts';
import { nowOf } from '../../db/clocks/clocks.ts';
import { loadCatalogue, loadContract } from '../../db/contracts/contracts.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Db } from '../../db/platform/pool.ts';
import { withUsage } from '../usage/with-usage.ts';
import { dateAt } from '../../domain/arithmetic/calendar.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import { earliestEnd } from '../../domain/contracts/term.ts';
import { DomainError } from '../../domain/errors.ts';
import { pinnedVersions } from '../../domain/billing/steps.ts';
import { type NextBilling, booksOfPreview, nextBilling } from './preview.ts';

interface Forecast {
  /** Null for a contract that has ended. */
  readonly earliestEnd: string | null;
  readonly nextBilling: NextBilling | null;
}

/**
 * The next bill, if everything stays as it is; null also where it could not be computed, such as without a tax rate.
 * And the first day on which it may end.
 */
export async function forecast(db: Db, merchant: MerchantId, contractId: string): Promise<Forecast> {
  const loaded = await loadContract(db, merchant, contractId);
  const { phase, settledThrough, terms, zone } = loaded.state;
  const now = countsAt(await nowOf(db, merchant, loaded.context.clockId), settledThrough);
  const catalogue = await loadCatalogue(db, merchant, terms.planGroupId, pinnedVersions(loaded.state));
  const books = await readBooks(db, merchant, booksOfPreview(loaded));
  const mayEnd = phase === 'ended' ? null : earliestEnd(loaded.state, dateAt(now, zone));
  try {
    const next = await withUsage(db, merchant, (totals) =>
      nextBilling(loaded.state, { ...loaded, books }, { catalogue, newId, totals }),
    );
    return { earliestEnd: mayEnd, nextBilling: next };
  } catch (error) {
    if (error instanceof DomainError) return { earliestEnd: mayEnd, nextBilling: null };
    throw error;
  }
}
