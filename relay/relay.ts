import { storePosted } from '../engine/posted.ts';
import { pruneKeys } from '../db/platform/idempotency.ts';
import { dueOnWallClock } from '../db/platform/agenda.ts';
import { claim, delivered, failed } from '../db/platform/outbox.ts';
import type { Pool } from '../db/platform/pool.ts';
import type { Reach } from '../temporal/client.ts';
import { sandboxEventOf } from '../temporal/ids.ts';

export interface RelayDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'wake'>;
  /** Delivers a due event of the sandbox provider; it stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  readonly log: { warn(fields: object, message: string): void };
}

/**
 * Delivers what transactions left in the outbox, whoever wrote it and whatever became of the writer, and starts what
 * is due on wall time and has no workflow yet; forgets idempotency keys after a day. Any number of relays may run side by side.
 */
export interface Relay {
  /** Delivers what waits, of one clock (due or not) or all that is due; answers how many rows it took. */
  drainOnce(of?: { clockId?: string }): Promise<number>;
  /** Goes on until the signal aborts, about once a second. */
  run(stop: AbortSignal): Promise<void>;
  /** Resolves when its process begins to stop. */
  readonly stopped: Promise<void>;
}

const PAUSE_MS = 1_000;
/** Between looks for what may be forgotten. */
const TIDY_MS = 60_000;
/** What was not done by the time it was due is asked for again after this, not every second. */
const AGAIN_MS = 30_000;

export function createRelay(deps: RelayDeps): Relay {
  let stops: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => (stops = resolve));
  return {
    drainOnce: (of) => drainOnce(deps, of),
    stopped,
    async run(stop) {
      stop.addEventListener('abort', stops, { once: true });
      // Side by side, so that a webhook that hangs holds up no message.
      await Promise.all([
        every(deps, stop, () => drainOnce(deps)),
        every(
          deps,
          stop,
          dueOnWallTime(deps, 'provider_event', (id) => deliverEvent(deps, id)),
        ),
        every(
          deps,
          stop,
          dueOnWallTime(deps, 'collection', (id) => deps.reach.wake(id)),
        ),
        every(deps, stop, () => pruneKeys(deps.pool), TIDY_MS),
      ]);
    },
  };
}

async function drainOnce(deps: RelayDeps, of: { clockId?: string } = {}): Promise<number> {
  const messages = await claim(deps.pool, of);
  const done = await Promise.all(
    messages.map(async (message) => {
      try {
        if (message.kind === 'webhook') throw new Error('no webhook endpoint takes it');
        if (message.kind === 'command') await storePosted(deps.pool, message);
        else await deps.reach.wake(message.object);
        return message.id;
      } catch (error) {
        await failed(deps.pool, message.id, String(error));
        return null;
      }
    }),
  );
  const ids = done.filter((id) => id !== null);
  if (ids.length > 0) await delivered(deps.pool, ids);
  return messages.length;
}

async function deliverEvent(deps: RelayDeps, workflowId: string): Promise<void> {
  await deps.deliverSandboxEvent(sandboxEventOf(workflowId));
}

/**
 * Does what is due on wall time and has no timer of its own: events of the sandbox, and collections, which their
 * agenda row starts. What is on a test clock is its clock's.
 */
function dueOnWallTime(
  deps: RelayDeps,
  kind: 'provider_event' | 'collection',
  act: (workflowId: string) => Promise<void>,
): () => Promise<number> {
  const lastTry = new Map<string, number>();
  return async () => {
    const due = await dueOnWallClock(deps.pool, kind, [...lastTry.keys()]);
    for (const workflow_id of due) {
      lastTry.set(workflow_id, Date.now());
      await act(workflow_id).catch((error: unknown) => {
        deps.log.warn(
          { workflow_id, error: String(error) },
          'what is due could not be done; it is tried again',
        );
      });
    }
    for (const [id, at] of lastTry) if (Date.now() - at > AGAIN_MS) lastTry.delete(id);
    return due.length;
  };
}

/** Repeats what answers how much it did: at once after something, after a pause (about a second) after nothing. */
async function every(
  deps: RelayDeps,
  stop: AbortSignal,
  work: () => Promise<number>,
  pauseMs = PAUSE_MS,
): Promise<void> {
  while (!stop.aborted) {
    try {
      if ((await work()) > 0) continue;
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'the relay could not deliver; it tries again');
    }
    // Several relays spread their looks.
    await paused(pauseMs * (0.75 + Math.random() / 2), stop);
  }
}

function paused(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve(); // during the work before: nobody will tell again
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    stop.addEventListener('abort', done, { once: true });
  });
}
