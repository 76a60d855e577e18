import type { Instant } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { Charge } from '../books/charge.ts';
import { type Cause, difference } from './difference.ts';
import { type StepContext, stepContext } from './due.ts';
import { afterCredits, newLines } from './cover.ts';
import { type RatedPeriod, type UsageTotals, meteredCharges } from './metered.ts';
import { oneTimeLine } from '../books/one-time.ts';
import { refuseUntaxed } from './taxable.ts';
import { decide } from '../contracts/decide.ts';
import { cancelAt, performScheduled } from '../contracts/perform.ts';
import { enter, openPhase } from '../contracts/phases.ts';
import { floorOf, isOpen, billRunsOf } from '../contracts/grids.ts';
import {
  type Catalogue,
  type ContractRows,
  type ContractState,
  type Item,
  NO_ROWS,
  type NewId,
  type OneTimeCharge,
  type OneTimeState,
  type PendingCommand,
  joinRows,
} from '../contracts/state.ts';
import { endOfTerm } from '../contracts/term.ts';
import { sameInterval } from '../catalogue/terms.ts';
import { nextDue } from '../contracts/next-due.ts';

/** How a command ended. */
export interface Decision {
  readonly commandId: string;
  readonly state: 'applied' | 'refused';
  readonly code?: string;
  readonly detail?: string;
  readonly field?: string;
  /** Whether the command asked for a document of its own, also on a collective account. */
  readonly billsNow?: boolean;
}

/** One step of a contract: everything that its transaction writes. */
export interface Step {
  readonly at: Instant;
  /** The contract after the step. */
  readonly state: ContractState;
  readonly rows: ContractRows;
  readonly charges: readonly Charge[];
  /** Metered periods that were rated, or rated again. */
  readonly periods: readonly RatedPeriod[];
  readonly decision: Decision | null;
}

/** The inputs of a step besides the contract: the catalogue, new ids, and totals of usage. */
export interface StepInput {
  readonly catalogue: Catalogue;
  readonly newId: NewId;
  readonly totals: UsageTotals;
}

/**
 * The next step up to `now`, or null if there is none. Due work and commands are taken in the order of their instants.
 * Within one instant, scheduled changes and phase starts come first, then the bill, then commands (rule 19).
 */
export function nextStep(state: ContractState, now: Instant, input: StepInput): Step | null {
  const due = nextDue(state);
  const [command] = state.commands;
  const pending = command !== undefined && command.askedAt <= now ? command : null;
  if (due !== null && due <= now && (pending === null || due <= pending.askedAt))
    return dueStep(state, due, input);
  return pending === null ? null : commandStep(state, pending, input);
}

/** The state of a one-time charge after a step: billed by it, waiting, or withdrawn if the contract has ended. */
export function oneTimeAfter(step: Step, { id }: OneTimeCharge): OneTimeState {
  if (step.charges.some((each) => each.oneTimeId === id)) return 'billed';
  return withdrawsWaiting(step) ? 'withdrawn' : 'waiting';
}

/** Whether a step withdraws the waiting one-time charges, because the contract has ended and gets no further bill. */
export function withdrawsWaiting({ state }: Step): boolean {
  return state.phase === 'ended';
}

/** Whether there is a next step up to `now`. */
export function hasNextStep(state: ContractState, now: Instant): boolean {
  const due = nextDue(state);
  const [command] = state.commands;
  return (due !== null && due <= now) || (command !== undefined && command.askedAt <= now);
}

/** Whether the next step needs the catalogue. Renewals do not. */
export function needsCatalogue(state: ContractState): boolean {
  const bodies = [
    ...state.commands.map((command) => command.body),
    ...state.scheduled.map((change) => change.body),
  ];
  return bodies.some((body) => body.kind === 'change' || body.kind === 'order');
}

