import { takesNothingFromAccount, billCharges } from '../../domain/books/bill.ts';
import type { BilledCharge, Charge } from '../../domain/books/charge.ts';
import { type CreditedElsewhere, accountOf, isOwn } from '../../domain/books/moved.ts';
import {
  type AccountBooks,
  type AccountBooksQuery,
  isAccountChanged,
  lockAccountBooks,
  lockUnchangedAccount,
} from '../../db/books/account-context.ts';
import { later } from '../../domain/arithmetic/calendar.ts';
import { NOTHING_SOLD } from '../../domain/catalogue/terms.ts';
import {
  type Step,
  hasNextStep,
  needsCatalogue,
  nextStep,
  pinnedVersions,
} from '../../domain/billing/steps.ts';
import { countsAt } from '../../domain/contracts/effective.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';
import { loadCatalogue } from '../../db/catalogue/load-catalogue.ts';
import {
  type ContractContext,
  type LoadedContract,
  loadContract,
  loadLocked,
  merchantOfContract,
} from '../../db/contracts/contracts.ts';
import { answersOf } from '../../db/contracts/commands.ts';
import { creditedElsewhere } from '../../db/contracts/moves.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { onBehalfOf } from '../../db/platform/call.ts';
import { closeIncident, openIncident } from '../../db/platform/incidents.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { isTransient } from '../../db/platform/transient.ts';
import { waitingAmong } from '../../db/books/runs.ts';
import { putOnAgenda } from '../platform/agenda.ts';
import { wakeAccounts } from '../books/account-runs.ts';
import { billByBooks } from '../books/bill-by-books.ts';
import { BusyAccounts } from './busy-accounts.ts';
import { type StepBill, storeStep } from '../../db/contracts/steps.ts';
import { withLockedUsage } from '../usage/with-usage.ts';
import type { Answer, OperatorRequest } from '../../temporal/messages.ts';
import { ClockAhead, nowOf } from '../clocks/now.ts';
import { storeOperatorRequest } from './operator.ts';
import { lockRatesAhead } from '../catalogue/tax-rates.ts';
import { type ObservedStep, type Observer, UNOBSERVED } from '../../telemetry/observer.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { type Standing, standingOf, standingOfDeleted } from './standing.ts';

export interface SettleInput {
  /** When the workflow woke, by Temporal's clock. Now is never before it, so that a timer that fired finds its work due. */
  readonly woken: string;
  /** Commands whose callers wait for an answer. */
  readonly asked: readonly string[];
  /** Operators' signals, which become commands. */
  readonly orders: readonly OperatorRequest[];
}

export interface SettleResult {
  readonly answers: Readonly<Record<string, Answer>>;
  readonly standing: Standing;
}

export interface SettleDeps {
  readonly pool: Pool;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  /** How far Temporal's clock may be ahead of Postgres', in milliseconds. A minute by default; more where tests skip time. */
  readonly mostAheadMs?: number | undefined;
  /** Called after a step's commit, before the workflow learns of it. */
  readonly onMoment?: (moment: 'settle:committed') => void;
  readonly observer?: Pick<Observer, 'step' | 'incident'>;
  /** The busy accounts of the process, shared by all that settle in it. */
  readonly accounts?: BusyAccounts;
}

const MOST_STEPS = 20;
const HOUR_MS = 3_600_000;

/**
 * Returns the function that settles a contract up to now. It remembers the merchant of each contract. Its `pool` replaces the
 * pool of the dependencies for one call.
 */
export function createSettling(
  settleDeps: SettleDeps,
): (contractId: string, input: SettleInput, pool?: Pool) => Promise<SettleResult> {
  const { accounts = new BusyAccounts() } = settleDeps;
  const merchants = new Map<string, MerchantId>();
  async function merchantOf(contractId: string, pool: Pool): Promise<MerchantId | null> {
    const known = merchants.get(contractId) ?? (await merchantOfContract(pool, contractId));
    if (known === null) return null;
    if (merchants.size > 100_000) merchants.clear();
    merchants.set(contractId, known);
    return known;
  }
  return async (contractId, input, pool = settleDeps.pool) => {
    const deps = { ...settleDeps, pool, accounts };
    const merchant = await merchantOf(contractId, pool);
    if (merchant === null) return { answers: {}, standing: standingOfDeleted(deps.limit) };
    return onBehalfOf(merchant, async () => {
      for (const request of input.orders)
        await storeOperatorRequest(deps.pool, merchant, contractId, request);
      const standing = await settleSteps(deps, merchant, contractId, input.woken);
      return { answers: await answersTo(deps.pool, merchant, input.asked), standing };
    });
  };
}

type Deps = SettleDeps & { readonly accounts: BusyAccounts };

