import type { MerchantId } from '../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { insertEndpointEvent } from '../../db/webhooks/deliveries.ts';
import { disableEndpoint } from '../../db/webhooks/endpoints.ts';
import {
  type LoggedTry,
  type WebhookKey,
  lockFailedWebhook,
  storeAccepted,
  storeFailed,
} from '../../db/webhooks/queue.ts';
import { afterFailedTry } from '../../domain/webhooks/retries.ts';

/** The outcome of a try to send a webhook. */
export interface TriedWebhook {
  readonly merchant: MerchantId;
  readonly key: WebhookKey;
  /** The number of the claim under which it was sent. */
  readonly tries: number;
  readonly accepted: boolean;
  readonly logged: LoggedTry;
  /** The pause in seconds that the answer asks for. */
  readonly retryAfter: number | null;
  /** A number from 0 to 1. */
  readonly chance: number;
}

/** The recorded outcome. `lost`: another relay has claimed the webhook since, or the webhook is done or deleted. */
export type RecordedWebhook = 'accepted' | 'failed' | 'dead' | 'disabled' | 'lost';

/** Records a try. `afterFailedTry` decides what follows a failure. If it disables the endpoint, an event is written. */
export async function recordTry(pool: Pool, tried: TriedWebhook): Promise<RecordedWebhook> {
  const { merchant, key, logged } = tried;
  if (tried.accepted) {
    await storeAccepted(pool, merchant, key, logged);
    return 'accepted';
  }
  return inTransaction(pool, async (tx) => {
    const locked = await lockFailedWebhook(tx, merchant, key, tried.tries);
    if (locked === null) return 'lost';
    const after = afterFailedTry({
      ...locked,
      chance: tried.chance,
      status: logged.status,
      retryAfter: tried.retryAfter,
    });
    const dead = after.webhook === 'dead';
    await storeFailed(tx, merchant, key, logged, { ...after, dead });
    if (after.disables === null || !locked.enabled) return dead ? 'dead' : 'failed';
    await disableEndpoint(tx, merchant, key.endpoint, after.disables);
    const { url, failing_since } = locked;
    await insertEndpointEvent(tx, merchant, key.endpoint, {
      type: 'webhook_endpoint.disabled',
      data: { url, failing_since, error: logged.error },
    });
    return 'disabled';
  });
}
