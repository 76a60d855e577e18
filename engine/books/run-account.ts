import { later } from '../../domain/arithmetic/calendar.ts';
import { type Bill, type BillInput, billCharges } from '../../domain/books/bill.ts';
import type { TaxRate } from '../../domain/contracts/state.ts';
import type { BilledCharge } from '../../domain/books/charge.ts';
import { oneTimeLine } from '../../domain/books/one-time.ts';
import { type OpenRun, earliestRun, groupByContract, nextRun, subjectOf } from '../../domain/books/runs.ts';
import { type AccountBooks, lockAccount, readBooks } from '../../db/books/account-context.ts';
import {
  type RunContext,
  contractsOfRun,
  hasWaitingCharges,
  loadRunContext,
  oneTimeOfRun,
  ownerOfAccount,
  plansOfContracts,
  ratesOfPolicies,
  waitingCharges,
} from '../../db/books/runs.ts';
import { type DoneRun, type OneTimeLine, storeRun } from '../../db/books/store-run.ts';
import { setAgenda } from '../../db/platform/agenda.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { closeIncidentsOf, openIncident } from '../../db/platform/incidents.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import { type Db, type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { Busy, isTransient } from '../../db/platform/transient.ts';
import { type Observer, UNOBSERVED } from '../../telemetry/observer.ts';
import { accountWorkflow, collectionWorkflow, contractWorkflow } from '../../temporal/ids.ts';
import { lockRatesAhead } from '../catalogue/tax-rates.ts';
import { ClockAhead, nowOf } from '../clocks/now.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { billByBooks } from './bill-by-books.ts';

/** The result of a step for the workflow of an account: the data that decides when it goes on. */
export interface AccountStanding {
  /** The next run, until which the workflow sleeps. Null if no run is planned. After an incident, an hour later. */
  readonly nextDue: string | null;
  /** Whether there is more to do at once. */
  readonly behind: boolean;
  readonly clocked: boolean;
  readonly finished: boolean;
  readonly incident: string | null;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  readonly shown: { readonly merchant: string; readonly customer: string };
}

/** The moments at which tests kill the process: after a contract of the step was settled, and after a run's commit. */
export type RunMoment = `run:settled:${number}` | 'run:committed';

export interface RunDeps {
  readonly pool: Pool;
  readonly limit: number;
  /** Settles a contract up to now (`createSettling`). */
  readonly settle: (contractId: string, woken: string) => Promise<unknown>;
  readonly onMoment?: (moment: RunMoment) => void;
  readonly observer?: Pick<Observer, 'incident'>;
}

/** How many contracts a step settles at most. */
const MOST_CONTRACTS = 50;
const AT_ONCE = 4;
const HOUR_MS = 3_600_000;

/**
 * Takes the next step of the runs of a collective account (rule 33). If a run is due, the step settles contracts of the account
 * that have something to do up to the run's instant, each in its own transactions. If none is left, it makes the run's document in
 * one transaction. A contract whose step fails is left out: it has an incident, and its charges come with the next run.
 */
export async function runAccount(
  deps: RunDeps,
  { accountId, woken }: { readonly accountId: string; readonly woken: string },
): Promise<AccountStanding> {
  const { pool, limit, observer = UNOBSERVED } = deps;
  const owner = await ownerOfAccount(pool, accountId);
  if (owner === null) return standingOfDeleted(limit);
  const { merchant, clockId } = owner;
  const of: Of = { merchant, accountId, clockId, woken };
  try {
    return await onBehalfOf(merchant, async () => {
      const step = await inTransaction(pool, (tx) => stepIn(tx, of));
      if (step.isDone) deps.onMoment?.('run:committed');
      await settleContracts(deps, of, step.contracts);
      return standingAfter(of, limit, step);
    });
  } catch (error) {
    if (isTransient(error) || error instanceof ClockAhead) throw error;
    const workflowId = accountWorkflow(accountId);
    const incident = await openIncident(pool, merchant, workflowId, 'run', error);
    observer.incident({ merchant, workflowId, step: 'run', incident });
    const nextDue = new Date(Date.now() + HOUR_MS).toISOString();
    const shown = { merchant, customer: '' };
    return { nextDue, behind: false, clocked: clockId !== null, finished: false, incident, limit, shown };
  }
}

interface Of {
  readonly merchant: MerchantId;
  readonly accountId: string;
  readonly clockId: string | null;
  readonly woken: string;
}

interface RunStep {
  readonly account: RunContext;
  /** The next run, which is not done yet. */
  readonly next: OpenRun | null;
  /** Contracts to settle before the run. */
  readonly contracts: readonly string[];
  /** Whether a run was done. */
  readonly isDone: boolean;
  /** Whether there may be more to do at once. */
  readonly looksAgain: boolean;
}

/** A run that is done now. `credits` bills what waits on an immediate account after a contract has moved away. */
interface RunToDo extends OpenRun, Pick<DoneRun, 'cause'> {
  readonly priceMode: 'net' | 'gross';
}

async function stepIn(tx: Tx, of: Of): Promise<RunStep> {
  const { merchant, accountId, clockId, woken } = of;
  const now = nowOf(await lockAccount(tx, merchant, accountId), woken, { clocked: clockId !== null });
  const account = await loadRunContext(tx, merchant, accountId);
  const run = account.deactivated ? null : earliestRun(account.nextRunAt, account.planned);
  if (account.credits !== null) {
    const { until, priceMode } = account.credits;
    const credits = { plannedId: null, until: later(until, now), cause: 'credits', priceMode } as const;
    const next = await finish(tx, of, account, { run: credits, now });
    return { account, next, contracts: [], isDone: true, looksAgain: true };
  }
  if (run === null || run.until > now) {
    await putAccountOnAgenda(tx, merchant, account);
    await closeIncidentsOf(tx, accountWorkflow(accountId));
    // A step that left credits here takes no lock of the account. It may have come before the agenda row was written.
    const looksAgain = account.kind === 'immediate' && (await hasWaitingCharges(tx, merchant, accountId));
    return { account, next: run, contracts: [], isDone: false, looksAgain };
  }
  const due = { until: run.until, failed: false, most: MOST_CONTRACTS };
  const contracts = await contractsOfRun(tx, merchant, accountId, due);
  if (contracts.length > 0) return { account, next: run, contracts, isDone: false, looksAgain: true };
  const cause = run.plannedId === null ? 'calendar' : 'hand';
  const next = await finish(tx, of, account, { run: { ...run, cause, priceMode: modeOf(account) }, now });
  return { account, next, contracts: [], isDone: true, looksAgain: true };
}

/**
 * Sets the agenda row of an account to its next run. Removes it if there is no next run, or the account is deactivated. Returns
 * whether the agenda changed.
 */
export function putAccountOnAgenda(
  tx: Tx,
  merchant: MerchantId,
  {
    terms,
    nextRunAt,
    planned,
    deactivated,
  }: Pick<RunContext, 'terms' | 'nextRunAt' | 'planned' | 'deactivated'>,
): Promise<boolean> {
  const dueAt = deactivated ? null : (earliestRun(nextRunAt, planned)?.until ?? null);
  const workflowId = accountWorkflow(terms.accountId);
  return setAgenda(tx, merchant, { workflowId, kind: 'account', clockId: terms.clockId, dueAt });
}

/** Makes the document of a run, and moves the account to its next run, which it returns. The caller holds the account's lock. */
async function finish(
  tx: Tx,
  { merchant, accountId }: Of,
  account: RunContext,
  { run, now }: { readonly run: RunToDo; readonly now: string },
): Promise<OpenRun | null> {
  const { until, plannedId, cause, priceMode } = run;
  const { calendar, terms, currency } = account;
  const nextRunAt =
    cause === 'calendar' ? calendar && nextRun(calendar, until, account.zone) : account.nextRunAt;
  const planned = cause === 'hand' ? null : account.planned;
  const leftOut =
    cause === 'credits'
      ? []
      : await contractsOfRun(tx, merchant, accountId, { until, failed: true, most: null });
  const oneTime = cause === 'credits' ? [] : await oneTimeLines(tx, merchant, account, until);
  const taken = await waitingCharges(tx, merchant, accountId, { until, priceMode });
  const charges = [...oneTime.map(({ contractId, line }) => ({ ...line, contractId })), ...taken];
  const bill = await billOf(tx, merchant, account, charges, { until, now, priceMode });
  await putAccountOnAgenda(tx, merchant, { ...account, nextRunAt, planned });
  await closeIncidentsOf(tx, accountWorkflow(accountId));
  const { receivable, attempt } = bill?.billed.initialPayment ?? { receivable: null, attempt: null };
  if (receivable !== null && attempt !== null) {
    const workflowId = collectionWorkflow(receivable.id);
    await enqueue(tx, merchant, [{ kind: 'wake', workflowId, clockId: terms.clockId }]);
  }
  const origin = { account: terms, contractId: null, currency, priceMode, at: until };
  const takenIds = taken.map(({ id }) => id);
  storeRun(tx, origin, { plannedId, cause, at: now, nextRunAt, leftOut, takenIds, oneTime, bill });
  return earliestRun(nextRunAt, planned);
}

function modeOf({ price_mode }: RunContext): 'net' | 'gross' {
  if (price_mode === null) throw new Error('an immediate account has no runs');
  return price_mode;
}

/** The lines of the one-time charges that wait on the account, with the tax rates of their policies, which are not locked. */
async function draftOneTimeLines(
  db: Db,
  merchant: MerchantId,
  { terms, country, currency }: RunContext,
  until: string,
): Promise<{ readonly lines: OneTimeLine[]; readonly taxRates: readonly TaxRate[] }> {
  const waiting = await oneTimeOfRun(db, merchant, terms.accountId, until);
  if (waiting.length === 0) return { lines: [], taxRates: [] };
  const policies = [...new Set(waiting.map(({ charge }) => charge.taxPolicyId))];
  const taxRates = await ratesOfPolicies(db, merchant, country, policies);
  const lines = waiting.map(({ charge, contractId, zone }) => ({
    contractId,
    line: oneTimeLine({ zone, country, currency, taxRates }, charge, newId),
  }));
  return { lines, taxRates };
}

/** The same lines for a run, which also locks tax rates that are not in force yet. @throws DomainError tax_rate_missing */
async function oneTimeLines(
  tx: Tx,
  merchant: MerchantId,
  account: RunContext,
  until: string,
): Promise<OneTimeLine[]> {
  const { lines, taxRates } = await draftOneTimeLines(tx, merchant, account, until);
  const made = lines.map(({ line }) => line);
  if (made.length > 0 && !(await lockRatesAhead(tx, merchant, { taxRates, zone: account.zone }, made, until)))
    throw new Busy('a tax rate was removed while a run was billed');
  return lines;
}

type WaitingLine = BilledCharge & { readonly contractId: string | null };

/** How the charges of a run become a document, and the books that it is paid by. */
async function inputOfRun(
  db: Db,
  merchant: MerchantId,
  account: RunContext,
  charges: readonly WaitingLine[],
  { until, priceMode }: Pick<RunToDo, 'until' | 'priceMode'>,
): Promise<{ readonly input: BillInput<BilledCharge>; readonly books: AccountBooks }> {
  const { terms, currency, name } = account;
  const groups = groupByContract(charges);
  const plans = await plansOfContracts(
    db,
    merchant,
    groups.flatMap(({ contractId }) => contractId ?? []),
  );
  const reversedIds = charges.flatMap(({ reversesId }) => reversesId ?? []);
  const books = await readBooks(db, merchant, { accountId: terms.accountId, contractId: null, reversedIds });
  const input = {
    groups,
    at: until,
    currency,
    priceMode,
    subject: subjectOf(plans, name),
    firstAttempt: 'collection',
  } as const;
  return { input, books };
}

/** Bills all charges of a run on one document; null if there are none, or all are 0.00. */
async function billOf(
  tx: Tx,
  merchant: MerchantId,
  account: RunContext,
  charges: readonly WaitingLine[],
  { until, now, priceMode }: Pick<RunToDo, 'until' | 'priceMode'> & { readonly now: string },
): ReturnType<typeof billByBooks<AccountBooks, BilledCharge>> {
  if (charges.length === 0) return null;
  const { terms } = account;
  const { input, books } = await inputOfRun(tx, merchant, account, charges, { until, priceMode });
  return billByBooks(tx, merchant, terms.accountId, books, (by) =>
    billCharges(input, later(until, now), { ...terms, ...by }, newId),
  );
}

/**
 * The document that a run of an account would make of the charges that wait now; null if there is nothing to bill. It writes and
 * locks nothing.
 * @throws DomainError tax_rate_missing
 */
export async function draftOfRun(
  db: Db,
  merchant: MerchantId,
  account: RunContext,
  now: string,
): Promise<Bill<BilledCharge>['document'] | null> {
  const { lines } = await draftOneTimeLines(db, merchant, account, now);
  const of = { until: now, priceMode: modeOf(account) };
  const taken = await waitingCharges(db, merchant, account.terms.accountId, of);
  const charges = [...lines.map(({ contractId, line }) => ({ ...line, contractId })), ...taken];
  if (charges.length === 0) return null;
  const { input, books } = await inputOfRun(db, merchant, account, charges, of);
  return billCharges(input, now, { ...account.terms, ...books }, newId)?.document ?? null;
}

/** Settles contracts side by side. One that cannot be settled gets an incident, and the others go on. */
async function settleContracts(
  deps: RunDeps,
  { merchant, woken }: Of,
  contracts: readonly string[],
): Promise<void> {
  let settled = 0;
  await inParallel(contracts, AT_ONCE, async (contractId) => {
    try {
      await deps.settle(contractId, woken);
    } catch (error) {
      if (isTransient(error) || error instanceof ClockAhead) throw error;
      await openIncident(deps.pool, merchant, contractWorkflow(contractId), 'settle', error);
    }
    settled += 1;
    deps.onMoment?.(`run:settled:${settled}`);
  });
}

/** The standing after a step. After a run, or if contracts were settled, the workflow looks again at once. */
function standingAfter({ merchant, clockId }: Of, limit: number, step: RunStep): AccountStanding {
  const { account, next, looksAgain } = step;
  return {
    nextDue: next?.until ?? null,
    behind: looksAgain,
    clocked: clockId !== null,
    finished: next === null && !looksAgain,
    incident: null,
    limit,
    shown: { merchant, customer: account.customer },
  };
}

/** The standing of an account that was deleted with its test clock: its workflow ends. */
function standingOfDeleted(limit: number): AccountStanding {
  const shown = { merchant: '', customer: '' };
  return { nextDue: null, behind: false, clocked: false, finished: true, incident: null, limit, shown };
}
