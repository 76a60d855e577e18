import { collectionState } from '../../domain/payments/balance.ts';
import { agendaFor } from '../../domain/payments/dunning.ts';
import { openReceivableIds } from '../../db/payments/cases.ts';
import { collectionsOfReceivables, setCollectionState } from '../../db/payments/collections.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';
import {
  type AccountCase,
  type Case,
  accountCases,
  collectionStepOf,
  receivableCases,
  setCollectionAgenda,
  withoutPlanned,
} from './collection-case.ts';
import { endDunning } from './dunning.ts';

/**
 * The workflows to wake after a payment change. A change that a collection records itself does not wake this collection
 * (`recordedBy`, its id). If no collection runs, a provider event wakes the contract (`wakesContract`).
 */
export interface WakeRule {
  readonly recordedBy?: string;
  readonly wakesContract?: boolean;
}

/**
 * Updates the collections of changed receivables. Every transaction that changes the open amount of a receivable or the
 * state of its attempts calls it. It abandons planned attempts of paid receivables, moves collection's agenda rows, wakes
 * the workflows that wait, and ends the dunning of paid receivables.
 */
export async function updateCollections(
  tx: Tx,
  merchant: MerchantId,
  receivableIds: readonly string[],
  at: string,
  wakeRule: WakeRule = {},
): Promise<void> {
  if (receivableIds.length === 0) return;
  const resumed = new Set<string>();
  const receivables = await receivableCases(tx, merchant, receivableIds);
  for (const each of receivables) await update(tx, merchant, each, { at, wakeRule, resumed });
  const ofAccounts = receivables.filter(({ inCollection }) => inCollection).map(({ id }) => id);
  if (ofAccounts.length === 0) return;
  await updateAccountCollections(
    tx,
    merchant,
    await collectionsOfReceivables(tx, merchant, ofAccounts),
    at,
    wakeRule,
  );
}

/** Updates collections of accounts, as `updateCollections` does those of receivables, and stores their states. */
async function updateAccountCollections(
  tx: Tx,
  merchant: MerchantId,
  collectionIds: readonly string[],
  at: string,
  wakeRule: WakeRule = {},
): Promise<void> {
  const resumed = new Set<string>();
  for (const each of await accountCases(tx, merchant, collectionIds)) {
    await storeState(tx, merchant, await update(tx, merchant, each, { at, wakeRule, resumed }), at);
  }
}

/** Stores the state of an account's collection, if it has changed. */
export async function storeState(tx: Tx, merchant: MerchantId, of: AccountCase, at: string): Promise<void> {
  const state = collectionState(of, at);
  if (state !== of.state) await setCollectionState(tx, merchant, [of.id], { state, at });
}

interface Change {
  readonly at: string;
  readonly wakeRule: WakeRule;
  readonly resumed: Set<string>;
}

/** Updates a collection after a change, and returns its new data. */
async function update<C extends Case>(
  tx: Tx,
  merchant: MerchantId,
  changed: C,
  { at, wakeRule, resumed }: Change,
): Promise<C> {
  if (isIdle(changed)) return changed;
  const now = changed.openMinor === 0n ? await withoutPlanned(tx, merchant, changed, at) : changed;
  const due = agendaFor(collectionStepOf(now, at), at);
  await setCollectionAgenda(tx, merchant, now, due);
  await wakeWorkflows(tx, merchant, now, { at, due }, wakeRule);
  if (now.openMinor !== 0n || now.dunningLevel === 0) return now;
  await endDunning(tx, merchant, now, resumed);
  return { ...now, dunningLevel: 0 };
}

/** Whether a receivable was always collected by balance, so that no collection of its own has anything to do. */
function isIdle(of: Case): boolean {
  return (
    of.kind === 'receivable' &&
    of.byBalance &&
    of.attempts.length === 0 &&
    of.agendaDue === null &&
    of.dunningLevel === 0
  );
}

/**
 * Updates the collections of all open receivables of an account, after a payment method was set on it or on one of its contracts, or
 * after it was deactivated or activated.
 */
export async function updateCollectionsOfAccount(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  at: string,
): Promise<void> {
  const ids = await openReceivableIds(tx, merchant, accountId);
  await updateCollections(tx, merchant, ids, at);
}

interface Moment {
  readonly at: string;
  /** When collection is due after the change. */
  readonly due: string | null;
}

/** Whether a collection may run. Its agenda row starts it, or a wake once there is more to do than a first attempt. */
function mayRun({ attempts, agendaDue, dunningLevel }: Case, { at, due }: Moment): boolean {
  if (due !== null && due <= at) return true;
  // A receivable that is paid by transfer has neither an agenda row nor attempts, and no collection runs for it.
  if (agendaDue === null) return attempts.length > 0;
  if (agendaDue <= at || dunningLevel > 0) return true;
  return attempts.some(({ n, state, lookups }) => n > 1 || lookups > 0 || /^(declined|unknown)$/.test(state));
}

async function wakeWorkflows(
  tx: Tx,
  merchant: MerchantId,
  of: Case,
  moment: Moment,
  { recordedBy, wakesContract }: WakeRule,
): Promise<void> {
  const { id, clockId } = of;
  if (mayRun(of, moment)) {
    if (recordedBy === id) return;
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: collectionWorkflow(id), clockId }]);
  } else if (
    of.kind === 'receivable' &&
    wakesContract === true &&
    of.contractId !== null &&
    !of.contractEnded
  ) {
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: contractWorkflow(of.contractId), clockId }]);
  }
}