/** The versions of variants and components that scheduled changes have pinned, which may no longer be the newest. */
export function pinnedVersions({ scheduled }: ContractState): string[] {
  return scheduled.flatMap(({ body }) => {
    if (body.kind !== 'change') return [];
    const variant = body.variant === undefined ? [] : [body.variant];
    return [...variant, ...Object.values(body.versions ?? {})];
  });
}

function dueStep(state: ContractState, at: Instant, input: StepInput): Step {
  const { catalogue, newId } = input;
  let [current, rows] = [state, NO_ROWS];
  let cause: Cause = { why: 'renewal', creditsUnused: true };
  for (const change of state.scheduled.filter((each) => each.dueAt <= at)) {
    const performed = performScheduled(current, change, at, catalogue, newId);
    [current, rows] = [performed.state, joinRows(rows, performed.rows)];
    cause = { why: performed.why, creditsUnused: cause.creditsUnused && performed.creditsUnused };
  }
  const termEnd = endOfTerm(current);
  if (termEnd !== null && termEnd <= at && current.phase !== 'ended') {
    const ended = cancelAt(current, at, true, newId);
    [current, rows, cause] = [ended.state, joinRows(rows, ended.rows), { ...cause, why: 'end' }];
  }
  const starts = current.phase === 'ordered' && current.startsAt <= at;
  const trialEnds = current.phase === 'trial' && openPhase(current, at) === 'normal';
  if (starts || trialEnds) {
    const entered = enter(current, openPhase(current, at), at, newId);
    [current, rows] = [entered.state, joinRows(rows, entered.rows)];
    cause = { ...cause, why: 'first_period' };
  }
  return billStep({ before: state, after: current, at, rows, cause, decision: null }, input);
}

function commandStep(state: ContractState, command: PendingCommand, input: StepInput): Step {
  const at = command.askedAt;
  const rest = { ...state, commands: state.commands.filter((each) => each.id !== command.id) };
  try {
    const decided = decide(rest, command, input.catalogue, input.newId);
    refuseUntaxed(rest, decided.state, command.body, input.catalogue);
    const billsNow = 'bill' in command.body;
    const decision = { commandId: command.id, state: 'applied', billsNow } as const;
    const { state: after, rows } = decided;
    return billStep({ before: rest, after, at, rows, cause: decided, decision }, input);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // A refused order ends its contract, which never started.
    const after =
      command.body.kind === 'order'
        ? enter({ ...rest, endedAt: at }, 'ended', at, input.newId)
        : { state: rest, rows: NO_ROWS };
    return finishedStep(after.state, at, {
      rows: after.rows,
      charges: [],
      periods: [],
      decision: {
        commandId: command.id,
        state: 'refused',
        code: error.code,
        detail: error.message,
        ...(error.field === undefined ? {} : { field: error.field }),
      },
    });
  }
}

/** A step before its lines are computed. */
interface UnbilledStep extends Pick<Step, 'at' | 'rows' | 'decision'> {
  readonly before: ContractState;
  readonly after: ContractState;
  readonly cause: Cause;
}

/** Bills a step: recurring items by difference, the usage of closed periods, and one-time charges that wait. */
function billStep({ before, after, at, rows, cause, decision }: UnbilledStep, input: StepInput): Step {
  const { newId, totals } = input;
  const context = stepContext(before, after, at, input.catalogue);
  const recurring = difference(context, newId, cause);
  const ended = after.phase === 'ended';
  // Within one instant, due work comes before commands and reports, so a due step leaves these to a later one.
  const asOf = (since: Instant): boolean => decision !== null || since < at;
  const billRun = isBillRun(context, decision === null);
  const late = billRun || ended ? after.reopened.filter((each) => asOf(each.reportedAt)) : [];
  const { charges: usage, periods } = meteredCharges(context, totals, newId, late);
  const lines = [...recurring, ...usage];
  const hasAmount = lines.some((line) => line.amountMinor !== 0n);
  const first = isBilled(after, at) && after.oneTime.some((charge) => charge.kind === 'setup');
  const bills =
    hasAmount || first || ended || (billRun && (after.pauseReasons.length === 0 || hasArrears(after, at)));
  const due = after.oneTime.filter((charge) =>
    charge.kind === 'setup' ? first : bills && asOf(charge.madeAt),
  );
  const oneTimeLines = due.map((charge) => oneTimeLine(after, datedOf(charge, context), newId));
  const waitingOneTime = ended ? [] : after.oneTime.filter((charge) => !due.includes(charge));
  const rated = new Set(periods.map((period) => `${period.subscriptionId} ${period.startsAt}`));
  const reopened = after.reopened.filter((each) => !rated.has(`${each.item.subject} ${each.startsAt}`));
  const state = { ...after, oneTime: waitingOneTime, reopened, suspended: suspendedAfter(before, after) };
  return finishedStep(state, at, { rows, charges: [...oneTimeLines, ...lines], periods, decision });
}