/** Takes up to twenty steps, each in a transaction. A step that fails becomes an incident, and the contract waits (rule 41). */
async function settleSteps(
  deps: Deps,
  merchant: MerchantId,
  contractId: string,
  woken: string,
): Promise<Standing> {
  const { observer = UNOBSERVED } = deps;
  try {
    for (let step = 1; ; step++) {
      const result = await runStep(deps, { merchant, contractId, woken });
      if (result === null) return standingOfDeleted(deps.limit);
      if (result.observed !== null) observer.step(result.observed);
      if (result.billed) deps.onMoment?.('settle:committed');
      if (!result.hasNextStep || step >= MOST_STEPS)
        return standingOf(deps.limit, result.loaded, result.hasNextStep);
    }
  } catch (error) {
    if (isTransient(error) || error instanceof ClockAhead) throw error;
    const workflowId = contractWorkflow(contractId);
    const incident = await openIncident(deps.pool, merchant, workflowId, 'settle', error);
    observer.incident({ merchant, workflowId, step: 'settle', incident });
    const loaded = await loadContract(deps.pool, merchant, contractId);
    const inAnHour = new Date(Date.now() + HOUR_MS).toISOString();
    return { ...standingOf(deps.limit, loaded, false), nextDue: inAnHour, incident };
  }
}

interface DecidedStep {
  readonly loaded: LoadedContract;
  readonly step: Step | null;
  /** Credits of the step that belong to other accounts, as the contract has moved. */
  readonly elsewhere: CreditedElsewhere;
  /** The charges of the step that belong to the contract's account. */
  readonly own: readonly Charge[];
  readonly now: string;
}

interface StepResult {
  readonly loaded: LoadedContract;
  readonly hasNextStep: boolean;
  readonly billed: boolean;
  /** Null if nothing was left to do. */
  readonly observed: ObservedStep | null;
}

interface Woken {
  readonly merchant: MerchantId;
  readonly contractId: string;
  readonly woken: string;
}

/**
 * Takes one step in a transaction, if one is due. The account is locked as late as the step allows. If another transaction
 * has changed the account before that, the step is repeated with the account locked first (ADR 22).
 * @returns null if the contract was deleted
 */
async function runStep(deps: Deps, contract: Woken): Promise<StepResult | null> {
  const run = (locking: 'late' | 'early'): Promise<StepResult | null> =>
    inTransaction(deps.pool, (tx) => runStepIn(tx, deps, contract, locking));
  try {
    return await run('late');
  } catch (error) {
    if (!isAccountChanged(error)) throw error;
    return run('early');
  }
}

/**
 * Decides the step under the locks of the contract and of the usage that it rates. An invoice that takes nothing from its
 * account locks it after everything is written. Any other document locks the account before it is made, and is settled by the
 * books as they are under the lock (rule 46). On a collective account a step makes charges only, and locks no account, unless its
 * command is to be billed now.
 */
async function runStepIn(
  tx: Tx,
  deps: Deps,
  { merchant, contractId, woken }: Woken,
  locking: 'late' | 'early',
): Promise<StepResult | null> {
  const contract = await loadLocked(tx, merchant, contractId);
  if (contract === null) return null;
  const clocked = contract.context.clockId !== null;
  const now = nowOf(contract.locked.now_at, woken, { clocked, mostAheadMs: deps.mostAheadMs });
  const decided = await decide(tx, merchant, contract, now);
  const isCollective = contract.context.accountKind === 'collective';
  const waits = isCollective && decided.step?.decision?.billsNow !== true;
  if (decided.step === null || waits || !makesDocument(decided.own))
    return store(tx, merchant, decided, null);
  const query = accountBooksQuery(decided.loaded, decided.own);
  deps.accounts.giveWay(query.accountId);
  const { unlocked } = decided.loaded.context;
  if (locking === 'late' && takesNothingFromAccount(decided.own, unlocked)) {
    const { paymentMethod } = unlocked;
    const lock = { accountId: query.accountId, contractId, methodId: paymentMethod?.id ?? null };
    return store(tx, merchant, decided, { ...NO_CREDIT, paymentMethod }, () =>
      deps.accounts.waiting(query.accountId, () => lockUnchangedAccount(tx, merchant, lock)),
    );
  }
  const books = await deps.accounts.waiting(query.accountId, () => lockAccountBooks(tx, merchant, query));
  if (books.taken.length === 0) return store(tx, merchant, decided, books);
  // Another contract of the account has billed the waiting charges. The step is decided again, under both locks.
  const decidedAgain = await decide(tx, merchant, await loadContract(tx, merchant, contractId), now);
  return store(tx, merchant, decidedAgain, books);
}

