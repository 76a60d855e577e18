// Each alert is caused by a fault of real processes. A real Prometheus sees it fire within its time. The test does what
// docs/operations.md advises, and the alert ends. A minute of deploy/alerts.yml is a second here.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { discardOutbox, listOutbox } from '../../cli/outbox.ts';
import { temporalClient } from '../../compose.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Pool, createPool } from '../../db/platform/pool.ts';
import { pngLogo } from '../support/logos.ts';
import { rows } from '../support/rows.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TenorClient, TenorProblem, all, createClient } from '../../client/index.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { type Tenor, startTenor } from '../../dev/start.ts';
import { repair } from '../../engine/repair/repair.ts';
import { createWorkflows } from '../../temporal/client.ts';
import { TASK_QUEUE } from '../../temporal/ids.ts';
import { startPrometheus } from './prometheus.ts';

let tenor: Tenor;
let pool: Pool;
let api: TenorClient;
let apiKey: string;
let client: ReturnType<typeof temporalClient>;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;

beforeAll(async () => {
  tenor = await startTenor({
    dataDir: temporaryDataDir('tenor-alerts-'),
    onProgress: () => undefined,
    headless: true,
    durable: false,
    port: 0,
    hangMs: 18_000,
  });
  pool = createPool(tenor.stack.databaseUrl, { max: 8, name: 'alerts' });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  apiKey = (await createApiKey(pool, test, 'alerts', ['admin'])).key;
  api = createClient({ baseUrl: tenor.apiUrl, apiKey, retries: 0 });
  await createCatalogue(api);
  const { temporalAddress, temporalNamespace } = tenor.stack;
  client = temporalClient({ temporalAddress, temporalNamespace, temporalConnection: null });
  prometheus = await startPrometheus({
    'tenor-api': tenor.api.probeUrl,
    'tenor-worker': tenor.worker.probeUrl,
  });
}, 300_000);
afterAll(async () => {
  await prometheus.stop();
  await client.connection.close();
  await pool.end();
  await tenor.stop();
  await rm(tenor.stack.dataDir, { recursive: true });
}, 120_000);

/** More than the time of any alert here, also on a busy machine. */
const PATIENCE_MS = 90_000;

