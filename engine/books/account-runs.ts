import { runAfterChange } from '../../domain/books/runs.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import { lockAccount } from '../../db/books/account-context.ts';
import { type RunsRevision, getAccount, storeRuns } from '../../db/books/accounts.ts';
import {
  type RunContext,
  hasOtherMode,
  hasWaitingCharges,
  loadRunContext,
  planRun,
} from '../../db/books/runs.ts';
import { waitingOn } from '../../db/books/one-time.ts';
import { type BillingContract, lockBillingContracts } from '../../db/contracts/locks.ts';
import { lockOrderingCustomer } from '../../db/contracts/orders.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { dueBy } from '../../db/platform/agenda.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DEACTIVATED } from './find-account.ts';
import { accountWorkflow } from '../../temporal/ids.ts';
import { reschedule } from '../platform/agenda.ts';
import { putAccountOnAgenda } from './run-account.ts';

/**
 * Changes the kind of an account and the calendar of its runs. A run that is due already is still done. This function takes the
 * locks of the customer and, if the kind changes, of the account's contracts, before the account's. It calls `onLocked` when it has
 * all locks.
 * @throws DomainError invalid_request, account_not_collective, price_mode_mismatch, charges_waiting, clock_advancing
 */
export async function reviseRuns(
  tx: Tx,
  merchant: MerchantId,
  { id, customer }: { readonly id: string; readonly customer: string },
  revision: RunsRevision,
  onLocked?: () => Promise<void>,
): Promise<void> {
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer));
  const before = await loadRunContext(tx, merchant, id); // the kind changes only under the customer's lock
  const kind = revision.kind ?? before.kind;
  const contracts = kind === before.kind ? [] : await lockBillingContracts(tx, merchant, id, null);
  const now = await lockAccount(tx, merchant, id);
  await onLocked?.();
  const account = await loadRunContext(tx, merchant, id);
  const runs = revision.runs === undefined ? account.calendar : revision.runs;
  if (kind === 'immediate') {
    refuseRuns(revision);
    if (account.kind === 'collective' && (await anythingWaits(tx, merchant, id)))
      throw new DomainError('charges_waiting', 'charges or a run wait on the account: run it first');
    await storeRuns(tx, merchant, id, { kind, priceMode: null, calendar: null, nextRunAt: null });
    await putAccountOnAgenda(tx, merchant, { ...account, nextRunAt: null, planned: null });
  } else {
    const priceMode = modeOf(account, revision, contracts);
    if (account.kind === 'immediate' && (await hasOtherMode(tx, merchant, id, priceMode)))
      throw new DomainError('price_mode_mismatch', 'the account has invoices with other prices', {
        field: 'price_mode',
      });
    const nextRunAt =
      revision.runs === undefined
        ? account.nextRunAt
        : runAfterChange(account.nextRunAt, runs, now, account.zone);
    await storeRuns(tx, merchant, id, { kind, priceMode, calendar: runs, nextRunAt });
    if (await putAccountOnAgenda(tx, merchant, { ...account, nextRunAt })) await wake(tx, merchant, account);
  }
  await reschedule(
    tx,
    merchant,
    contracts.map((each) => each.id),
  );
}

/** Whether a charge, also a one-time charge, or a run by hand waits on the account. */
async function anythingWaits(tx: Tx, merchant: MerchantId, id: string): Promise<boolean> {
  if (await hasWaitingCharges(tx, merchant, id)) return true;
  return (await waitingOn(tx, merchant, id)).waiting > 0;
}

function refuseRuns({ runs = null, price_mode: priceMode }: RunsRevision): void {
  if (runs === null && priceMode === undefined) return;
  throw new DomainError('account_not_collective', 'only a collective account has runs and a price mode', {
    field: runs === null ? 'price_mode' : 'runs',
  });
}

/** The price mode of a collective account: that of its contracts, if it has any. It never changes. */
function modeOf(
  { price_mode: present }: RunContext,
  { price_mode: wanted }: RunsRevision,
  contracts: readonly BillingContract[],
): 'net' | 'gross' {
  const [first, ...others] = new Set([
    ...(present === null ? [] : [present]),
    ...(wanted === undefined ? [] : [wanted]),
    ...contracts.map(({ price_mode }) => price_mode),
  ]);
  const field = 'price_mode';
  if (first === undefined)
    throw new DomainError('invalid_request', 'a collective account needs a price mode', { field });
  if (others.length === 0) return first;
  throw new DomainError('price_mode_mismatch', 'the account or its contracts have other prices', { field });
}

/**
 * Requests a run by hand, which makes a document of all charges up to now. If a run by hand is planned already, returns that one.
 * @param wakes whether the account's workflow takes its steps; otherwise the caller does
 * @returns the id of the run
 * @throws DomainError not_found, account_not_collective, account_deactivated, clock_advancing
 */
export async function requestRun(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  { wakes = true }: { readonly wakes?: boolean } = {},
): Promise<string> {
  const { customer } = found(await getAccount(tx, merchant, accountId), 'billing account');
  refuseAdvancing(await lockOrderingCustomer(tx, merchant, customer));
  const at = await lockAccount(tx, merchant, accountId);
  const account = await loadRunContext(tx, merchant, accountId);
  if (account.kind !== 'collective')
    throw new DomainError('account_not_collective', 'the account is immediate: each bill is a document');
  if (account.deactivated) throw new DomainError('account_deactivated', DEACTIVATED);
  if (account.planned !== null) return account.planned.id;
  const id = newId('run');
  await planRun(tx, merchant, accountId, { run: id, at });
  await putAccountOnAgenda(tx, merchant, { ...account, planned: { id, until: at } });
  if (wakes) await wake(tx, merchant, account);
  return id;
}

/**
 * Makes accounts due at an instant, because credits of a contract that has moved away wait on them. It locks none of them: the
 * workflow of each account reads its waiting credits (rule 46).
 */
export async function wakeAccounts(
  tx: Tx,
  { merchantId, clockId }: { readonly merchantId: MerchantId; readonly clockId: string | null },
  at: string,
  accountIds: readonly string[],
): Promise<void> {
  for (const accountId of [...new Set(accountIds)].toSorted()) {
    const workflowId = accountWorkflow(accountId);
    await dueBy(tx, merchantId, { workflowId, kind: 'account', clockId, dueAt: at });
    await enqueue(tx, merchantId, [{ kind: 'wake', workflowId, clockId }]);
  }
}

async function wake(tx: Tx, merchant: MerchantId, { terms }: RunContext): Promise<void> {
  const { accountId, clockId } = terms;
  await enqueue(tx, merchant, [{ kind: 'wake', workflowId: accountWorkflow(accountId), clockId }]);
}
