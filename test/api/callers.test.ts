// The API as `server.ts` starts it: with the configured limits and its own connection pools.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Parts, compose, temporalClient } from '../../compose.ts';
import { loadConfig } from '../../config.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { endPools } from '../../db/platform/pools.ts';
import { type RunningApi, startApi } from '../../server.ts';
import { createLog } from '../../telemetry/log.ts';
import { type Metrics, createMetrics } from '../../telemetry/metrics.ts';
import { createTestPool } from '../support/fixtures.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let parts: Parts;
let metrics: Metrics;
let api: RunningApi;
let client: ReturnType<typeof temporalClient>;
beforeAll(async () => {
  database = await createTestPool();
  const places = {
    databaseUrl: database.url,
    temporalAddress: '127.0.0.1:1',
    temporalNamespace: 'default',
    temporalConnection: null,
    masterKey: Buffer.alloc(32, 7).toString('base64'),
    apiUrl: 'http://127.0.0.1:1',
  };
  const { connections, requests } = loadConfig({});
  const sizes = { ...connections, main: connections.commands };
  parts = compose(places, createLog('warn'), { name: 'test', sizes, connectMs: 5_000 });
  metrics = createMetrics({
    pools: () => [],
    notReady: () => Promise.resolve(null),
    loadBacklog: () => Promise.resolve([]),
  });
  client = temporalClient(places);
  api = await startApi(parts, client, {
    host: '127.0.0.1',
    port: 0,
    metrics,
    requests: { ...requests, callers: 1 },
  });
});
afterAll(async () => {
  await api.stop();
  await client.connection.close();
  await endPools(parts.pools);
  await database.close();
});

describe('a process of the API', () => {
  it('answers with the rate limits of the key and of its merchant', async () => {
    const { live } = await createMerchant(database.pool, 'Wolkenwerk');
    const { key } = await createApiKey(database.pool, live, 'test', ['read']);
    const headers = { authorization: `Bearer ${key}`, connection: 'close' };
    const answer = await fetch(`${api.url}/v1/customers`, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('ratelimit-policy')).toBe('"key";q=200;w=2, "merchant";q=600;w=2');
    // One token was used, unless it has come back already.
    expect(answer.headers.get('ratelimit')).toMatch(/^"key";r=(199;t=1|200), "merchant";r=(599;t=1|600)$/);
    await answer.text();
  });

  it('answers ten pipelined requests of a connection, and closes the connection at the eleventh', async () => {
    expect(await statusesOf(10)).toEqual(Array.from({ length: 10 }, () => 401));
    expect(await statusesOf(1_000)).toEqual([]);
    expect(await metrics.text()).toContain('tenor_rate_limited_total{limit="pipelined",mode="unknown"} 1');
  });

  it('reports how many calculations run, how many wait, and how long they waited', async () => {
    const shown = (await metrics.text()).split('\n').filter((line) => line.startsWith('tenor_calculation'));
    expect(shown.filter((line) => !line.includes('_bucket'))).toEqual([
      'tenor_calculations_running 0',
      'tenor_calculations_waiting 0',
      'tenor_calculation_wait_seconds_sum 0',
      'tenor_calculation_wait_seconds_count 0',
    ]);
  });

  it('closes connections above its limit, and counts them', async () => {
    const port = Number(new URL(api.url).port);
    const first = connect(port, '127.0.0.1');
    await once(first, 'connect');
    const second = connect(port, '127.0.0.1');
    second.on('error', () => undefined);
    await once(second, 'close');
    expect(await metrics.text()).toContain('tenor_rate_limited_total{limit="callers",mode="unknown"} 1');
    first.destroy();
    await expect
      .poll(() => fetch(`${api.url}/healthz`).then(({ status }) => status, String), { interval: 20 })
      .toBe(200);
  });
});

/** Sends the given number of requests over one connection without waiting for answers, and reads until it is closed. */
async function statusesOf(requests: number): Promise<number[]> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  const request = (closing: boolean): string =>
    `GET /v1/customers HTTP/1.1\r\nHost: tenor\r\n${closing ? 'Connection: close\r\n' : ''}\r\n`;
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined);
  socket.write(Array.from({ length: requests }, (_, n) => request(n === requests - 1)).join(''));
  await once(socket, 'close');
  return [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
}
