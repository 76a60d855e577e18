import {
  type CollectionCase,
  type CollectionStep,
  PAUSE_LEVEL,
  agendaFor,
  nextCollectionStep,
  receivableMayBecome,
  receivableState,
} from '../../domain/payments/dunning.ts';
import { abandonAttempts } from '../../db/payments/attempts.ts';
import {
  type ReceivableCase,
  loadCases,
  openReceivableIds,
  setDunningLevel,
} from '../../db/payments/cases.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { enqueue, enqueueCommand } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';

/** The next step of a case at an instant of the customer's clock. */
export function collectionStepOf(receivable: ReceivableCase, now: string): CollectionStep {
  const { openMinor, attempts, dunningLevel, agendaDue, timeZone, methodId } = receivable;
  const used = attempts.some((each) => each.methodId === methodId && each.state !== 'abandoned');
  const input: CollectionCase = {
    openMinor,
    attempts,
    dunningLevel,
    agendaDue,
    timeZone,
    now,
    paymentMethod: methodId === null ? 'none' : used ? 'used' : 'new',
  };
  return nextCollectionStep(input);
}

/** Sets when the collection of a receivable is due on the agenda; null removes the row. */
export async function setCollectionAgenda(
  tx: Tx,
  merchant: MerchantId,
  { id, clockId }: ReceivableCase,
  dueAt: string | null,
): Promise<void> {
  await setAgenda(tx, merchant, { workflowId: collectionWorkflow(id), kind: 'collection', clockId, dueAt });
}

/**
 * The workflows to wake after a payment change. A change that a collection records itself wakes no collection (`recordedBy`).
 * If no collection runs, a provider event wakes the contract (`wakesContract`).
 */
export interface WakeRule {
  readonly recordedBy?: 'collection';
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
  for (const each of await loadCases(tx, merchant, receivableIds)) {
    const receivable = each.openMinor === 0n ? await withoutPlanned(tx, merchant, each, at) : each;
    const due = agendaFor(collectionStepOf(receivable, at), at);
    await setCollectionAgenda(tx, merchant, receivable, due);
    await wakeWorkflows(tx, merchant, receivable, { at, due }, wakeRule);
    if (receivable.openMinor === 0n && receivable.dunningLevel > 0)
      await endDunning(tx, merchant, receivable, resumed);
  }
}

/** Abandons the planned attempts of a paid receivable. */
async function withoutPlanned(
  tx: Tx,
  merchant: MerchantId,
  receivable: ReceivableCase,
  at: string,
): Promise<ReceivableCase> {
  const planned = receivable.attempts.filter(({ state }) => state === 'planned').map(({ id }) => id);
  if (planned.length === 0) return receivable;
  await abandonAttempts(tx, merchant, planned, at);
  const attempts = receivable.attempts.map((each) =>
    planned.includes(each.id) ? { ...each, state: 'abandoned' as const, decidedAt: at } : each,
  );
  return { ...receivable, attempts };
}

/** Updates the collections of all open receivables of an account, after a payment method was set on it or on one of its contracts. */
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
function mayRun({ attempts, agendaDue, dunningLevel }: ReceivableCase, { at, due }: Moment): boolean {
  if (due !== null && due <= at) return true;
  // A receivable that is paid by transfer has neither an agenda row nor attempts, and no collection runs for it.
  if (agendaDue === null) return attempts.length > 0;
  if (agendaDue <= at || dunningLevel > 0) return true;
  return attempts.some(({ n, state, lookups }) => n > 1 || lookups > 0 || /^(declined|unknown)$/.test(state));
}

async function wakeWorkflows(
  tx: Tx,
  merchant: MerchantId,
  receivable: ReceivableCase,
  moment: Moment,
  { recordedBy, wakesContract }: WakeRule,
): Promise<void> {
  const { id, clockId, contractId, contractEnded } = receivable;
  if (mayRun(receivable, moment)) {
    if (recordedBy === 'collection') return;
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: collectionWorkflow(id), clockId }]);
  } else if (wakesContract === true && contractId !== null && !contractEnded) {
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: contractWorkflow(contractId), clockId }]);
  }
}

/** Ends the dunning of a paid receivable. The contract is asked to resume, unless another receivable keeps it paused. */
async function endDunning(
  tx: Tx,
  merchant: MerchantId,
  receivable: ReceivableCase,
  resumed: Set<string>,
): Promise<void> {
  const { id, contractId, contractEnded, dunningLevel, pausedForDunning, othersDunned } = receivable;
  await setDunningLevel(tx, merchant, id, 0);
  if (contractId === null || contractEnded || resumed.has(contractId)) return;
  if (dunningLevel < PAUSE_LEVEL || !pausedForDunning || othersDunned) return;
  resumed.add(contractId);
  await askContract(tx, merchant, { ...receivable, contractId }, 'resume');
}

/** The last step of dunning: asks the contract to pause, once. If the contract has ended, only the dunning level is set. */
export async function pauseForDunning(
  tx: Tx,
  merchant: MerchantId,
  receivable: ReceivableCase,
): Promise<void> {
  if (!receivableMayBecome(receivableState(receivable), 'stopped')) return;
  await setDunningLevel(tx, merchant, receivable.id, PAUSE_LEVEL);
  if (receivable.contractId === null || receivable.contractEnded || receivable.pausedForDunning) return;
  const { contractId } = receivable;
  await askContract(tx, merchant, { ...receivable, contractId }, 'pause');
}

/**
 * Asks a contract to pause or to resume. A transaction that holds the account's lock locks no contract (rule 46). So the
 * command waits in the outbox, and is stored from there under its id.
 */
async function askContract(
  tx: Tx,
  merchant: MerchantId,
  { id, contractId, clockId }: ReceivableCase & { readonly contractId: string },
  kind: 'pause' | 'resume',
): Promise<void> {
  await enqueueCommand(tx, merchant, clockId, {
    id: newId('command'),
    contractId,
    kind,
    body: { kind, reason: 'dunning' },
    effective: 'now',
    actor: `collection:${id}`,
  });
}
