import { type UsageSoFar, usageSoFar } from '../domain/billing/usage-so-far.ts';
import { countsAt } from '../domain/contracts/asking.ts';
import { type ReportedUsage, type UsageAnswer, decideUsage } from '../domain/usage/judge.ts';
import { checkLate } from '../domain/contracts/limits.ts';
import { DomainError } from '../domain/errors.ts';
import { refuseAdvancing } from '../domain/clocks/clock.ts';
import { lockContract } from '../db/contracts/commands.ts';
import { type LoadedContract, loadContract } from '../db/contracts/contracts.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import type { Db, Tx } from '../db/platform/pool.ts';
import { reschedule } from './agenda.ts';
import { componentsNamed, loadUsage, storeUsage } from '../db/usage/usage.ts';
import { withUsage } from '../db/usage/totals.ts';

/** Usage whose components are named as the caller does, with the path of each entry in the request. */
export interface NamedUsage extends ReportedUsage {
  readonly path: string;
}

/**
 * Takes usage under the contract's lock: each entry is answered, in order; what is consumed is stored, and a rated
 * period that it lies in is opened again.
 * @throws DomainError not_found, clock_advancing, invalid_amount where a period would come to more than an amount may be,
 *   too_many_lines
 */
export async function reportUsage(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  named: readonly NamedUsage[],
): Promise<UsageAnswer[]> {
  const locked = await lockContract(tx, merchant, contractId);
  if (locked === null) throw new DomainError('not_found', 'there is no such contract');
  refuseAdvancing(locked);
  const now = countsAt(locked.now_at, locked.settled_through);
  const entries = await withComponents(tx, merchant, named);
  const { timeline, known } = await loadUsage(tx, merchant, contractId, {
    components: entries.map((each) => each.componentId),
    eventIds: entries.map((each) => each.eventId),
  });
  const { answers, events } = decideUsage({ ...timeline, now }, known, entries);
  if (events.length === 0) return answers;
  const reopened = await storeUsage(tx, merchant, contractId, events, now);
  const loaded = await loadContract(tx, merchant, contractId);
  if (reopened) checkLate(loaded.state);
  await checkAmounts(tx, merchant, loaded, now);
  if (reopened) await reschedule(tx, merchant, [contractId]);
  return answers;
}

async function withComponents(
  tx: Tx,
  merchant: MerchantId,
  named: readonly NamedUsage[],
): Promise<ReportedUsage[]> {
  const ids = await componentsNamed(tx, merchant, [...new Set(named.map((each) => each.componentId))]);
  return named.map(({ path, ...entry }) => {
    const componentId = ids.get(entry.componentId);
    if (componentId !== undefined) return { ...entry, componentId };
    throw new DomainError('not_found', `there is no component ${entry.componentId.slice(0, 60)}`, {
      field: `${path}component`,
    });
  });
}

/** The metered periods of a contract that are not rated yet, and what they come to. */
export function openUsage(
  db: Db,
  merchant: MerchantId,
  { state }: LoadedContract,
  now: string,
): Promise<UsageSoFar[]> {
  return withUsage(db, merchant, (totals) => usageSoFar(state, now, totals));
}

/** What could not be billed on its day is refused now; a tax rate that is missing today is not usage's fault. */
async function checkAmounts(
  tx: Tx,
  merchant: MerchantId,
  loaded: LoadedContract,
  now: string,
): Promise<void> {
  try {
    await openUsage(tx, merchant, loaded, now);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'invalid_amount') throw error;
  }
}
