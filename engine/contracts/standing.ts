import type { LoadedContract } from '../../db/contracts/contracts.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';

/** What a contract's workflow learns: never an amount, never a name, only what it needs to decide when. */
export interface Standing {
  /** The instant to sleep until, or null: nothing comes by itself. */
  readonly nextDue: string | null;
  /** There is more to do at once. */
  readonly behind: boolean;
  /** The attempt that waits to be sent, with the provider whose queue it goes to. */
  readonly planned: { readonly attemptId: string; readonly provider: string } | null;
  /** On a test clock, which wakes it: it waits without a timer. */
  readonly clocked: boolean;
  readonly finished: boolean;
  /** A step failed and nothing later is decided: the incident's id. */
  readonly incident: string | null;
  /** Continue as new beyond this many events. */
  readonly limit: number;
  /** What operators see: search attributes. */
  readonly shown: Shown;
}

interface Shown {
  readonly merchant: string;
  readonly customer: string;
  readonly plan: string;
  readonly phase: string;
  readonly dunningLevel: number;
}

/** A contract that was deleted with its test clock: there is nothing left to do for it. */
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

/** How a contract stands after its last step; `behind`: there is more to do at once. */
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
