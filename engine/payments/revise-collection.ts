import { DomainError, atField } from '../../domain/errors.ts';
import { parseAmount } from '../../domain/arithmetic/money.ts';
import { UNFINISHED_COLLECTION, nextCollection, noticesOverlap } from '../../domain/payments/balance.ts';
import type { RunCalendarRow } from '../../db/books/accounts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { openReceivableIds } from '../../db/payments/cases.ts';
import {
  type CollectionTerms,
  loadCollectionTerms,
  storeCollectionTerms,
} from '../../db/payments/collection-terms.ts';
import {
  collectionsOfAccount,
  hasOpenAttempt,
  moveCollection,
  setCollectionState,
} from '../../db/payments/collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { planNext } from './account-collections.ts';
import { accountCases, setCollectionAgenda } from './collection-case.ts';
import { updateCollections } from './update-collections.ts';

/** How an account collects from now on: each invoice by itself, or its balance. */
export type CollectionRevision =
  | { readonly by: 'invoice' }
  | {
      readonly by: 'balance';
      /** Null: by hand only. */
      readonly every: RunCalendarRow['every'] | null;
      readonly anchor?: string;
      readonly threshold: string;
      readonly currency?: string;
      readonly notice_days: number;
    };

/**
 * Changes how an account collects. It changes between invoices and balance only when nothing is being collected, so that nothing is
 * collected twice. New days, a new threshold or a new notice do not change a collection that is announced already. The caller holds
 * the lock of the account's customer.
 * @throws DomainError collection_under_way, currency_mismatch, invalid_amount, invalid_request
 */
export async function reviseCollection(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  revision: CollectionRevision,
): Promise<void> {
  const now = await lockAccount(tx, merchant, id);
  const before = await loadCollectionTerms(tx, merchant, id);
  const after = { ...before, ...termsOf(revision, before.currency) };
  if (before.by === after.by) {
    if (after.by === 'invoice') return;
    await storeCollectionTerms(tx, merchant, id, after);
    await replan(tx, merchant, after, now);
    return;
  }
  const unfinished = await collectionsOfAccount(tx, merchant, id, UNFINISHED_COLLECTION);
  if (unfinished.length > 0 || (await hasOpenAttempt(tx, merchant, id))) {
    throw new DomainError('collection_under_way', 'money is being collected, or was announced', {
      field: 'collection.by',
    });
  }
  await storeCollectionTerms(tx, merchant, id, after);
  await replan(tx, merchant, after, now);
  await updateCollections(tx, merchant, await openReceivableIds(tx, merchant, id), now);
}

/** Moves the planned collection of the calendar, plans one, or withdraws it. */
async function replan(tx: Tx, merchant: MerchantId, terms: CollectionTerms, now: string): Promise<void> {
  const ids = await collectionsOfAccount(tx, merchant, terms.accountId, ['planned']);
  const [planned] = await accountCases(tx, merchant, ids);
  const days = terms.by === 'balance' ? nextCollection(terms, now) : null;
  if (planned === undefined) {
    await planNext(tx, merchant, terms, { after: now, now });
  } else if (days === null) {
    await setCollectionState(tx, merchant, [planned.id], { state: 'withdrawn', at: now });
    await setCollectionAgenda(tx, merchant, planned, null);
  } else {
    await moveCollection(tx, merchant, planned.id, days);
    await setCollectionAgenda(tx, merchant, planned, days.noticeAt ?? days.dueAt);
  }
}

function termsOf(
  revision: CollectionRevision,
  currency: string,
): Pick<CollectionTerms, 'by' | 'calendar' | 'thresholdMinor' | 'noticeDays'> {
  if (revision.by === 'invoice') return { by: 'invoice', calendar: null, thresholdMinor: 0n, noticeDays: 0 };
  const { every, anchor, threshold, currency: stated, notice_days: noticeDays } = revision;
  if (stated !== undefined && stated !== currency) {
    throw new DomainError('currency_mismatch', `the account is in ${currency}`, {
      field: 'collection.currency',
    });
  }
  const thresholdMinor = atField('collection.threshold', () => parseAmount(threshold, currency));
  if (thresholdMinor < 0n) {
    throw new DomainError('invalid_amount', 'a threshold must not be negative', {
      field: 'collection.threshold',
    });
  }
  return { by: 'balance', calendar: calendarOf(every, anchor, noticeDays), thresholdMinor, noticeDays };
}

function calendarOf(
  every: RunCalendarRow['every'] | null,
  anchor: string | undefined,
  noticeDays: number,
): RunCalendarRow | null {
  if ((every === null) !== (anchor === undefined)) {
    throw new DomainError('invalid_request', 'an interval needs an anchor, and an anchor an interval', {
      field: 'collection.anchor',
    });
  }
  if (every === null || anchor === undefined) return null;
  if (noticesOverlap(every, noticeDays)) {
    throw new DomainError('invalid_request', 'the notice must be shorter than the interval', {
      field: 'collection.notice_days',
    });
  }
  return { every, anchor };
}
