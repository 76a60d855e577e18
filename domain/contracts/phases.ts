import type { Instant } from '../arithmetic/calendar.ts';
import { sideOf } from './grids.ts';
import {
  type ContractRows,
  type ContractState,
  NEXT_PHASES,
  NO_ROWS,
  type NewId,
  type PhaseKind,
} from './state.ts';

/** The phase of a contract that is neither paused nor ended. */
export function openPhase(state: ContractState, at: Instant): 'trial' | 'normal' {
  return state.trialEndsAt !== null && at < state.trialEndsAt ? 'trial' : 'normal';
}

/**
 * Moves the contract into a phase from an instant on. The phase before ends there.
 * @throws RangeError if the phase may not follow the contract's phase
 */
export function enter(
  state: ContractState,
  kind: Exclude<PhaseKind, 'ordered'>,
  at: Instant,
  newId: NewId,
): { state: ContractState; rows: ContractRows } {
  if (!NEXT_PHASES[state.phase].includes(kind)) throw new RangeError(`${kind} cannot follow ${state.phase}`);
  const phase = { id: newId('phase'), kind, variantVersionId: state.terms.variantVersionId, startsAt: at };
  const side = sideOf(state, at, state.terms);
  const ended = state.pauses.map((pause) => (pause.endsAt === null ? { ...pause, endsAt: side } : pause));
  const pauses = kind === 'inactive' ? [...ended, { startsAt: side, endsAt: null }] : ended;
  return { state: { ...state, phase: kind, pauses }, rows: { ...NO_ROWS, phases: [phase] } };
}
