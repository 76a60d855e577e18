import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { deleteClock } from './engine/clock.ts';
import { createReach } from './temporal/client.ts';
import { createApp } from './api/app.ts';
import { createEngine } from './engine/create.ts';
import { type Parts, compose, createLog, killedAt, placesOf, temporalClient } from './compose.ts';
import { loadConfig } from './config.ts';

export const VERSION = '0.1.0';

/** The API, listening. */
export interface RunningApi {
  readonly url: string;
  stop(): Promise<void>;
}

export interface ApiOptions {
  readonly host: string;
  readonly port: number;
  /** Checks every answer against its schema; for tests. */
  readonly checkAnswers?: boolean;
  readonly reached?: (moment: string) => void;
}

/** Starts the API on a loopback port (0: any free one). */
export async function startApi(
  parts: Parts,
  client: Client,
  { host, port, checkAnswers = false, reached = () => undefined }: ApiOptions,
): Promise<RunningApi> {
  const { pool, vault, providers, log } = parts;
  const reach = createReach(client);
  const engine = createEngine({
    pool,
    vault,
    providers,
    reach,
    reached,
    deleteClock: (merchant, clockId) => deleteClock({ pool, reach }, merchant, clockId),
  });
  const app = createApp({ pool, vault, providers, engine, log, version: VERSION, checkAnswers });
  const server = await new Promise<Server>((resolve, reject) => {
    const listening: Server = app.listen(port, host, (error?: Error) =>
      error ? reject(error) : resolve(listening),
    );
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host}:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

async function main(): Promise<void> {
  const config = loadConfig();
  const places = placesOf(config);
  const log = createLog(config.logLevel);
  const parts = compose(places, log, { name: 'tenor-api' });
  const api = await startApi(parts, temporalClient(places), {
    host: config.host,
    port: config.port,
    reached: killedAt(config.killAt),
  });
  console.log(`api ready at ${api.url}`); // whatever the level of the log: who started it waits for this line
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await api.stop();
  await parts.pool.end();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
