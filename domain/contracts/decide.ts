import { type Instant, addMilliseconds, dateAt, later } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { applyChange } from './change.ts';
import { checkBookings, checkConflicts, refuse } from './conflicts.ts';
import { sideOf } from './grids.ts';
import { endOf, replaced } from './items.ts';
import { checkLimits } from './limits.ts';
import { pinned, withPinned } from './pins.ts';
import {
  type Catalogue,
  type Changes,
  type CommandBody,
  type ContractState,
  NEXT_PHASES,
  NO_CHANGES,
  type NewId,
  type OneTimeCharge,
  type PendingCommand,
  type PhaseKind,
  type ScheduledChange,
  type Why,
  joinChanges,
} from './state.ts';
import { cancelledAt, endOfTerm } from './term.ts';
import { effectiveAt } from './when.ts';

/** The contract after a decision, the rows that say so, and how what follows is to be billed. */
export interface Decided {
  readonly state: ContractState;
  readonly changes: Changes;
  readonly why: Why;
  /** Whether what is covered and no longer due is credited. */
  readonly credit: boolean;
}

/**
 * Decides a command as of its instant: applies it, schedules it, or throws the `DomainError` that refuses it. Also
 * what is only scheduled is tried out first, so that it is refused now and not when its day comes.
 */
export function decide(
  state: ContractState,
  command: PendingCommand,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  const { body, askedAt } = command;
  if (body.kind === 'unreadable') throw new DomainError('unreadable_command', body.problem);
  if (state.phase === 'ended') throw new DomainError('contract_ended', 'the contract has ended');
  if (body.kind === 'order') {
    const ordered = decideOrder(state, body, askedAt, catalogue, newId);
    checkBookings(state, ordered, 'components');
    checkLimits(state, ordered.state);
    return ordered;
  }
  if (body.kind === 'withdraw') {
    const withdrawn = withdraw(state, body.command);
    checkScheduled(withdrawn.state, catalogue, newId);
    return withdrawn;
  }
  if (state.phase === 'ordered' && body.kind !== 'cancel') {
    throw new DomainError('contract_not_started', `the contract starts on ${state.startDate}`);
  }
  const at = countsFrom(state, command);
  checkConflicts(state, body, at, catalogue);
  const applied = perform(state, body, at, catalogue, newId);
  if (body.kind === 'change') checkBookings(state, applied, 'components.add');
  if (at <= askedAt) {
    checkLimits(state, applied.state);
    checkScheduled(applied.state, catalogue, newId);
    return applied;
  }
  const scheduled = {
    id: newId('scheduledChange'),
    commandId: command.id,
    dueAt: at,
    body: pinned(body, catalogue),
  };
  const after = [...state.scheduled, scheduled].sort((a, b) =>
    a.dueAt < b.dueAt ? -1 : a.dueAt > b.dueAt ? 1 : 0,
  );
  const waiting = { ...state, scheduled: after };
  checkScheduled(waiting, catalogue, newId, scheduled);
  return {
    state: waiting,
    changes: { ...NO_CHANGES, scheduled: [scheduled] },
    why: 'change',
    credit: true,
  };
}

/** The instant from which a command counts; a cancellation waits for the end of the term. */
function countsFrom(state: ContractState, { body, effective, askedAt }: PendingCommand): Instant {
  const at = effectiveAt(state, effective, askedAt);
  const end = endOfTerm(state);
  if (end !== null && at >= end) {
    throw new DomainError(
      'after_cancellation',
      `the contract ends with its term on ${dateAt(end, state.zone)}`,
    );
  }
  if (body.kind !== 'cancel') return at;
  return cancelledAt(state, { at, effective, askedAt, waived: body.waiveTerm === true });
}

/**
 * Tries out all that is scheduled, in its order: what could no longer be done on its day would hold the contract then,
 * so the command in its way is refused now. One that fails itself, `added`, is refused over the one before it. What all
 * of it comes to keeps the limits of a contract on each of these days.
 * @throws DomainError scheduled_change_exists, and those of `checkLimits`
 */
function checkScheduled(
  state: ContractState,
  catalogue: Catalogue,
  newId: NewId,
  added?: ScheduledChange,
): void {
  let [now, before]: [ContractState, ScheduledChange | undefined] = [state, undefined];
  for (const change of state.scheduled) {
    const next = tryOut(now, change, catalogue, newId);
    if (next === null) refuse(change === added ? (before ?? change) : change);
    // By then all is settled that is due before.
    const settledThrough = later(state.settledThrough, addMilliseconds(change.dueAt, -1));
    checkLimits({ ...now, settledThrough }, { ...next.state, settledThrough });
    [now, before] = [next.state, change];
  }
}

/** What a scheduled change would do on its day; null where it could not be performed. */
export function tryOut(
  state: ContractState,
  change: ScheduledChange,
  catalogue: Catalogue,
  newId: NewId,
): Decided | null {
  try {
    return performScheduled(state, change, change.dueAt, catalogue, newId);
  } catch (error) {
    if (error instanceof DomainError) return null;
    throw error;
  }
}

/** Does what is scheduled, on its day. */
export function performScheduled(
  state: ContractState,
  change: ScheduledChange,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  const rest = state.scheduled.filter((each) => each.id !== change.id);
  const sold = change.body.kind === 'change' ? withPinned(catalogue, change.body.versions) : catalogue;
  const performed = perform({ ...state, scheduled: rest }, change.body, at, sold, newId);
  return {
    ...performed,
    changes: joinChanges(performed.changes, { ...NO_CHANGES, closed: [{ id: change.id, state: 'done' }] }),
  };
}

