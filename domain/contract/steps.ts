import type { Instant } from '../calendar.ts';
import { DomainError } from '../errors.ts';
import type { Charge, Why } from '../billing/charge.ts';
import { difference } from '../billing/difference.ts';
import { decide, enter, openPhase, performScheduled } from './decide.ts';
import {
  type Catalogue,
  type Changes,
  type ContractState,
  type CoveringLine,
  NO_CHANGES,
  type NewId,
  type PendingCommand,
  joinChanges,
} from './state.ts';
import { nextDue } from './when.ts';

/** How a command ended. */
export interface Decision {
  readonly commandId: string;
  readonly state: 'applied' | 'refused';
  readonly code?: string;
  readonly detail?: string;
  readonly field?: string;
}

/** One step in the life of a contract: all that one transaction writes. */
export interface Step {
  readonly at: Instant;
  /** The contract afterwards. */
  readonly state: ContractState;
  readonly changes: Changes;
  readonly charges: readonly Charge[];
  readonly decision: Decision | null;
}

/**
 * The next step up to `now`, or null when there is nothing left to do: what is due and what was asked, in the order
 * of their instants. Within one instant scheduled changes and phase starts come first, then the bill, then commands.
 */
export function nextStep(
  state: ContractState,
  now: Instant,
  catalogue: Catalogue,
  newId: NewId,
): Step | null {
  const due = nextDue(state);
  const [command] = state.commands;
  const asked = command !== undefined && command.askedAt <= now ? command : null;
  if (due !== null && due <= now && (asked === null || due <= asked.askedAt))
    return dueStep(state, due, catalogue, newId);
  return asked === null ? null : commandStep(state, asked, catalogue, newId);
}

/** Whether the next step needs what is sold now: renewals do not. */
export function needsCatalogue(state: ContractState): boolean {
  const bodies = [
    ...state.commands.map((command) => command.body),
    ...state.scheduled.map((change) => change.body),
  ];
  return bodies.some((body) => body.kind === 'change' || body.kind === 'order');
}

function dueStep(state: ContractState, at: Instant, catalogue: Catalogue, newId: NewId): Step {
  let [now, changes, why, credit] = [state, NO_CHANGES, 'renewal' as Why, true];
  for (const change of state.scheduled.filter((each) => each.dueAt <= at)) {
    const done = performScheduled(now, change, at, catalogue, newId);
    [now, changes, why, credit] = [
      done.state,
      joinChanges(changes, done.changes),
      done.why,
      credit && done.credit,
    ];
  }
  const starts = now.phase === 'ordered' && now.startsAt <= at;
  const trialEnds = now.phase === 'trial' && openPhase(now, at) === 'normal';
  if (starts || trialEnds) {
    const entered = enter(now, openPhase(now, at), at, newId);
    [now, changes, why] = [entered.state, joinChanges(changes, entered.changes), 'first_period'];
  }
  return settled(now, at, changes, difference(now, at, newId, { why, credit }), null);
}

function commandStep(
  state: ContractState,
  command: PendingCommand,
  catalogue: Catalogue,
  newId: NewId,
): Step {
  const at = command.askedAt;
  const rest = { ...state, commands: state.commands.filter((each) => each.id !== command.id) };
  try {
    const decided = decide(rest, command, catalogue, newId);
    const charges = difference(decided.state, at, newId, { why: decided.why, credit: decided.credit });
    return settled(decided.state, at, decided.changes, charges, { commandId: command.id, state: 'applied' });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const refused = {
      commandId: command.id,
      state: 'refused' as const,
      code: error.code,
      detail: error.message,
    };
    // A refused order leaves a contract that never was.
    const after =
      command.body.kind === 'order'
        ? enter({ ...rest, endedAt: at }, 'ended', at, newId)
        : { state: rest, changes: NO_CHANGES };
    return settled(after.state, at, after.changes, [], {
      ...refused,
      ...(error.field === undefined ? {} : { field: error.field }),
    });
  }
}

function settled(
  state: ContractState,
  at: Instant,
  changes: Changes,
  charges: readonly Charge[],
  decision: Decision | null,
): Step {
  const after = {
    ...state,
    settledThrough: at > state.settledThrough ? at : state.settledThrough,
    lines: covered(state.lines, charges),
  };
  return { at, state: after, changes, charges, decision };
}

/** The lines that cover days after a step: those before, less what was credited, and the new ones. */
function covered(lines: readonly CoveringLine[], charges: readonly Charge[]): CoveringLine[] {
  const kept = lines.map((line) => {
    const credits = charges.filter((charge) => charge.reversesId === line.chargeId);
    return credits.length === 0 ? line : { ...line, uncovered: [...line.uncovered, ...credits] };
  });
  const added = charges
    .filter((charge) => charge.kind === 'recurring')
    .map((charge) => ({ ...charge, chargeId: charge.id, uncovered: [] }));
  return [...kept, ...added];
}
