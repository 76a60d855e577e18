// Webhooks per second to a server on this machine that accepts each one at once.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '../db/platform/pool.ts';
import type { TenorClient } from '../client/index.ts';

/** The speed of webhooks to one endpoint. */
export interface WebhookSpeed {
  readonly webhooks: number;
  readonly perSecond: number;
}

/** Sends test events to an endpoint, and measures the time from the first request to the last. */
export async function webhookSpeed(
  { api, pool }: { readonly api: TenorClient; readonly pool: Pool },
  webhooks: number,
): Promise<WebhookSpeed> {
  const times: number[] = [];
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      times.push(performance.now());
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { id } = await api.post('/v1/webhook-endpoints', { body: { url, event_types: ['webhook.test'] } });
    await writeEvents(pool, id, webhooks);
    while (times.length < webhooks) await delay(20);
    await api.delete('/v1/webhook-endpoints/{id}', { id });
  } finally {
    server.close();
  }
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  return { webhooks, perSecond: (1_000 * (webhooks - 1)) / (last - first) };
}

/** Writes test events of the endpoint, in one transaction, as if each were of another object. */
async function writeEvents(pool: Pool, endpoint: string, count: number): Promise<void> {
  await pool.query(
    `with written as (
       insert into events (merchant_id, type, object_id, occurred_at, data)
       select w.merchant_id, 'webhook.test', $1 || '-' || n, clock_timestamp(), '{}'
       from webhook_endpoints w cross join generate_series(1, $2::int) n where w.id = $1
       returning merchant_id, id, object_id)
     insert into webhook_deliveries (merchant_id, endpoint_id, event_id, object_id, sequence)
     select merchant_id, $1, id, object_id, 1 from written`,
    [endpoint, count],
  );
}
