import type { LoadedContract } from '../../db/contracts/contracts.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';

/** The result of settling for the workflow of a contract: the data that decides when it goes on. It has no amount and no name. */
export interface Standing {
  /** The instant to sleep until. Null if nothing becomes due by itself. */
  readonly nextDue: string | null;
  /** Whether there is more to do at once. */
  readonly behind: boolean;
  /** The attempt to send next, and its provider, which names the task queue. */
  readonly planned: { readonly attemptId: string; readonly provider: string } | null;
  /** Whether the contract is on a test clock. The clock wakes the workflow, which waits without a timer. */
  readonly clocked: boolean;
  readonly finished: boolean;
  /** The incident of a step that failed. Nothing later is decided while it is open. */
  readonly incident: string | null;
  /** The workflow continues as new beyond this many events. */
  readonly limit: number;
  /** Values for the search attributes that operators see. */
  readonly shown: Shown;
}

interface Shown {
  readonly merchant: string;
  readonly customer: string;
  readonly plan: string;
  readonly phase: string;
  readonly dunningLevel: number;
}

/** The standing of a contract that was deleted with its test clock: its workflow ends. */
export function standingOfDeleted(limit: number): Standing {
  const shown = { merchant: '', customer: '', plan: '', phase: 'ended', dunningLevel: 0 };
  return {
    nextDue: null,
    behind: false,
    planned: null,
    clocked: false,
    finished: true,
    incident: null,
    limit,
    shown,
  };
}

/** The standing of a contract after its last step. */
export function standingOf(limit: number, { state, context }: LoadedContract, behind: boolean): Standing {
  const [planned] = context.plannedAttempts;
  return {
    nextDue: nextDue(state),
    behind,
    planned: planned === undefined ? null : { attemptId: planned.id, provider: planned.provider },
    clocked: context.clockId !== null,
    finished: state.phase === 'ended' && state.commands.length === 0,
    incident: null,
    limit,
    shown: {
      merchant: context.merchantId,
      customer: context.customerId,
      plan: state.terms.variantId,
      phase: state.phase,
      dunningLevel: context.dunningLevel,
    },
  };
}
