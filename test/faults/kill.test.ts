// Real processes are killed and started again, with contracts that have components of every payment mode, usage and a
// waiting one-time charge. Each test ends with exactly one charge per invoice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWorkflows } from '../../temporal/client.ts';
import { repair } from '../../engine/repair/repair.ts';
import { createCatalogue } from '../../dev/demo/catalogue.ts';
import { type TenorClient, all, createClient } from '../../client/index.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { startTenor, type Tenor } from '../../dev/start.ts';
import { temporalClient } from '../../compose.ts';
import { AT_REST, audit } from '../../db/audit/audit.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { createPool, type Pool } from '../../db/platform/pool.ts';
import { rows } from '../support/rows.ts';
import { EVERYTHING, sellEveryKind } from '../support/every-kind.ts';

/** 91.00 at once. A month later 88.00, 5.60 for 12 units of usage, and 30.00 once. All plus 19 %. */
const FIRST = 10_829n;
const SECOND = 14_708n;

let tenor: Tenor;
let pool: Pool;
let api: TenorClient;
let apiKey: string;

beforeAll(async () => {
  tenor = await startTenor({
    dataDir: temporaryDataDir('tenor-faults-'),
    onProgress: () => undefined,
    headless: true,
    durable: false,
    port: 0,
  });
  pool = createPool(tenor.stack.databaseUrl, { max: 4, name: 'faults' });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  apiKey = (await createApiKey(pool, test, 'faults', ['admin'])).key;
  api = createClient({ baseUrl: tenor.apiUrl, apiKey });
  await createCatalogue(api);
  await sellEveryKind(pool, test);
}, 180_000);
afterAll(async () => {
  await pool.end();
  await tenor.stop();
}, 120_000);

const WORKSHOP = {
  text: 'Workshop',
  unit_price: '30.00',
  currency: 'EUR',
  price_mode: 'net',
  tax_policy: 'software',
  bill: 'next_invoice',
} as const;

interface ClockWithContracts {
  readonly clock: string;
  readonly contracts: readonly string[];
}

/**
 * Orders contracts with every kind of component on a new clock. They are billed and charged on 2024-01-01 for the first
 * time. Then each reports 12 units of usage, and has a workshop that waits for its next invoice.
 */
async function orderContracts(count: number): Promise<ClockWithContracts> {
  const { id: clock } = await api.post('/v1/test-clocks', {
    body: { name: 'faults', at: '2024-01-01T09:00:00Z' },
  });
  const contracts: string[] = [];
  for (let n = 1; n <= count; n++) {
    const { contract } = await api.post('/v1/orders', {
      body: {
        customer: { party: { name: `Customer ${n}` }, country: 'DE', time_zone: 'UTC', clock },
        ...EVERYTHING,
        payment_method: { provider: 'sandbox', token: 'card' },
      },
    });
    contracts.push(contract);
    // A slow order is answered before it is decided. Later requests must not get into its first bill.
    await expect
      .poll(() => api.get('/v1/contracts/{id}', { id: contract }).then(({ phase }) => phase), {
        timeout: 30_000,
      })
      .toBe('normal');
    await api.post('/v1/contracts/{id}/usage', {
      id: contract,
      body: { event_id: 'e1', component: 'sum', quantity: 12, at: 'NOW' },
    });
    await api.post('/v1/one-time-charges', { body: { contract, ...WORKSHOP } });
  }
  return { clock, contracts };
}

async function advance(
  { clock }: ClockWithContracts,
  to: string,
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  await api.post('/v1/test-clocks/{id}/advance', { id: clock, body: { to } });
  await meanwhile();
  await expect
    .poll(
      () =>
        api.get('/v1/test-clocks/{id}', { id: clock }).then(
          (read) => read.status,
          () => 'away',
        ),
      { timeout: 150_000, interval: 100 },
    )
    .toBe('ready');
}

/** The number of invoices of a clock, and the charges in the sandbox's own books. */
async function counts({
  clock,
}: ClockWithContracts): Promise<{ invoices: bigint; charged: bigint; minor: bigint }> {
  const [found] = await rows<{ invoices: bigint; charged: bigint; minor: bigint }>(
    pool,
    `select (select count(*) from documents where clock_id = $1) as invoices,
       (select count(*) from sandbox.movements m join sandbox.intents i on i.id = m.intent_id where i.clock_id = $1) as charged,
       (select coalesce(sum(m.amount_minor), 0)::bigint from sandbox.movements m join sandbox.intents i on i.id = m.intent_id where i.clock_id = $1) as minor`,
    [clock],
  );
  if (found === undefined) throw new Error('nothing was counted');
  return found;
}

