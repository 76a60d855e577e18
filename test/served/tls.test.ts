// TLS with certificates of an authority that the test creates: Postgres with `ssl = on`, and Temporal behind a listener that
// ends TLS and requires a client certificate, as Temporal's development server has no TLS.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { type Server, createServer } from 'node:tls';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../config.ts';
import { temporaryDataDir } from '../../dev/embedded/files.ts';
import { pickPort } from '../../dev/embedded/ports.ts';
import { type Stack, startStack } from '../../dev/embedded/stack.ts';

const folder = temporaryDataDir('tenor-tls-');
const file = (name: string): string => `${folder}/${name}`;
let stack: Stack;
let listener: Server;

beforeAll(async () => {
  const config = { ...loadConfig(), databaseUrl: null, temporalAddress: null, masterKey: null };
  const options = { dataDir: file('servers'), headless: true, durable: false, onProgress: () => undefined };
  stack = await startStack({ ...options, config });
  for (const authority of ['ca', 'other-ca']) makeAuthority(authority);
  for (const name of ['server', 'client']) makeCertificate(name);
  await encryptPostgres();
  const [host, port] = stack.temporalAddress.split(':');
  listener = createServer(
    {
      key: readFileSync(file('server.key')),
      cert: readFileSync(file('server.pem')),
      ca: readFileSync(file('ca.pem')),
      requestCert: true,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
    },
    (socket) => {
      const plain = connect(Number(port), host);
      for (const [one, other] of [
        [socket, plain],
        [plain, socket],
      ] as const)
        one.on('error', () => other.destroy()).pipe(other);
    },
  );
  listener.on('tlsClientError', () => undefined); // a client that does not trust the server, or has no certificate
  await new Promise<void>((resolve) => {
    listener.listen(0, '127.0.0.1', resolve);
  });
}, 120_000);

afterAll(async () => {
  listener?.close();
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function makeAuthority(name: string): void {
  openssl('req', '-x509', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.pem`, '-subj', `/CN=${name}`);
}

/** Creates a certificate that `ca` signs, for the name `localhost` and no address. */
function makeCertificate(name: string): void {
  openssl(
    'req',
    ...KEY,
    '-keyout',
    `${name}.key`,
    '-out',
    `${name}.csr`,
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  );
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-copy_extensions',
    'copy',
    '-out',
    `${name}.pem`,
  );
}

/** Turns TLS on. The server's own user writes the files, so that only it can read the key. */
async function encryptPostgres(): Promise<void> {
  const admin = new Client({ connectionString: stack.databaseUrl });
  await admin.connect();
  for (const name of ['server.key', 'server.pem']) {
    const lines = readFileSync(file(name), 'utf8').trim();
    await admin.query(
      `copy (select unnest(string_to_array('${lines}', chr(10)))) to program 'umask 077; cat > ${name}'`,
    );
  }
  await admin.query(`alter system set ssl_cert_file = 'server.pem'`);
  await admin.query(`alter system set ssl_key_file = 'server.key'`);
  await admin.query(`alter system set ssl = on`);
  await admin.query('select pg_reload_conf()');
  await admin.end();
}

interface Trust {
  readonly postgresCa?: string;
  readonly postgresHost?: string;
  readonly temporalCa?: string;
}

async function environment({ postgresCa = 'ca', postgresHost = 'localhost', temporalCa = 'ca' }: Trust = {}) {
  const url = new URL(stack.databaseUrl);
  url.hostname = postgresHost;
  url.search = `sslmode=verify-full&sslrootcert=${file(`${postgresCa}.pem`)}`;
  return {
    PATH: '/usr/bin:/bin',
    HOME: folder,
    DATABASE_URL: url.href,
    TEMPORAL_ADDRESS: `localhost:${(listener.address() as AddressInfo).port}`,
    TEMPORAL_NAMESPACE: 'tls',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: file(`${temporalCa}.pem`),
    TEMPORAL_TLS_CLIENT_CERT_PATH: file('client.pem'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: file('client.key'),
    TENOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
    TENOR_SANDBOX_URL: 'http://127.0.0.1:1',
    PORT: String(await pickPort()),
  };
}

function run(env: Record<string, string>, ...command: string[]) {
  const child = spawn(process.execPath, ['--import', 'tsx', ...command], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return { child, exited, output: () => output };
}

describe('TLS', { timeout: 120_000 }, () => {
  it('connects API, worker and commands to Postgres and Temporal with verified certificates', async () => {
    const env = await environment();
    expect(await run(env, 'cli/served.ts', 'migrate').exited).toMatchObject({
      code: 0,
      output: expect.stringContaining('Registered in Temporal: namespace tls, '),
    });
    const processes = ['server.ts', 'worker.ts'].map((root) => run(env, root));
    const outputs = () => processes.map(({ output }) => / ready/.exec(output())?.[0] ?? output());
    await expect.poll(outputs, { timeout: 60_000, interval: 100 }).toEqual([' ready', ' ready']);
    const admin = new Client({ connectionString: stack.databaseUrl });
    await admin.connect();
    const { rows } = await admin.query<{ name: string; ssl: boolean }>(
      `select distinct split_part(application_name, ' ', 1) as name, ssl from pg_stat_ssl join pg_stat_activity using (pid)
       where application_name ~ '^tenor-(api|worker) ' order by 1`,
    );
    await admin.end();
    expect(rows).toEqual([
      { name: 'tenor-api', ssl: true },
      { name: 'tenor-worker', ssl: true },
    ]);
    for (const { child } of processes) child.kill('SIGTERM');
    expect((await Promise.all(processes.map(({ exited }) => exited))).map(({ code }) => code)).toEqual([
      0, 0,
    ]);
  });

  it('is used by `npm start` for a Temporal in TEMPORAL_ADDRESS, where it registers its namespace', async () => {
    const more = { TEMPORAL_NAMESPACE: 'started', TENOR_HOME: file('home') };
    const started = run({ ...(await environment()), ...more }, 'cli/tenor.ts', 'start');
    await expect.poll(started.output, { timeout: 90_000, interval: 100 }).toMatch(/Tenor is running|rror/);
    started.child.kill('SIGINT');
    const { code, output } = await started.exited;
    expect(output).toContain(
      'Temporal: namespace started, Merchant, Customer, Plan, Phase, DunningLevel, Incident registered',
    );
    expect(output).toMatch(/Worker: ready/);
    expect(code).toBe(0);
  });

  it.each<[string, Trust, RegExp]>([
    ['a Postgres whose certificate another authority signed', { postgresCa: 'other-ca' }, /certificate/],
    [
      'a Postgres whose certificate is for another name',
      { postgresHost: '127.0.0.1' },
      /does not match certificate/,
    ],
    ['a Temporal whose certificate another authority signed', { temporalCa: 'other-ca' }, /certificate/],
  ])('refuses %s', async (_what, trust, reason) => {
    const ended = await run(await environment(trust), 'cli/served.ts', 'migrate').exited;
    expect(ended).toEqual({ code: 1, output: expect.stringMatching(reason) });
  });
});
