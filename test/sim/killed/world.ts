import { createApiKey } from '../../../db/parties/api-keys.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { pickPort } from '../../../dev/embedded/ports.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import { createWorkflows } from '../../../temporal/client.ts';
import { type Places, temporalClient } from '../../../compose.ts';
import { PATIENT, guardBooks } from '../books.ts';
import { Chance } from '../random.ts';
import type { World } from '../servers.ts';
import { type Asked, countAsked } from './asked.ts';
import { findingsAtRest } from './at-rest.ts';
import { startBalancer } from './balancer.ts';
import { clientOf } from './client.ts';
import { type Pace, faultsOf } from './faults.ts';
import { Killer } from './killer.ts';
import { Replica } from './replica.ts';

export interface KilledWorldOptions {
  /** The folder with the image's contents, whose commands are run. */
  readonly image: string;
  readonly places: Omit<Places, 'apiUrl' | 'temporalConnection'>;
  /** Decides which fault happens at which request. */
  readonly seed: number;
  readonly pace: Pace;
}

/** A world of processes that are killed, with the faults so far. */
export interface KilledWorld extends World {
  /** A line for each fault, in their order. */
  readonly faults: readonly string[];
}

/**
 * A world with two APIs and two workers as processes. Every few requests, one of them is killed and starts again, or all
 * lose their connections to Postgres. Clients use the APIs in turn, and the provider's webhooks reach whichever API runs.
 */
export async function killedWorld({ image, places, seed, pace }: KilledWorldOptions): Promise<KilledWorld> {
  const ports = [await pickPort(), await pickPort()];
  const balancer = await startBalancer(ports);
  const processes = await startProcesses(image, environmentOf(places, balancer.url), ports);
  const pool = createPool(places.databaseUrl, { max: 4, name: 'sim', limits: PATIENT });
  await guardBooks(pool);
  const client = temporalClient({ ...places, temporalConnection: null });
  const killer = new Killer(processes, faultsOf(new Chance(seed), pace), () =>
    rows(
      pool,
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'tenor-%' and datname = current_database()`,
    ),
  );
  const errors: object[] = [];
  const asked = new Map<MerchantId, Asked>();
  const urls = ports.map((port) => `http://127.0.0.1:${port}`);
  return {
    databaseUrl: places.databaseUrl,
    pool,
    faults: killer.done,
    advance: null,
    sandbox: createSandbox({
      pool,
      webhookUrl: balancer.url,
      webhookSecret: 'only the customer is played here',
    }),
    api: {
      errors,
      async caller(merchant, scopes = ['admin']) {
        const counted = { commands: 0, receipts: 0, charges: 0, methods: 0 };
        asked.set(merchant, counted);
        const { key } = await createApiKey(pool, merchant, 'sim', scopes);
        const changed = countAsked.bind(null, counted);
        return clientOf({ urls, beforeChange: () => killer.request(), changed }, key);
      },
      async stop() {
        await killer.stop();
        await Promise.all(processes.map((each) => each.stop()));
        errors.push(...processes.flatMap(({ faults }) => faults.map((fault) => ({ fault }))));
        await client.connection.close();
        await pool.end();
        await balancer.stop();
      },
    },
    atRest: (merchant) => findingsAtRest(pool, createWorkflows(client), merchant, asked.get(merchant)!),
  };
}

function environmentOf(
  { databaseUrl, temporalAddress, temporalNamespace, masterKey }: KilledWorldOptions['places'],
  sandboxUrl: string,
): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace,
    TENOR_MASTER_KEY: masterKey,
    TENOR_SANDBOX_URL: sandboxUrl,
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
  };
}

/** Two APIs and two workers, by the commands of docker-compose.yml. */
async function startProcesses(
  image: string,
  environment: Readonly<Record<string, string>>,
  ports: readonly number[],
): Promise<Replica[]> {
  const apis = ports.map(
    (port, n) =>
      new Replica({
        name: `api ${n}`,
        image,
        command: ['node', 'dist/server.js'],
        environment: { ...environment, PORT: String(port) },
        ready: 'api ready',
      }),
  );
  const workers = [0, 1].map(
    (n) =>
      new Replica({
        name: `worker ${n}`,
        image,
        command: ['node', 'dist/worker.js'],
        environment,
        ready: 'worker ready',
      }),
  );
  const all = [...apis, ...workers];
  await Promise.all(all.map((each) => each.start()));
  return all;
}
