import type { Instant } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { applyChange } from './change.ts';
import { sideOf } from './grids.ts';
import { endOf, replaced } from './items.ts';
import { enter, openPhase } from './phases.ts';
import { withPinned } from './pins.ts';
import {
  type Catalogue,
  type ContractRows,
  type CommandBody,
  type ContractState,
  NO_ROWS,
  type NewId,
  type ScheduledChange,
  type Why,
  joinRows,
} from './state.ts';

/** The contract after a decision, the rows that the decision adds, and how its step is billed. */
export interface Decided {
  readonly state: ContractState;
  readonly rows: ContractRows;
  readonly why: Why;
  /** Whether ranges that are covered and no longer due are credited. */
  readonly creditsUnused: boolean;
}

/** Commands that `decide` handles itself. A kind that is neither here nor in `perform` does not compile. */
type NeverPerformed = Extract<CommandBody, { readonly kind: 'order' | 'withdraw' | 'unreadable' }>;

/** Performs a command from an instant on. */
export function perform(
  state: ContractState,
  body: CommandBody,
  at: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Decided {
  switch (body.kind) {
    case 'change':
      return { ...applyChange(state, body, at, catalogue, newId), why: 'change', creditsUnused: true };
    case 'pause':
      return pauseFor(state, body.reason, at, newId);
    case 'resume':
      return resumeFrom(state, body.reason, at, newId);
    case 'cancel':
      return cancelAt(state, at, body.credit ?? state.terms.creditOnCancel, newId);
    default:
      throw new RangeError(`${(body satisfies NeverPerformed).kind} is not performed`);
  }
}

/** Adds a pause reason. No new fee is due until the pause ends. Billed lines are credited only if the variant says so. */
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
    state.pauseReasons.length > 0 ? { state: paused, rows: NO_ROWS } : enter(paused, 'inactive', at, newId);
  return { ...entered, why: 'change', creditsUnused: true };
}

/** Takes one pause reason away. The contract resumes when none is left. */
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
      ? { state: resumed, rows: NO_ROWS }
      : enter(resumed, openPhase(state, at), at, newId);
  return { ...entered, why: 'resume', creditsUnused: true };
}

/** Ends every item on the day of `at`, and the contract with them. */
export function cancelAt(state: ContractState, at: Instant, creditsUnused: boolean, newId: NewId): Decided {
  const from = at < state.startsAt ? state.startsAt : sideOf(state, at, state.terms);
  const items = state.items.map((item) => endOf({ state, at, from, newId }, item));
  const ended = enter({ ...state, ...replaced(state, items), endedAt: at }, 'ended', at, newId);
  return {
    state: ended.state,
    rows: joinRows({ ...NO_ROWS, items }, ended.rows),
    why: 'cancel',
    creditsUnused,
  };
}

/** Performs a scheduled change on its day, with the versions that it pinned. */
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
    rows: joinRows(performed.rows, { ...NO_ROWS, closed: [{ id: change.id, state: 'done' }] }),
  };
}

/** The result of a scheduled change on its day; null if it could not be performed. */
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