/** The phase that a contract is in when nothing holds it. */
export function openPhase(state: ContractState, at: Instant): 'trial' | 'normal' {
  return state.trialEndsAt !== null && at < state.trialEndsAt ? 'trial' : 'normal';
}

/** Moves the contract into a phase from an instant on; the phase before ends with it. */
export function enter(
  state: ContractState,
  kind: Exclude<PhaseKind, 'ordered'>,
  at: Instant,
  newId: NewId,
): { state: ContractState; changes: Changes } {
  if (!NEXT_PHASES[state.phase].includes(kind)) throw new RangeError(`${kind} cannot follow ${state.phase}`);
  const phase = { id: newId('phase'), kind, variantVersionId: state.terms.variantVersionId, startsAt: at };
  const side = sideOf(state, at, state.terms);
  const ended = state.pauses.map((pause) => (pause.endsAt === null ? { ...pause, endsAt: side } : pause));
  const pauses = kind === 'inactive' ? [...ended, { startsAt: side, endsAt: null }] : ended;
  return { state: { ...state, phase: kind, pauses }, changes: { ...NO_CHANGES, phases: [phase] } };
}

function decideOrder(
  state: ContractState,
  body: Extract<CommandBody, { kind: 'order' }>,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  const booked = applyChange(
    state,
    { kind: 'change', variant: body.variant, components: { add: body.components } },
    at,
    catalogue,
    newId,
  );
  const setup = setupFee(state, at, newId);
  const ordered = {
    ...booked,
    state: { ...booked.state, oneTime: [...state.oneTime, ...setup] },
    changes: joinChanges(booked.changes, { ...NO_CHANGES, oneTime: setup }),
  };
  if (state.startsAt > at) return { ...ordered, why: 'first_period', credit: true };
  const begun = enter(ordered.state, openPhase(state, at), state.startsAt, newId);
  return {
    state: begun.state,
    changes: joinChanges(ordered.changes, begun.changes),
    why: 'first_period',
    credit: true,
  };
}

/** Granted and asked once, with the order; it waits for the first bill. */
function setupFee(
  { terms, trialEndsAt, startsAt, zone }: ContractState,
  madeAt: Instant,
  newId: NewId,
): OneTimeCharge[] {
  if (terms.setupFee === null) return [];
  return [
    {
      id: newId('oneTime'),
      kind: 'setup',
      text: `Set-up ${terms.name}`,
      reference: null,
      application: null,
      serviceDate: dateAt(trialEndsAt ?? startsAt, zone),
      quantity: '1',
      unitPrice: terms.setupFee,
      taxPolicyId: terms.taxPolicyId,
      madeAt,
    },
  ];
}

function withdraw(state: ContractState, commandId: string): Decided {
  const change = state.scheduled.find((each) => each.commandId === commandId);
  if (change === undefined) {
    throw new DomainError('nothing_scheduled', `command ${commandId} has nothing scheduled`, {
      field: 'command',
    });
  }
  return {
    state: { ...state, scheduled: state.scheduled.filter((each) => each.id !== change.id) },
    changes: { ...NO_CHANGES, closed: [{ id: change.id, state: 'withdrawn' }] },
    why: 'change',
    credit: true,
  };
}

function perform(
  state: ContractState,
  body: CommandBody,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  switch (body.kind) {
    case 'change':
      return { ...applyChange(state, body, at, catalogue, newId), why: 'change', credit: true };
    case 'pause':
      return pauseFor(state, body.reason, at, newId);
    case 'resume':
      return resumeFrom(state, body.reason, at, newId);
    case 'cancel':
      return cancelAt(state, at, body.credit ?? state.terms.creditOnCancel, newId);
    default:
      throw new RangeError(`${body.kind} is not performed`);
  }
}

/** Nothing new is due until the pause ends; what is billed is touched only where the variant credits it. */
function pauseFor(
  state: ContractState,
  reason: ContractState['pauseReasons'][number],
  at: Instant,
  newId: NewId,
): Decided {
  if (state.pauseReasons.includes(reason))
    throw new DomainError('already_paused', `already paused for the reason ${reason}`);
  const paused = { ...state, pauseReasons: [...state.pauseReasons, reason] };
  const entered =
    state.pauseReasons.length > 0
      ? { state: paused, changes: NO_CHANGES }
      : enter(paused, 'inactive', at, newId);
  return { ...entered, why: 'change', credit: true };
}

/** Takes one reason away; only the empty set resumes. */
function resumeFrom(
  state: ContractState,
  reason: ContractState['pauseReasons'][number],
  at: Instant,
  newId: NewId,
): Decided {
  if (!state.pauseReasons.includes(reason))
    throw new DomainError('not_paused', `not paused for the reason ${reason}`);
  const resumed = { ...state, pauseReasons: state.pauseReasons.filter((each) => each !== reason) };
  const entered =
    resumed.pauseReasons.length > 0
      ? { state: resumed, changes: NO_CHANGES }
      : enter(resumed, openPhase(state, at), at, newId);
  return { ...entered, why: 'resume', credit: true };
}

/** Ends every item on the day of `at`, and the contract with them. */
export function cancelAt(state: ContractState, at: Instant, credit: boolean, newId: NewId): Decided {
  const from = at < state.startsAt ? state.startsAt : sideOf(state, at, state.terms);
  const rows = state.items.map((item) => endOf({ state, at, from, newId }, item));
  const ended = enter({ ...state, ...replaced(state, rows), endedAt: at }, 'ended', at, newId);
  return {
    state: ended.state,
    changes: joinChanges({ ...NO_CHANGES, items: rows }, ended.changes),
    why: 'cancel',
    credit,
  };
}