/** Waits for a condition. `expect.poll` does not support concurrent tests. */
async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isTrue()); await delay(250))
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS} ms`);
}

async function fires(alert: string): Promise<void> {
  await until(`${alert} fires`, async () => (await prometheus.firing()).includes(alert));
}

async function ends(alert: string): Promise<void> {
  await until(`${alert} ends`, async () => !(await prometheus.firing()).includes(alert));
}

let people = 0;
const customer = (country: string, clock?: string) => ({
  party: { name: `Customer ${++people}` },
  country,
  time_zone: 'Europe/Berlin',
  ...(clock === undefined ? {} : { clock }),
});

/** Places an order and waits until it is billed. Returns the contract. */
async function order(token = 'card', country = 'DE', clock?: string): Promise<string> {
  const { contract } = await api.post('/v1/orders', {
    body: {
      customer: customer(country, clock),
      variant: 'pro-monthly',
      payment_method: { provider: 'sandbox', token },
    },
  });
  const phase = async () => (await api.get('/v1/contracts/{id}', { id: contract })).phase;
  await until('the order is billed', async () => (await phase()) === 'normal');
  return contract;
}

/** Runs a statement without triggers, which keep rows from being lost and rates that are in force from being changed. */
async function withoutTriggers(sql: string): Promise<void> {
  const owner = await pool.connect();
  await owner.query(`begin; set local session_replication_role = replica; ${sql}; commit`);
  owner.release();
}

/** Sets the first day of Luxembourg's tax rate. */
const setRate = (validFrom: string): Promise<void> =>
  withoutTriggers(`update tax_rates set valid_from = '${validFrom}' where country = 'LU'`);

/** Runs `work` while a forgotten transaction locks a table. `endIt` ends that session, as an operator would. */
async function withLocked(
  table: string,
  work: (endIt: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const holder = await pool.connect();
  try {
    await holder.query(`set idle_in_transaction_session_timeout = 0`);
    await holder.query(`begin; lock table ${table} in access exclusive mode`);
    const [found] = await rows<{ pid: number }>(holder, 'select pg_backend_pid() as pid');
    await work(() => rows(pool, 'select pg_terminate_backend($1)', [found?.pid]));
  } finally {
    holder.release(true);
  }
}

describe.concurrent('waiting work causes', () => {
  it('TenorIncidentOpen and TenorClockStuck, if a contract cannot be billed', async () => {
    const { id } = await api.post('/v1/test-clocks', { body: { name: 'C', at: '2024-01-01T09:00:00Z' } });
    await order('card', 'LU', id);
    await setRate('2090-01-01');
    await api.post('/v1/test-clocks/{id}/advance', { id, body: { to: '2024-02-02T09:00:00Z' } });
    await fires('TenorIncidentOpen');
    await fires('TenorClockStuck');
    const [incident] = await all(api.list('/v1/incidents', { state: 'open' }));
    expect(incident?.reason).toContain('LU');
    await setRate('2020-01-01');
    await api.post('/v1/incidents/{id}/retry', { id: incident?.id ?? '' });
    await ends('TenorIncidentOpen');
    await api.post('/v1/test-clocks/{id}/advance', { id, body: { to: '2024-02-02T09:00:00Z' } });
    await ends('TenorClockStuck');
  });

  it('TenorChargeUnanswered, if a provider does not answer, until a look-up finds the outcome', async () => {
    await order('card;late=charged');
    await fires('TenorChargeUnanswered');
    await ends('TenorChargeUnanswered');
  });

  it('TenorMessageFailing, if a message cannot be delivered and becomes a dead letter', async () => {
    const [message] = await rows<{ id: bigint }>(
      pool,
      `insert into outbox (merchant_id, kind, object, tries, failures)
       select id, 'wake', 'nonsense', 9, 9 from merchants limit 1 returning id`,
    );
    await fires('TenorMessageFailing');
    const printed: string[] = [];
    expect(await listOutbox(pool, (line) => void printed.push(line))).toBe(1);
    expect(printed.join('\n')).toContain('nonsense');
    expect(await discardOutbox(pool, [String(message?.id)], () => undefined)).toBe(0);
    await ends('TenorMessageFailing');
  });

  it('TenorPdfFailing, if the picture of a logo is lost, until it is there again', async () => {
    const [issuer] = await all(api.list('/v1/issuers'));
    const logo = pngLogo(30, 10).toString('base64');
    await api.patch('/v1/issuers/{id}', { id: issuer?.id ?? '', body: { logo } });
    const [invoice] = await all(api.list('/v1/invoices', { contract: await order() }));
    await rows(pool, `create table lost as select * from logos`);
    await withoutTriggers('delete from logos');
    const pdf = () => api.get('/v1/invoices/{id}/pdf', { id: invoice?.id ?? '' });
    const tryNow = () => rows(pool, 'update pdf_requests set due_at = now()');
    let problem: unknown = null;
    await until('the PDF has failed', async () => {
      problem = await pdf().catch((error: unknown) => error);
      await tryNow();
      return problem instanceof TenorProblem && problem.code === 'pdf_failed';
    });
    await fires('TenorPdfFailing');
    const failing = 'select object_id, last_error from pdf_requests where tries >= 5';
    expect(await rows(pool, failing)).toMatchObject([
      { object_id: invoice?.id, last_error: expect.stringContaining('logo') },
    ]);
    await rows(pool, `insert into logos select * from lost`);
    await tryNow();
    await ends('TenorPdfFailing');
    expect((await pdf()).length).toBeGreaterThan(1_000);
  });

  it('TenorWorkflowFailing, if the code does not know the type of a workflow', async () => {
    const handle = await client.workflow.start('unknown', { workflowId: 'unknown', taskQueue: TASK_QUEUE });
    await fires('TenorWorkflowFailing');
    await until('the log names the workflow', async () => {
      const log = await readFile(join(tenor.stack.dataDir, 'worker.log'), 'utf8');
      return /"level":50.*"workflowId":"unknown"/.test(log);
    });
    await handle.terminate();
    await ends('TenorWorkflowFailing');
  });
});

describe('a missing process causes', () => {
  it('TenorWorkerGone, TenorWorkOverdue and TenorOutboxLate, if it is the worker', async () => {
    const contract = await order();
    await tenor.worker.kill('SIGKILL');
    // The contract is due, and another order arrives.
    await rows(pool, `update agenda set due_at = clock_timestamp() where workflow_id = $1`, [
      `contract/${contract}`,
    ]);
    await api.post('/v1/orders', { body: { customer: customer('DE'), variant: 'pro-monthly' } });
    for (const alert of ['TenorWorkerGone', 'TenorOutboxLate', 'TenorWorkOverdue']) await fires(alert);
    await tenor.worker.start();
    await ends('TenorWorkerGone');
    await ends('TenorOutboxLate');
    await repair({ pool, workflows: createWorkflows(client) }, { dryRun: false });
    await ends('TenorWorkOverdue');
  });

  it('TenorMailServerGone, if it is the mail server', async () => {
    for (const { id } of await all(api.list('/v1/issuers'))) {
      const body = { mail_enabled: true, mail_from: 'billing@wolkenwerk.example' };
      await api.patch('/v1/issuers/{id}', { id, body });
    }
    await tenor.worker.kill('SIGTERM');
    await tenor.worker.start({ TENOR_SMTP_URL: 'smtp://127.0.0.1:1?tls=disable' });
    const party = { name: 'Ada', email: 'ada@nordlicht.example' };
    await api.post('/v1/orders', {
      body: { customer: { ...customer('DE'), party }, variant: 'pro-monthly' },
    });
    await fires('TenorMailServerGone');
    await tenor.worker.kill('SIGTERM');
    await tenor.worker.start();
    await rows(pool, `update mails set due_at = clock_timestamp() where state = 'queued'`);
    await ends('TenorMailServerGone');
    expect(tenor.inbox?.mails.length).toBeGreaterThan(0);
  });

  it('TenorApiGone, if it is the API', async () => {
    await tenor.api.kill('SIGKILL');
    await fires('TenorApiGone');
    await tenor.api.start();
    await ends('TenorApiGone');
  });
});

describe('a process that hangs', () => {
  it('is ended by its supervisor and started again', async () => {
    const before = tenor.worker.pid();
    process.kill(before, 'SIGSTOP');
    const isReady = (): Promise<boolean> =>
      fetch(`${tenor.worker.probeUrl}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
        ({ ok }) => ok,
        () => false,
      );
    await until('another worker is ready', async () => tenor.worker.pid() !== before && (await isReady()));
  });
});

