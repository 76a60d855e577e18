import { DomainError } from '../../domain/errors.ts';
import { OPEN_ATTEMPT } from '../../domain/payments/attempt.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import {
  type CollectionDays,
  dueAfterNotice,
  nextCollection,
  openedState,
} from '../../domain/payments/balance.ts';
import { getAccount, isDeactivated } from '../../db/books/accounts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import { type CollectionTerms, loadCollectionTerms } from '../../db/payments/collection-terms.ts';
import {
  collectionsOfAccount,
  collectionsOfReceivables,
  insertCollection,
  receivablesToCollect,
  setCollectionLevel,
  setCollectionState,
  storeOpened,
} from '../../db/payments/collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { collectionWorkflow } from '../../temporal/ids.ts';
import { type AccountCase, accountCases, setCollectionAgenda } from './collection-case.ts';
import { allocateWaiting } from './payments.ts';
import { updateCollections } from './update-collections.ts';

/** Plans the next collection of an account's calendar after an instant. The caller holds the account's lock. */
export async function planNext(
  tx: Tx,
  merchant: MerchantId,
  terms: CollectionTerms,
  { after, now }: { readonly after: string; readonly now: string },
): Promise<void> {
  const days = terms.by === 'balance' ? nextCollection(terms, after) : null;
  if (days !== null) await plan(tx, merchant, terms, days, { cause: 'calendar', at: now });
}

async function plan(
  tx: Tx,
  merchant: MerchantId,
  { accountId, currency, clockId }: CollectionTerms,
  days: CollectionDays,
  { cause, at }: { readonly cause: 'calendar' | 'hand'; readonly at: string },
): Promise<string> {
  const id = await insertCollection(tx, merchant, { accountId, currency, cause, ...days, at });
  await setCollectionAgenda(tx, merchant, { id, clockId }, days.noticeAt ?? days.dueAt);
  return id;
}

/**
 * Opens a planned collection that is due: it takes the open receivables of its account, and then announces or collects them. A
 * collection of the calendar also plans the next one. The caller holds the account's lock.
 */
export async function openWhenDue(tx: Tx, merchant: MerchantId, id: string, now: string): Promise<void> {
  const [planned] = await accountCases(tx, merchant, [id]);
  if (planned?.state !== 'planned' || planned.onHold || (planned.noticeAt ?? planned.dueAt) > now) return;
  const terms = await loadCollectionTerms(tx, merchant, planned.accountId);
  await open(tx, merchant, terms, planned, now);
  if (planned.cause === 'calendar') await planNext(tx, merchant, terms, { after: now, now });
}

async function open(
  tx: Tx,
  merchant: MerchantId,
  terms: CollectionTerms,
  { id, accountId, cause, dueAt }: Pick<AccountCase, 'id' | 'accountId' | 'cause' | 'dueAt'>,
  now: string,
): Promise<void> {
  await updateCollections(tx, merchant, await allocateWaiting(tx, merchant, accountId, now), now);
  const receivables = await receivablesToCollect(tx, merchant, accountId, { byHand: cause === 'hand' });
  const amountMinor = receivables.reduce((sum, { openMinor }) => sum + openMinor, 0n);
  const { thresholdMinor, noticeDays, hasMethod, zone } = terms;
  const state = openedState({ openMinor: amountMinor, thresholdMinor, hasMethod, noticeDays });
  const isTaken = state === 'noticed' || state === 'collecting';
  const dunningLevel =
    isTaken && cause === 'hand'
      ? await replace(
          tx,
          merchant,
          receivables.map((each) => each.id),
          now,
        )
      : 0;
  await storeOpened(tx, merchant, id, {
    state,
    receivables,
    amountMinor,
    thresholdMinor,
    dueAt: isTaken ? dueAfterNotice(dueAt, { now, noticeDays, zone }) : dueAt,
    dunningLevel,
    at: now,
  });
}

/**
 * Ends the collections from which a collection by hand takes receivables: they are stopped, charged back or between two attempts.
 * Returns their highest dunning level, with which the new one goes on: its contracts may be paused already.
 */
async function replace(
  tx: Tx,
  merchant: MerchantId,
  receivables: readonly string[],
  at: string,
): Promise<number> {
  const ids = await collectionsOfReceivables(tx, merchant, receivables);
  const replaced = (await accountCases(tx, merchant, ids)).filter(
    // Money of an open attempt may still come, and a payment that was collected may be charged back.
    ({ state, attempts }) =>
      state !== 'collected' && !attempts.some((each) => OPEN_ATTEMPT.includes(each.state)),
  );
  const ended = replaced.map(({ id }) => id);
  await setCollectionState(tx, merchant, ended, { state: 'replaced', at });
  for (const each of replaced) {
    await setCollectionLevel(tx, merchant, each.id, 0);
    await setCollectionAgenda(tx, merchant, each, null);
  }
  return Math.max(0, ...replaced.map(({ dunningLevel }) => dunningLevel));
}

/**
 * Collects all open receivables of an account by hand, now or after the account's notice. If a collection by hand is under way and
 * has had no decline, returns that one.
 * @returns the id of the collection
 * @throws DomainError not_found, account_deactivated, not_collected_by_balance, clock_advancing
 */
export async function requestCollection(tx: Tx, merchant: MerchantId, accountId: string): Promise<string> {
  const { customer } = found(await getAccount(tx, merchant, accountId), 'billing account');
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer));
  const now = await lockAccount(tx, merchant, accountId);
  if (await isDeactivated(tx, merchant, accountId))
    throw new DomainError('account_deactivated', 'the account is deactivated: activate it first');
  const terms = await loadCollectionTerms(tx, merchant, accountId);
  if (terms.by !== 'balance')
    throw new DomainError('not_collected_by_balance', 'each invoice of the account is collected by itself');
  const underWay = await accountCases(
    tx,
    merchant,
    await collectionsOfAccount(tx, merchant, accountId, ['noticed', 'collecting']),
  );
  const asked = underWay.find(({ cause, dunningLevel }) => cause === 'hand' && dunningLevel === 0);
  if (asked !== undefined) return asked.id;
  const days = { noticeAt: null, dueAt: now };
  const id = await plan(tx, merchant, terms, days, { cause: 'hand', at: now });
  await open(tx, merchant, terms, { id, accountId, cause: 'hand', dueAt: now }, now);
  await enqueue(tx, merchant, [{ kind: 'wake', workflowId: collectionWorkflow(id), clockId: terms.clockId }]);
  return id;
}