/** The service date of the set-up fee is the day of its bill. */
function datedOf(charge: OneTimeCharge, { day }: StepContext): OneTimeCharge {
  return charge.kind === 'setup' ? { ...charge, serviceDate: day } : charge;
}

/** Whether the contract bills at an instant: it has started, its trial is over, and it is not paused. */
function isBilled({ phase, trialEndsAt, startsAt }: ContractState, at: Instant): boolean {
  return phase === 'normal' && at >= (trialEndsAt ?? startsAt);
}

/**
 * Whether a step is a bill run of the contract: its first bill, a change of the interval, or the first step that is due
 * on a boundary of its bill runs.
 */
function isBillRun({ before, after, at, day, settledDay }: StepContext, isDue: boolean): boolean {
  const firstDay = at === (after.trialEndsAt ?? after.startsAt) && before.settledThrough < at;
  const unbilled = before.phase === 'ordered' || before.phase === 'trial' || firstDay;
  if (isBilled(after, at) && unbilled) return true;
  const begun = after.phase !== 'ordered' && at >= (after.trialEndsAt ?? after.startsAt);
  const cut = !sameInterval(before.terms, after.terms);
  const boundary = isDue && floorOf(billRunsOf(before), day) === day && settledDay < day;
  return begun && (cut || boundary);
}

/** Whether an item paid in arrears is in force. A paused contract has bill runs only for such items. */
function hasArrears({ items }: ContractState, at: Instant): boolean {
  return items.some(
    ({ pricing, effectiveAt, endsAt }) =>
      pricing.mode === 'post_paid' &&
      !pricing.standalone &&
      effectiveAt <= at &&
      (endsAt === null || endsAt > at),
  );
}

/**
 * Items paid in advance that were superseded or removed in a pause, and count as in force until the contract resumes
 * (rule 25). A change to or from a variant without proration adds none: the lines of its items stay.
 */
function suspendedAfter(before: ContractState, after: ContractState): readonly Item[] {
  if (after.phase === 'ended' || after.pauseReasons.length === 0) return [];
  if (before.terms.proration === 'none' || after.terms.proration === 'none') return before.suspended;
  const current = new Set(after.items.map(({ id }) => id));
  const superseded = before.items.filter(
    ({ id, pricing }) => pricing.mode !== 'post_paid' && !current.has(id),
  );
  return [...before.suspended, ...superseded];
}

function finishedStep(
  state: ContractState,
  at: Instant,
  { rows, charges, periods, decision }: Pick<Step, 'rows' | 'charges' | 'periods' | 'decision'>,
): Step {
  const settledThrough = at > state.settledThrough ? at : state.settledThrough;
  const items = [...state.items, ...state.past];
  const lines = [...afterCredits(state.lines, charges), ...newLines(charges, items)];
  const after = { ...state, settledThrough, lines };
  const past = after.past.filter((item) => isOpen(after, item));
  return { at, state: { ...after, past }, rows, charges, periods, decision };
}