describe('a process with problems causes', () => {
  it('TenorNotReady, if the schema is too new for it', async () => {
    await rows(
      pool,
      `insert into migrations (name, sha256, breaking) values ('9999_later.sql', '', 'titles are gone')`,
    );
    await fires('TenorNotReady');
    await rows(pool, `delete from migrations where name = '9999_later.sql'`);
    await ends('TenorNotReady');
  });

  it('TenorBacklogUnknown, if the agenda is locked', async () => {
    await withLocked('agenda', async (endIt) => {
      await fires('TenorBacklogUnknown');
      await endIt();
      await ends('TenorBacklogUnknown');
    });
  });

  it('TenorPoolExhausted and TenorApiErrors, if requests wait for a lock on all connections', async () => {
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      while (!stop.signal.aborted) await api.get('/v1/contracts', { limit: 1 }).catch(() => delay(20));
    };
    // The API knows the key after this request, and looks it up for each of the next ones. Requests with an unknown key share a look-up.
    await api.get('/v1/contracts', { limit: 1 });
    const callers = Array.from({ length: 60 }, ask);
    try {
      await withLocked('api_keys', async (endIt) => {
        await fires('TenorPoolExhausted');
        await fires('TenorApiErrors');
        await endIt();
      });
    } finally {
      stop.abort();
      await Promise.all(callers);
    }
    await ends('TenorPoolExhausted');
    await ends('TenorApiErrors');
  });

  it('TenorEventLoopSlow, if it gets too little processor time', async () => {
    const stop = new AbortController();
    const pauses = (async () => {
      while (!stop.signal.aborted) {
        process.kill(tenor.api.pid(), 'SIGSTOP');
        await delay(800);
        process.kill(tenor.api.pid(), 'SIGCONT');
        await delay(300);
      }
    })();
    await fires('TenorEventLoopSlow').finally(() => stop.abort());
    await pauses;
    await ends('TenorEventLoopSlow');
  });
});
