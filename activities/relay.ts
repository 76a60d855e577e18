import { claim, delivered, failed } from '../db/outbox.ts';
import { type Pool, rows } from '../db/pool.ts';
import type { Reach } from './reach.ts';

export interface RelayDeps {
  readonly pool: Pool;
  readonly reach: Pick<Reach, 'wake'>;
  /** Delivers a due event of the sandbox provider; it stays on the agenda until its webhook was answered. */
  readonly deliverSandboxEvent: (eventId: string) => Promise<boolean>;
  readonly log: { warn(fields: object, message: string): void };
}

/** Delivers what transactions left in the outbox, whoever wrote it and whatever became of the writer. */
export interface Relay {
  /** Delivers what waits, of one clock or of wall time; answers how many rows it took. */
  drainOnce(of?: { clockId?: string }): Promise<number>;
  /** Drains until the signal aborts, about once a second. */
  run(stop: AbortSignal): Promise<void>;
}

const PAUSE_MS = 1_000;

export function createRelay(deps: RelayDeps): Relay {
  async function drainOnce(of: { clockId?: string } = {}): Promise<number> {
    const messages = await claim(deps.pool, of);
    const done = await Promise.all(
      messages.map(async (message) => {
        try {
          await deps.reach.wake(message.object);
          return message.id;
        } catch (error) {
          await failed(deps.pool, message.id, String(error));
          return null;
        }
      }),
    );
    await delivered(
      deps.pool,
      done.filter((id) => id !== null),
    );
    return messages.length;
  }

  /** Events of the sandbox happen on wall time, too; those of test clocks are delivered by their clock. */
  async function deliverDueEvents(): Promise<void> {
    const due = await rows<{ workflow_id: string }>(
      deps.pool,
      `select workflow_id from agenda where clock_id is null and kind = 'provider_event' and due_at <= clock_timestamp()
       order by due_at limit 50`,
    );
    for (const { workflow_id } of due) await deps.deliverSandboxEvent(workflow_id.slice('sandbox/'.length));
  }

  return {
    drainOnce,
    async run(stop) {
      while (!stop.aborted) {
        try {
          await deliverDueEvents();
          if ((await drainOnce()) > 0) continue;
        } catch (error) {
          deps.log.warn({ error: String(error) }, 'the relay could not deliver; it tries again');
        }
        await paused(PAUSE_MS * (0.75 + Math.random() / 2), stop);
      }
    },
  };
}

function paused(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
