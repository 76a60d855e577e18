import { addMilliseconds, later } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { checkBookings, checkConflicts, refuse, refuseEnded } from './conflicts.ts';
import { countsFrom } from './effective.ts';
import { checkLimits } from './limits.ts';
import { decideOrder } from './order.ts';
import { type Decided, perform, tryOut } from './perform.ts';
import { pinned } from './pins.ts';
import {
  type Catalogue,
  type ContractState,
  NO_ROWS,
  type NewId,
  type PendingCommand,
  type ScheduledChange,
} from './state.ts';

/**
 * Decides a command as of its instant: applies it, schedules it, or throws the `DomainError` that refuses it. A command
 * that is only scheduled is tried out first, too, so that it is refused now and not on its day.
 */
export function decide(
  state: ContractState,
  command: PendingCommand,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  const { body, askedAt } = command;
  if (body.kind === 'unreadable') throw new DomainError('unreadable_command', body.problem);
  refuseEnded(state);
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
    rows: { ...NO_ROWS, scheduled: [scheduled] },
    why: 'change',
    creditsUnused: true,
  };
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
    rows: { ...NO_ROWS, closed: [{ id: change.id, state: 'withdrawn' }] },
    why: 'change',
    creditsUnused: true,
  };
}

/**
 * Tries out all scheduled changes in order. A change that fails on its day would stop the contract, so a command that
 * would make it fail is refused now. If the new change `added` fails itself, the refusal names the change before it. The
 * contract must keep its limits after each change.
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
    // On its day, everything that is due before is settled.
    const settledThrough = later(state.settledThrough, addMilliseconds(change.dueAt, -1));
    checkLimits({ ...now, settledThrough }, { ...next.state, settledThrough });
    [now, before] = [next.state, change];
  }
}
