import { getAccount, isDeactivated } from '../../db/books/accounts.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { loadRunContext } from '../../db/books/runs.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import {
  type ItemEnd,
  type JobItem,
  contractsToAsk,
  notStarted,
  progressOfItem,
  storeAccountState,
  storeProgress,
} from '../../db/jobs/job-items.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { enqueue, enqueueCommand } from '../../db/platform/outbox.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { agendaFor } from '../../domain/payments/dunning.ts';
import { collectionsOfAccount } from '../../db/payments/collections.ts';
import { accountWorkflow, collectionWorkflow } from '../../temporal/ids.ts';
import {
  accountCases,
  collectionStepOf,
  receivableCases,
  setCollectionAgenda,
  withoutPlanned,
} from '../payments/collection-case.ts';
import { openReceivableIds } from '../../db/payments/cases.ts';
import { putAccountOnAgenda } from '../books/run-account.ts';
import { updateCollectionsOfAccount } from '../payments/update-collections.ts';
import type { JobMoment } from './jobs.ts';

interface StateDeps {
  readonly pool: Pool;
  readonly onMoment?: (moment: JobMoment) => void;
}

/** How many contracts one transaction asks. */
const MOST_CONTRACTS = 200;

/**
 * Deactivates an account, or activates it again: first the account itself, then its contracts, which are asked to pause or to resume
 * for the reason `deactivated`. Each transaction asks up to 200 of them and stores the last one, so each is asked once.
 * @throws DomainError clock_advancing
 */
export async function setAccountState(
  { pool, onMoment }: StateDeps,
  merchant: MerchantId,
  kind: 'deactivate' | 'activate',
  item: JobItem,
): Promise<ItemEnd> {
  for (let n = 1; ; n++) {
    const end = await inTransaction(pool, (tx) => stateStep(tx, merchant, kind, item));
    onMoment?.(`job:asked:${n}`);
    if (end !== null) return end;
  }
}

/** One transaction of `setAccountState`. Returns null if there may be more contracts to ask. */
async function stateStep(
  tx: Tx,
  merchant: MerchantId,
  kind: 'deactivate' | 'activate',
  item: JobItem,
): Promise<ItemEnd | null> {
  const { account } = item;
  const pause = kind === 'deactivate';
  const { customer } = found(await getAccount(tx, merchant, account), 'billing account');
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer)); // so that no order comes in between
  const at = await lockAccount(tx, merchant, account);
  const { waiting, last } = await progressOfItem(tx, merchant, item);
  if (!waiting) return { state: 'done' };
  const isFirst = last === null;
  const isChanged = isFirst && (await storeAccountState(tx, merchant, account, pause ? at : null));
  if (isChanged) {
    await changeRuns(tx, merchant, account);
    if (pause) await abandonPlanned(tx, merchant, account, at);
    await updateCollectionsOfAccount(tx, merchant, account, at);
    await changeCollections(tx, merchant, account, at);
  } else if ((await isDeactivated(tx, merchant, account)) !== pause) {
    return { state: 'failed', code: 'account_changed', detail: 'another job changed the account meanwhile' };
  }
  const contracts = await contractsToAsk(tx, merchant, account, {
    after: last ?? '',
    pause,
    most: MOST_CONTRACTS,
  });
  if (isFirst && !isChanged && contracts.length === 0) return unchanged(pause);
  for (const { id, clock } of contracts) {
    const body = { kind: pause ? 'pause' : 'resume', reason: 'deactivated' } as const;
    const command = {
      id: newId('command'),
      contractId: id,
      kind: body.kind,
      body,
      effective: 'now',
    } as const;
    await enqueueCommand(tx, merchant, clock, { ...command, actor: `job:${item.job}` });
  }
  const asked = { count: contracts.length, last: contracts.at(-1)?.id ?? last ?? '-' };
  await storeProgress(tx, merchant, item, asked);
  return contracts.length < MOST_CONTRACTS ? endOf(await notStarted(tx, merchant, account), pause) : null;
}

/** A contract that has not started cannot pause. The job names it, so that somebody cancels it. */
function endOf(ordered: readonly string[], pause: boolean): ItemEnd {
  if (!pause || ordered.length === 0) return { state: 'done' };
  const detail = `not started yet, so they are not paused: ${ordered.join(', ')}`;
  return { state: 'failed', code: 'contract_not_started', detail };
}

function unchanged(pause: boolean): ItemEnd {
  const state = pause ? 'deactivated' : 'active';
  return { state: 'skipped', code: 'no_change', detail: `the account is ${state} already` };
}

/** Abandons the attempts of an account that are planned and not sent. */
async function abandonPlanned(tx: Tx, merchant: MerchantId, account: string, at: string): Promise<void> {
  const receivables = await receivableCases(tx, merchant, await openReceivableIds(tx, merchant, account));
  const collections = await collectionsOfAccount(tx, merchant, account, ['collecting']);
  for (const each of [...receivables, ...(await accountCases(tx, merchant, collections))])
    await withoutPlanned(tx, merchant, each, at);
}

/** The runs of an account stop when it is deactivated. When it is activated, those that were missed are due. */
async function changeRuns(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  const account = await loadRunContext(tx, merchant, id);
  if (!(await putAccountOnAgenda(tx, merchant, account))) return;
  const { clockId } = account.terms;
  await enqueue(tx, merchant, [{ kind: 'wake', workflowId: accountWorkflow(id), clockId }]);
}

/** Collections by balance stop when the account is deactivated. When it is activated, those that were due meanwhile go on at once. */
async function changeCollections(tx: Tx, merchant: MerchantId, account: string, at: string): Promise<void> {
  const ids = await collectionsOfAccount(tx, merchant, account, ['planned', 'noticed', 'collecting']);
  for (const each of await accountCases(tx, merchant, ids)) {
    await setCollectionAgenda(tx, merchant, each, agendaFor(collectionStepOf(each, at), at));
    const { id, clockId } = each;
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId: collectionWorkflow(id), clockId }]);
  }
}