async function killWorkerAt(moment: string): Promise<void> {
  await tenor.worker.kill('SIGTERM');
  await tenor.worker.start({ TENOR_KILL_AT: moment });
}

/** Ends the connections of API and worker that are executing something, five times. */
async function cutConnections(): Promise<void> {
  const cut = `select count(*)::int as n from (select pg_terminate_backend(pid) from pg_stat_activity
    where application_name ~ '^tenor-(api|worker) ' and state <> 'idle') ended`;
  for (let times = 0; times < 5; times++)
    await expect
      .poll(async () => (await rows<{ n: number }>(pool, cut))[0]?.n, { timeout: 30_000, interval: 5 })
      .toBeGreaterThan(0);
}

describe('a crash (kill -9)', () => {
  it(
    'of the API between the commit of a command and its Update loses nothing and charges once',
    { timeout: 120_000 },
    async () => {
      const one = await orderContracts(1);
      await tenor.api.kill('SIGTERM');
      await tenor.api.start({ TENOR_KILL_AT: 'command:stored' });
      const ended = tenor.api.ended();
      const path = `/v1/contracts/${one.contracts[0]}/commands`;
      const ask = () =>
        fetch(`${tenor.apiUrl}${path}`, {
          method: 'POST',
          headers: {
            authorization: `Bearer ${apiKey}`,
            'content-type': 'application/json',
            'idempotency-key': 'once',
          },
          body: JSON.stringify({
            kind: 'change',
            components: { add: [{ component: 'pre_paid', quantity: 1 }] },
            effective: 'now',
          }),
        });
      await expect(ask()).rejects.toThrow('fetch failed');
      await ended;
      await expect
        .poll(
          () =>
            ask().then(
              (answer) => answer.status,
              () => 0,
            ),
          { timeout: 60_000, interval: 100 },
        )
        .toBe(200);
      await expect
        .poll(() => counts(one), { timeout: 30_000 })
        // 7.00 and the waiting 30.00, plus 19 %.
        .toEqual({ invoices: 2n, charged: 2n, minor: FIRST + 4403n });
      const commands = await all(api.list('/v1/contracts/{id}/commands', { id: one.contracts[0] ?? '' }));
      expect(commands.map(({ kind, state }) => `${kind} ${state}`)).toEqual([
        'order applied',
        'change applied',
      ]);
    },
  );

  it.each([
    ['between the commit of a step and its completion in Temporal', 'settle:committed'],
    ['between the preparation of an attempt and its execution', 'charge:sent'],
    ['between the provider’s success and its commit', 'charge:executed'],
  ])('of the worker %s charges once', { timeout: 180_000 }, async (_when, moment) => {
    const one = await orderContracts(1);
    await killWorkerAt(moment);
    const ended = tenor.worker.ended();
    await advance(one, '2024-02-01T09:00:00Z', async () => ended);
    expect(await counts(one)).toEqual({ invoices: 2n, charged: 2n, minor: FIRST + SECOND });
  });

  it(
    'of the worker while it stores a PDF leaves one PDF, which stays the same',
    { timeout: 120_000 },
    async () => {
      const { contracts } = await orderContracts(1);
      const [invoice] = (await api.get('/v1/invoices', { contract: contracts[0] ?? '' })).data;
      if (invoice === undefined) throw new Error('there is no invoice');
      await killWorkerAt('pdf:storing');
      const ended = tenor.worker.ended();
      const ask = () =>
        fetch(`${tenor.apiUrl}/v1/invoices/${invoice.id}/pdf`, {
          headers: { authorization: `Bearer ${apiKey}` },
        });
      expect((await ask()).status).toBe(202);
      await ended;
      expect((await ask()).status).toBe(202);
      await expect
        .poll(() => ask().then(({ status }) => status), { timeout: 60_000, interval: 200 })
        .toBe(200);
      const [first, second] = [await ask(), await ask()];
      expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
      expect(await second.arrayBuffer()).toEqual(await first.arrayBuffer());
      expect(await rows(pool, 'select object_id from pdfs')).toEqual([{ object_id: invoice.id }]);
      expect(await rows(pool, 'select object_id from pdf_requests')).toEqual([]);
    },
  );

  it.each([
    [
      'Temporal',
      async () => {
        await tenor.stack.killTemporal('SIGKILL');
        await tenor.stack.restartTemporal();
      },
    ],
    [
      'Postgres',
      async () => {
        await tenor.stack.killPostgres('SIGKILL');
        await tenor.stack.restartPostgres();
      },
    ],
    ['every connection to Postgres', cutConnections],
  ])(
    'of %s in the middle of 50 renewals charges each invoice once',
    { timeout: 240_000 },
    async (_name, kill) => {
      const pids = [tenor.api.pid(), tenor.worker.pid()];
      const fifty = await orderContracts(50);
      // Orders are answered before their charges are finished.
      await expect
        .poll(() => counts(fifty), { timeout: 30_000 })
        .toEqual({ invoices: 50n, charged: 50n, minor: 50n * FIRST });
      await advance(fifty, '2024-02-01T09:00:00Z', async () => {
        await expect
          .poll(async () => (await counts(fifty)).invoices > 55n, { timeout: 60_000, interval: 5 })
          .toBe(true);
        await kill();
      });
      expect(await counts(fifty)).toEqual({ invoices: 100n, charged: 100n, minor: 50n * (FIRST + SECOND) });
      expect([tenor.api.pid(), tenor.worker.pid()]).toEqual(pids); // API and worker reconnect without a restart
    },
  );

  it(
    'of Temporal that loses all its data between two bills of 50 contracts is repaired by `repair`',
    { timeout: 240_000 },
    async () => {
      const fifty = await orderContracts(50);
      await advance(fifty, '2024-01-20T09:00:00Z');
      await tenor.stack.wipeTemporal();
      const { temporalAddress, temporalNamespace } = tenor.stack;
      const client = temporalClient({ temporalAddress, temporalNamespace, temporalConnection: null });
      const { repaired, failed } = await repair(
        { pool, workflows: createWorkflows(client) },
        { dryRun: false },
      );
      await client.connection.close();
      expect(failed).toEqual([]);
      for (const contract of fifty.contracts) {
        expect(repaired.map((each) => each.workflow_id)).toContain(`contract/${contract}`);
      }
      await advance(fifty, '2024-02-01T09:00:00Z');
      expect(await counts(fifty)).toEqual({ invoices: 100n, charged: 100n, minor: 50n * (FIRST + SECOND) });
    },
  );

  it('leaves books without findings, in which each invoice was charged once', async () => {
    expect(await audit(pool, AT_REST)).toEqual([]);
    const charges = `select count(*)::int as n from (select d.id from documents d
      left join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
      left join attempts t on t.merchant_id = r.merchant_id and t.receivable_id = r.id
      left join sandbox.movements m on m.intent_id = t.provider_object
      group by d.merchant_id, d.id having count(m.id) = 1) charged`;
    // Four tests with one contract, four with fifty contracts, and two invoices for each contract. One contract has one invoice.
    const n = 2 * (4 + 200) + 1;
    expect(await rows(pool, charges)).toEqual([{ n }]);
    expect(await rows(pool, 'select count(*)::int as n from documents')).toEqual([{ n }]);
  });

  // After the test of the books, which counts all documents.
  it(
    'of the worker after the mail server has accepted a mail sends it again, under the same Message-ID',
    { timeout: 240_000 },
    async () => {
      for await (const { id } of api.list('/v1/issuers')) {
        const body = { mail_enabled: true, mail_from: 'billing@wolkenwerk.example' };
        await api.patch('/v1/issuers/{id}', { id, body });
      }
      await killWorkerAt('mail:accepted');
      const ended = tenor.worker.ended();
      const party = { name: 'Ada', email: 'ada@nordlicht.example' };
      const order = await api.post('/v1/orders', {
        body: { customer: { party, country: 'DE', time_zone: 'UTC' }, ...EVERYTHING },
      });
      await ended;
      // Another worker takes the mail when the lease of the dead one is over.
      await rows(pool, 'update mails set lease_until = clock_timestamp() where lease_until is not null');
      const mails = async () => (await api.get('/v1/mails', { customer: order.customer })).data;
      await expect
        .poll(async () => (await mails()).map(({ purpose, state, tries }) => [purpose, state, tries]), {
          timeout: 150_000,
        })
        .toEqual([['invoice', 'sent', 2]]);
      const [mail] = await mails();
      const sent = (tenor.inbox?.mails ?? []).filter(
        ({ headers }) => headers.get('x-tenor-mail') === mail?.id,
      );
      const messageId = `<${mail?.id}@tenor.localhost>`;
      expect(sent.map((each) => each.messageId)).toEqual([messageId, messageId]);
      const { log } = await api.get('/v1/mails/{id}', { id: mail?.id ?? '' });
      expect(log.map(({ outcome }) => outcome)).toEqual([null, 'accepted']);
      expect(sent.map(({ attachments }) => attachments[0]?.contentType)).toEqual([
        'application/pdf',
        'application/pdf',
      ]);
    },
  );
});
