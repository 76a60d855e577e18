// A real worker is killed between the answer to a webhook and its record. The receiver of the guide runs as a process of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TenorClient, createClient } from '../../client/index.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { createMerchant } from '../../db/parties/merchants.ts';
import { type Pool, createPool } from '../../db/platform/pool.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { type Tenor, startTenor } from '../../dev/start.ts';
import { startReceiver } from '../support/receiver.ts';
import { rows } from '../support/rows.ts';

let tenor: Tenor;
let pool: Pool;
let api: TenorClient;

beforeAll(async () => {
  tenor = await startTenor({
    dataDir: temporaryDataDir('tenor-webhooks-'),
    onProgress: () => undefined,
    headless: true,
    durable: false,
    port: 0,
  });
  pool = createPool(tenor.stack.databaseUrl, { max: 2, name: 'webhooks' });
  const { test } = await createMerchant(pool, 'Wolkenwerk');
  const { key } = await createApiKey(pool, test, 'webhooks', ['admin']);
  api = createClient({ baseUrl: tenor.apiUrl, apiKey: key });
}, 180_000);
afterAll(async () => {
  await pool.end();
  await tenor.stop();
}, 120_000);

const stateOf = async (endpoint: string, event: string): Promise<string> => {
  const { state } = await api.get('/v1/webhook-endpoints/{id}/deliveries/{event}', { id: endpoint, event });
  return state;
};

it(
  'a worker that dies after a webhook was answered and before that is recorded sends it again with the same id (rule 52)',
  { timeout: 120_000 },
  async () => {
    const receiver = await startReceiver();
    const { id } = await api.post('/v1/webhook-endpoints', { body: { url: receiver.url } });
    await tenor.worker.kill('SIGTERM');
    const { event } = await api.post('/v1/webhook-endpoints/{id}/test', { id });
    await tenor.worker.start({ TENOR_KILL_AT: 'webhook:answered' });
    // The supervisor starts it again without the kill.
    await tenor.worker.ended();
    expect(receiver.received.map((each) => each.id)).toEqual([event]);
    expect(await stateOf(id, event)).toBe('waiting');
    await rows(pool, `update webhook_deliveries set lease_until = clock_timestamp() where event_id = $1`, [
      event,
    ]);
    await expect
      .poll(() => receiver.received.map((each) => each.id), { timeout: 60_000 })
      .toEqual([event, event]);
    await expect.poll(() => stateOf(id, event), { timeout: 10_000 }).toBe('delivered');
    const [first, second] = receiver.received.map(({ headers }) => Number(headers['webhook-timestamp']));
    expect(second).toBeGreaterThanOrEqual(first ?? 0);
    await receiver.stop();
  },
);

it(
  'the receiver of the guide prints each event once, and refuses a request with another signature',
  { timeout: 60_000 },
  async () => {
    const [, program = ''] =
      /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/guides/webhooks.md', 'utf8')) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'tenor-receiver-'));
    const file = join(folder, 'receiver.mts');
    writeFileSync(file, program.replace("'tenor-client'", `'${resolve('client/index.ts')}'`));
    const url = `http://127.0.0.1:${await pickPort()}/`;
    const { id, secret } = await api.post('/v1/webhook-endpoints', { body: { url } });
    const child = spawn(process.execPath, ['--import', 'tsx', file], {
      env: { PATH: '/usr/bin:/bin', PORT: new URL(url).port, WEBHOOK_SECRET: secret ?? '' },
    });
    try {
      let printed = '';
      child.stdout.on('data', (part: Buffer) => void (printed += part.toString()));
      await expect.poll(() => printed, { timeout: 20_000 }).toBe('listening\n');
      const { event } = await api.post('/v1/webhook-endpoints/{id}/test', { id });
      await expect.poll(() => stateOf(id, event), { timeout: 20_000 }).toBe('delivered');
      await api.post('/v1/webhook-endpoints/{id}/deliveries/{event}/replay', { id, event });
      await expect
        .poll(
          async () =>
            (await api.get('/v1/webhook-endpoints/{id}/deliveries/{event}', { id, event })).log.map(
              ({ status }) => status,
            ),
          { timeout: 20_000 },
        )
        .toEqual([204, 204]);
      expect(printed).toBe(`listening\nwebhook.test ${id} 1\n`);
      const forged = await fetch(url, {
        method: 'POST',
        headers: {
          'webhook-id': event,
          'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
          'webhook-signature': 'v1,AAAA',
        },
        body: '{}',
      });
      expect(forged.status).toBe(400);
    } finally {
      child.kill();
      rmSync(folder, { recursive: true });
    }
  },
);
