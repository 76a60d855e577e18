import { undecidedRounds } from '../db/contracts/commands.ts';
import { agendaRounds } from '../db/platform/agenda.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { outboxRounds } from '../db/platform/outbox.ts';
import { type Pool, onAnnounced } from '../db/platform/pool.ts';
import { Bell } from './bell.ts';
import { type OutboxDeps, drainOnce } from './outbox.ts';
import {
  type OverdueDeps,
  SWEEP,
  deliverDueEvents,
  restartUnable,
  startDueCollections,
  sweepClocks,
  sweepCommands,
  sweepContracts,
} from './overdue.ts';
import { type RetentionDeps, forgetOnce } from './retention.ts';

interface Pace {
  /** What this process writes with these is delivered at once; what others write, at the next look. */
  readonly writers?: readonly Pool[];
  /** Between two looks for messages: a second. */
  readonly pauseMs?: number;
}

export type RelayDeps = OutboxDeps & OverdueDeps & RetentionDeps & Pace;

/**
 * Delivers what transactions left in the outbox, whoever wrote it and whatever became of the writer; starts what is due
 * on wall time and has no workflow yet, and looks after those that are late; deletes what need not be kept any longer. Any
 * number of relays may run side by side.
 */
export interface Relay {
  /** Delivers what waits, of one clock (due or not) or all that is due; answers how many rows it took. */
  drainOnce(of?: { clockId?: string }): Promise<number>;
  /** Starts a workflow anew that was asked in vain, if its history does not fit the code; answers whether that was so. */
  restartUnable(merchant: MerchantId, workflowId: string): Promise<boolean>;
  /** Goes on until the signal aborts: at once after what this process writes, else about once a second. */
  run(stop: AbortSignal): Promise<void>;
  /** Resolves when its process begins to stop. */
  readonly stopped: Promise<void>;
}

const PAUSE_MS = 1_000;
/** Between two looks for what may be deleted. */
const TIDY_MS = 60_000;

export function createRelay(deps: RelayDeps): Relay {
  let stops: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stops = resolve));
  const outbox = outboxRounds();
  const overdue: OverdueDeps = {
    ...deps,
    rounds: {
      provider_event: agendaRounds('provider_event'),
      contract: agendaRounds('contract'),
      collection: agendaRounds('collection'),
      command: undecidedRounds(),
    },
  };
  return {
    drainOnce: (of) => drainOnce(deps, { ...of, rounds: outbox }),
    restartUnable: (merchant, workflowId) => restartUnable(overdue, merchant, workflowId),
    stopped,
    async run(stop) {
      stop.addEventListener('abort', stops, { once: true });
      const bell = new Bell();
      const due: OverdueDeps = { ...overdue, stopping: stop };
      for (const pool of deps.writers ?? []) onAnnounced(pool, () => bell.ring(), stop);
      // Side by side, so that a webhook that hangs holds up no message.
      await Promise.all([
        every(deps, stop, () => drainOnce(deps, { rounds: outbox }), {
          bell,
          pauseMs: deps.pauseMs ?? PAUSE_MS,
        }),
        every(deps, stop, () => deliverDueEvents(due)),
        every(deps, stop, () => startDueCollections(due)),
        ...[sweepContracts, sweepCommands, sweepClocks].map((swept) =>
          every(deps, stop, () => swept(due), { pauseMs: (deps.sweep ?? SWEEP).everyMs }),
        ),
        every(deps, stop, () => forgetOnce(deps), { pauseMs: TIDY_MS }),
      ]);
    },
  };
}

/** Repeats what answers how much it did: at once after something, after a pause (about a second) after nothing. */
async function every(
  deps: RelayDeps,
  stop: AbortSignal,
  work: () => Promise<number>,
  { pauseMs = PAUSE_MS, bell = new Bell() }: { pauseMs?: number; bell?: Bell } = {},
): Promise<void> {
  while (!stop.aborted) {
    try {
      if ((await work()) > 0) continue;
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'the relay could not deliver; it tries again');
    }
    // Several relays spread their looks; none comes later than it says.
    await bell.wait(pauseMs * (0.5 + Math.random() / 2), stop);
  }
}
