import { collectable, sharesOf } from '../../domain/payments/balance.ts';
import { type CollectionStep, nextCollectionStep } from '../../domain/payments/dunning.ts';
import { abandonAttempts } from '../../db/payments/attempts.ts';
import { type ReceivableCase, loadCases } from '../../db/payments/cases.ts';
import { type CollectionOfAccount, loadCollections } from '../../db/payments/collections.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { collectionWorkflow } from '../../temporal/ids.ts';

/** A receivable that is collected by itself. */
export type ReceivableToCollect = ReceivableCase & { readonly kind: 'receivable' };

/** A collection of an account, with the amount that it collects in one payment. */
export type AccountCase = CollectionOfAccount & { readonly kind: 'account'; readonly openMinor: bigint };

/** The thing that a workflow `collection/<id>` collects: a receivable, or the receivables of a collection of an account. */
export type Case = ReceivableToCollect | AccountCase;

export async function receivableCases(
  tx: Tx,
  merchant: MerchantId,
  ids: readonly string[],
): Promise<ReceivableToCollect[]> {
  return (await loadCases(tx, merchant, ids)).map((each) => ({ ...each, kind: 'receivable' }));
}

export async function accountCases(
  tx: Tx,
  merchant: MerchantId,
  ids: readonly string[],
): Promise<AccountCase[]> {
  const found = await loadCollections(tx, merchant, ids);
  return found.map((each) => ({ ...each, kind: 'account', openMinor: collectable(each.receivables, each) }));
}

/** Locks and loads the case of an attempt or of a workflow; null if there is none. The caller holds the account's lock. */
export async function loadCase(
  tx: Tx,
  merchant: MerchantId,
  of: { readonly receivableId: string | null; readonly collectionId: string | null },
): Promise<Case | null> {
  const { receivableId, collectionId } = of;
  if (collectionId !== null) {
    const [found] = await accountCases(tx, merchant, [collectionId]);
    if (found === undefined) return null;
    await loadCases(
      tx,
      merchant,
      found.receivables.map(({ id }) => id),
    ); // takes their locks
    return found;
  }
  const [found] = await receivableCases(tx, merchant, receivableId === null ? [] : [receivableId]);
  return found ?? null;
}

/** The ids by which an attempt refers to its case. */
export function collectedBy(of: Case): { receivableId: string | null; collectionId: string | null } {
  return of.kind === 'account'
    ? { receivableId: null, collectionId: of.id }
    : { receivableId: of.id, collectionId: null };
}

/** The receivables of a case. */
export function receivablesOf(of: Case): string[] {
  return of.kind === 'account' ? of.receivables.map(({ id }) => id) : [of.id];
}

/** The parts of a payment of the whole open amount of a case; none for a receivable, which its attempt names. */
export function partsOf(of: Case): ReturnType<typeof sharesOf> {
  return of.kind === 'account' ? sharesOf(of.receivables) : [];
}

/** The next step of a case at an instant of the customer's clock. */
export function collectionStepOf(of: Case, now: string): CollectionStep {
  if (of.kind === 'account') {
    if (of.onHold && (of.state === 'planned' || of.state === 'noticed')) return { kind: 'wait', until: null };
    const due = of.state === 'planned' ? (of.noticeAt ?? of.dueAt) : of.dueAt;
    if (of.state === 'planned' || (of.state === 'noticed' && due > now)) return { kind: 'wait', until: due };
  }
  const { openMinor, attempts, dunningLevel, agendaDue, timeZone, methodId, onHold } = of;
  const used = attempts.some((each) => each.methodId === methodId && each.state !== 'abandoned');
  return nextCollectionStep({
    openMinor,
    attempts,
    dunningLevel,
    agendaDue,
    timeZone,
    now,
    onHold,
    byBalance: of.kind === 'receivable' && of.byBalance,
    paymentMethod: methodId === null ? 'none' : used ? 'used' : 'new',
  });
}

/** Sets when a collection is due on the agenda; null removes the row. */
export async function setCollectionAgenda(
  tx: Tx,
  merchant: MerchantId,
  { id, clockId }: { readonly id: string; readonly clockId: string | null },
  dueAt: string | null,
): Promise<void> {
  await setAgenda(tx, merchant, { workflowId: collectionWorkflow(id), kind: 'collection', clockId, dueAt });
}

/** Abandons the planned attempts of a case of which nothing is open. */
export async function withoutPlanned<C extends Case>(
  tx: Tx,
  merchant: MerchantId,
  paid: C,
  at: string,
): Promise<C> {
  const planned = paid.attempts.filter(({ state }) => state === 'planned').map(({ id }) => id);
  if (planned.length === 0) return paid;
  await abandonAttempts(tx, merchant, planned, at);
  const attempts = paid.attempts.map((each) =>
    planned.includes(each.id) ? { ...each, state: 'abandoned' as const, decidedAt: at } : each,
  );
  return { ...paid, attempts };
}