async function decide(
  tx: Tx,
  merchant: MerchantId,
  { state, context }: LoadedContract,
  clock: string,
): Promise<DecidedStep> {
  const now = countsAt(clock, state.settledThrough);
  const catalogue = needsCatalogue(state)
    ? await loadCatalogue(tx, merchant, state.terms.planGroupId, pinnedVersions(state))
    : NOTHING_SOLD;
  const step = await withLockedUsage(tx, merchant, state.contractId, (totals) =>
    nextStep(state, now, { catalogue, newId, totals }),
  );
  if (step !== null && !(await lockRatesAhead(tx, merchant, state, step.charges, step.at))) {
    // A rate was removed after it was read.
    return decide(tx, merchant, await loadContract(tx, merchant, state.contractId), clock);
  }
  const charges = step?.charges ?? [];
  const elsewhere = await creditedElsewhere(tx, merchant, context.accountId, reversedBy(charges));
  const own = charges.filter((charge) => isOwn(charge, elsewhere));
  return { loaded: { state, context }, step, elsewhere, own, now };
}

/** The books of an account without credit, as an invoice needs them, apart from the payment method. */
const NO_CREDIT = { credits: [], openReceivables: [], credited: [], taken: [] } as const;

function reversedBy(charges: readonly Charge[]): string[] {
  return charges.flatMap(({ reversesId }) => reversesId ?? []);
}

function makesDocument(charges: readonly Charge[]): boolean {
  return charges.some(({ amountMinor, oneTimeId }) => amountMinor !== 0n || oneTimeId !== null);
}

function accountBooksQuery(
  { context, state }: LoadedContract,
  charges: readonly Charge[],
): AccountBooksQuery {
  const oneTimeIds = charges.flatMap(({ oneTimeId }) => (oneTimeId === null ? [] : [oneTimeId]));
  const { contractId } = state;
  return { accountId: context.accountId, contractId, oneTimeIds, reversedIds: reversedBy(charges) };
}

async function store(
  tx: Tx,
  merchant: MerchantId,
  { loaded, step, elsewhere, own, now }: DecidedStep,
  books: AccountBooks | null,
  lock: StepBill['lock'] = null,
): Promise<StepResult> {
  const { context } = loaded;
  if (step === null) {
    if (context.openIncident !== null) await closeIncident(tx, merchant, context.openIncident);
    // Maybe nothing is due any more, because another contract of the account has billed the waiting charges.
    await putOnAgenda(tx, merchant, loaded);
    return { loaded, hasNextStep: false, billed: false, observed: null };
  }
  const stepBill =
    books === null ? null : await billOf(tx, { ...step, charges: own }, now, context, { books, lock });
  const others = step.charges.filter((charge) => !isOwn(charge, elsewhere));
  await wakeAccounts(
    tx,
    context,
    step.at,
    others.map((charge) => accountOf(charge, elsewhere, context.accountId)),
  );
  storeStep(tx, context, step, { bill: stepBill, due: nextDue(step.state), elsewhere });
  const attempt = stepBill?.billed.initialPayment.attempt;
  const plannedAttempts = attempt
    ? [...context.plannedAttempts, { id: attempt.id, provider: attempt.provider }]
    : context.plannedAttempts;
  return {
    loaded: { state: step.state, context: { ...context, plannedAttempts, openIncident: null } },
    hasNextStep: hasNextStep(step.state, now),
    billed: stepBill !== null,
    observed: {
      cause: step.decision === null ? 'due' : 'command',
      document: stepBill?.billed.document.kind ?? 'none',
    },
  };
}

/**
 * Bills a step. On a collective account, its document also has the waiting charges that it credits, so that nothing is credited
 * before it is billed.
 */
async function billOf(
  tx: Tx,
  step: Step,
  now: string,
  context: ContractContext,
  { books, lock }: Pick<StepBill, 'books' | 'lock'>,
): Promise<StepBill | null> {
  const { merchantId, accountId, accountKind } = context;
  const isCollective = accountKind === 'collective';
  const taken = isCollective ? await waitingAmong(tx, merchantId, reversedBy(step.charges)) : [];
  const { contractId, currency, priceMode, terms } = step.state;
  const charges: BilledCharge[] = [...taken, ...step.charges];
  const input = {
    groups: [{ contractId, charges }],
    at: step.at,
    currency,
    priceMode,
    subject: terms.planName,
    firstAttempt: 'contract',
  } as const;
  const billed = await billByBooks(tx, merchantId, accountId, books, (by) =>
    billCharges(input, later(step.at, now), { ...context, ...by }, newId),
  );
  return billed && { ...billed, takenIds: taken.map(({ id }) => id), lock };
}

/** The answers to commands, as their rows say. Commands that are still pending have no answer. */
async function answersTo(
  pool: Pool,
  merchant: MerchantId,
  asked: readonly string[],
): Promise<Record<string, Answer>> {
  if (asked.length === 0) return {};
  const answers: Record<string, Answer> = {};
  for (const { id, state, code } of await answersOf(pool, merchant, asked)) {
    if (state !== 'pending') answers[id] = { commandId: id, state, ...(code === null ? {} : { code }) };
  }
  return answers;
}
