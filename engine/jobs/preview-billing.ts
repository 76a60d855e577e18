import { contractsOfRun, loadRunContext } from '../../db/books/runs.ts';
import { nowOf } from '../../db/clocks/clocks.ts';
import { type JobScope, collectiveAccounts } from '../../db/jobs/jobs.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Pool, inSnapshot } from '../../db/platform/pool.ts';
import { DomainError } from '../../domain/errors.ts';
import { draftOfRun } from '../books/run-account.ts';

/** Sums of documents in minor units of a currency. */
interface BillingTotals {
  readonly currency: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  /** Negative for a credit note. */
  readonly grossMinor: bigint;
}

/** The document that a run of an account would make now. */
interface AccountPreview extends BillingTotals {
  readonly account: string;
  readonly customer: string;
  readonly lines: number;
  /** The number of contracts with due work. Their charges are not in the sums yet. */
  readonly contractsBehind: number;
}

export interface BillingPreview {
  /** One entry for each currency. */
  readonly sums: readonly (BillingTotals & { readonly documents: number })[];
  /** The accounts with something to bill. */
  readonly accounts: readonly AccountPreview[];
}

/** How many accounts one preview reads at most. */
const MOST_ACCOUNTS = 1_000;

/**
 * The documents that runs of the collective accounts of a scope would make now. It reads one snapshot, writes nothing and locks
 * nothing. Deactivated accounts are left out, as they have no runs.
 * @throws DomainError too_many_accounts, tax_rate_missing
 */
export function previewBilling(reads: Pool, merchant: MerchantId, scope: JobScope): Promise<BillingPreview> {
  return inSnapshot(reads, async (db) => {
    const ids = await collectiveAccounts(db, merchant, scope, MOST_ACCOUNTS + 1);
    if (ids.length > MOST_ACCOUNTS)
      throw new DomainError('too_many_accounts', `a preview is for at most ${MOST_ACCOUNTS} accounts`);
    const accounts: AccountPreview[] = [];
    for (const id of ids) {
      const preview = await previewAccount(db, merchant, id);
      if (preview !== null) accounts.push(preview);
    }
    return { sums: sumsOf(accounts), accounts };
  });
}

async function previewAccount(db: Db, merchant: MerchantId, id: string): Promise<AccountPreview | null> {
  const account = await loadRunContext(db, merchant, id);
  if (account.deactivated) return null;
  const now = await nowOf(db, merchant, account.terms.clockId);
  const draft = await draftOfRun(db, merchant, account, now);
  const due = { until: now, failed: false, most: null };
  const contractsBehind = (await contractsOfRun(db, merchant, id, due)).length;
  if (draft === null && contractsBehind === 0) return null;
  const { netMinor = 0n, taxMinor = 0n, grossMinor = 0n } = draft ?? {};
  const { customer, currency } = account;
  const lines = draft?.lines.length ?? 0;
  return { account: id, customer, currency, lines, netMinor, taxMinor, grossMinor, contractsBehind };
}

/** Adds the documents of each currency, in the order of the currencies' names. */
function sumsOf(accounts: readonly AccountPreview[]): BillingPreview['sums'] {
  const sums = new Map<string, BillingTotals & { readonly documents: number }>();
  for (const { currency, lines, netMinor, taxMinor, grossMinor } of accounts) {
    if (lines === 0) continue;
    const { documents = 0, ...sum } = sums.get(currency) ?? { netMinor: 0n, taxMinor: 0n, grossMinor: 0n };
    sums.set(currency, {
      currency,
      documents: documents + 1,
      netMinor: sum.netMinor + netMinor,
      taxMinor: sum.taxMinor + taxMinor,
      grossMinor: sum.grossMinor + grossMinor,
    });
  }
  return [...sums.values()].toSorted((a, b) => (a.currency < b.currency ? -1 : 1));
}
