import { type UsageSoFar, usageSoFar } from '../../domain/billing/usage-so-far.ts';
import type { UsageSpan } from '../../domain/billing/metered.ts';
import type { Instant } from '../../domain/arithmetic/calendar.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import {
  type ReportedUsage,
  type UsageAnswer,
  type UsageEvent,
  decideUsage,
} from '../../domain/usage/decide.ts';
import { checkLate } from '../../domain/contracts/limits.ts';
import { periodOfUsage } from '../../domain/usage/periods.ts';
import { DomainError } from '../../domain/errors.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { lockClockShared } from '../../db/clocks/clocks.ts';
import { lockContract } from '../../db/contracts/locks.ts';
import { type LoadedContract, loadContract } from '../../db/contracts/contracts.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Tx, tentatively } from '../../db/platform/pool.ts';
import { reschedule } from '../platform/agenda.ts';
import { type LoadedUsage, componentsNamed, loadUsage, storeUsage } from '../../db/usage/usage.ts';
import { lockExistingTotals, lockTotals } from '../../db/usage/totals.ts';
import { withUsage } from './with-usage.ts';

/** Usage whose components are named as in the request, with the path of each entry. */
export interface NamedUsage extends ReportedUsage {
  readonly path: string;
}

/**
 * Accepts a report of usage, and answers each entry, in order. Accepted events are stored and added to the totals of their
 * periods, and only these totals are locked. A period that has no total yet, or that was rated already and is reopened, is
 * changed under the contract's lock (rule 46).
 * @throws DomainError not_found, clock_advancing, too_many_lines, and invalid_amount if a period would cost more than an
 *   amount may have digits
 */
export async function reportUsage(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  named: readonly NamedUsage[],
): Promise<UsageAnswer[]> {
  const clock = await lockClockShared(tx, merchant, contractId);
  if (clock === null) throw new DomainError('not_found', 'there is no such contract');
  refuseAdvancing(clock);
  const report = { contractId, entries: await withComponents(tx, merchant, named) };
  const accepted = await tentatively(tx, () =>
    acceptReport(tx, merchant, report, { clock: clock.now_at, locked: false }),
  );
  if (accepted !== null) return accepted;
  const locked = await lockContract(tx, merchant, contractId);
  const answers =
    locked && (await acceptReport(tx, merchant, report, { clock: locked.now_at, locked: true }));
  if (answers !== null) return answers;
  throw new DomainError('not_found', 'there is no such contract');
}

interface Report {
  readonly contractId: string;
  readonly entries: readonly ReportedUsage[];
}

/** Accepts a report of usage. Returns null if that needs the contract's lock and `locked` is false. */
async function acceptReport(
  tx: Tx,
  merchant: MerchantId,
  report: Report,
  { clock, locked }: { readonly clock: Instant; readonly locked: boolean },
): Promise<UsageAnswer[] | null> {
  const { contractId, entries } = report;
  const loaded = await loadReported(tx, merchant, report);
  const now = countsAt(clock, loaded.settledThrough);
  const { answers, events } = decideUsage({ ...loaded.timeline, now }, loaded.known, entries);
  if (events.length === 0) return answers;
  const spans = spansOf(loaded, events);
  if (locked) await lockTotals(tx, merchant, contractId, spans);
  else if (!(await lockOpenTotals(tx, merchant, loaded, spans))) return null;
  const version = locked ? null : loaded.version;
  const stored = await storeUsage(tx, merchant, contractId, events, { now, version });
  if (stored === null) return null;
  const contract = await loadContract(tx, merchant, contractId);
  if (stored.reopened) checkLate(contract.state);
  await checkAmounts(tx, merchant, contract, now);
  if (stored.reopened) await reschedule(tx, merchant, [contractId]);
  if (stored.stored === events.length) return answers;
  // Another transaction has stored events with the same ids meanwhile. They are answered by the stored events.
  const { known } = await loadReported(tx, merchant, report);
  return decideUsage({ ...loaded.timeline, now }, known, entries).answers;
}

function loadReported(tx: Tx, merchant: MerchantId, { contractId, entries }: Report): Promise<LoadedUsage> {
  return loadUsage(tx, merchant, contractId, {
    components: entries.map((each) => each.componentId),
    eventIds: entries.map((each) => each.eventId),
  });
}

/** The metered periods that contain the events. */
function spansOf({ timeline, grids }: LoadedUsage, events: readonly UsageEvent[]): UsageSpan[] {
  const spans = events.flatMap(({ subscriptionId, at }) => {
    const period = periodOfUsage(grids, { subscriptionId, at });
    const aggregation = timeline.booked.find((each) => each.subscriptionId === subscriptionId)?.aggregation;
    if (period === null || !aggregation) return [];
    return { subscriptionId, aggregation, startsAt: period.start, endsAt: period.end };
  });
  return [...new Map(spans.map((each) => [`${each.subscriptionId} ${each.startsAt}`, each])).values()];
}

/** Locks the totals of periods without the contract's lock. Returns false if a total is missing, or if a period may be rated. */
async function lockOpenTotals(
  tx: Tx,
  merchant: MerchantId,
  { settledThrough }: LoadedUsage,
  spans: readonly UsageSpan[],
): Promise<boolean> {
  if (spans.some((each) => each.endsAt <= settledThrough)) return false;
  return (await lockExistingTotals(tx, merchant, spans)) === spans.length;
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

/** The metered periods of a contract that are not rated yet, with their quantities and amounts so far. */
export function openUsage(
  db: Db,
  merchant: MerchantId,
  { state }: LoadedContract,
  now: string,
): Promise<UsageSoFar[]> {
  return withUsage(db, merchant, (totals) => usageSoFar(state, now, totals));
}

/** Refuses usage whose amount could not be billed. Other errors, such as a missing tax rate, do not concern the usage. */
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
