import { onBehalfOf } from '../db/platform/call.ts';
import {
  type OutboxRounds,
  type OutboxRow,
  claim,
  markDelivered,
  storeFailure,
} from '../db/platform/outbox.ts';
import type { Pool } from '../db/platform/pool.ts';
import { isTransient } from '../db/platform/transient.ts';
import { storeQueuedCommand } from '../engine/contracts/queued-commands.ts';
import type { Observer } from '../telemetry/observer.ts';
import type { Workflows } from '../temporal/client.ts';
import { isRefusal } from '../temporal/errors.ts';
import { afterFailure } from './after-failure.ts';

export interface OutboxDeps {
  readonly pool: Pool;
  readonly workflows: Pick<Workflows, 'wake'>;
  readonly log: { warn(fields: object, message: string): void };
  readonly observer?: Pick<Observer, 'dead'> | undefined;
}

/** Delivers a batch of messages: those of one clock (due or not), or all that are due. Returns how many rows it claimed. */
export async function deliverBatch(
  deps: OutboxDeps,
  of: { clockId?: string; rounds?: OutboxRounds } = {},
): Promise<number> {
  const claimed = await claim(deps.pool, of);
  const messages = claimed.filter(({ state }) => state === 'waiting');
  const done = await Promise.all(
    messages.map(async (message) => {
      try {
        await onBehalfOf(message.merchant_id, () => deliver(deps, message));
        return message.id;
      } catch (error) {
        await keepFailure(deps, message, error);
        return null;
      }
    }),
  );
  const ids = done.filter((id) => id !== null);
  if (ids.length > 0) await markDelivered(deps.pool, ids);
  return claimed.length;
}

async function deliver({ pool, workflows }: OutboxDeps, message: OutboxRow): Promise<void> {
  if (message.kind === 'command') await storeQueuedCommand(pool, message);
  else await workflows.wake(message.object);
}

async function keepFailure(
  { pool, log, observer }: OutboxDeps,
  message: OutboxRow,
  error: unknown,
): Promise<void> {
  const after = afterFailure(message, { passes: passes(message, error) });
  const kept = await storeFailure(pool, message, String(error), after);
  if (!kept || after.waitSeconds !== null) return;
  const { id, merchant_id: merchant, kind, object } = message;
  log.warn(
    { merchant, message: id.toString(), kind, workflow_id: object, error: String(error) },
    'a message could not be delivered and is a dead letter: tenor outbox list',
  );
  observer?.dead({ kind });
}

/** Whether the same delivery may succeed later. Only an error that is certainly the message's own fault counts as its failure. */
function passes({ kind }: OutboxRow, error: unknown): boolean {
  if (kind === 'command') return isTransient(error);
  return !(error instanceof RangeError || isRefusal(error));
}
