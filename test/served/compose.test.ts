// Properties that `docker compose config` does not check: the served form is safe, starts in the right order, and stops gently.
import { accessSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lastStage, readCompose } from './image.ts';

const SECRETS = {
  POSTGRES_PASSWORD: 'super',
  TEMPORAL_DB_PASSWORD: 'temporal',
  TENOR_OWNER_PASSWORD: 'owner',
  TENOR_APP_PASSWORD: 'app',
  TENOR_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
};
const services = readCompose(SECRETS);
const service = (name: string) => services[name]!;
const ONE_SHOT = ['temporal-schema', 'migrate'];

describe('docker-compose.yml', () => {
  it.each(Object.keys(SECRETS))('has no default for %s', (name) => {
    expect(() => readCompose({ ...SECRETS, [name]: '' })).toThrow(`set ${name}`);
  });

  it('has a health check and a restart for every service that keeps running', () => {
    for (const [name, { healthcheck, restart }] of Object.entries(services)) {
      const oneShot = ONE_SHOT.includes(name);
      expect([name, healthcheck === undefined]).toEqual([name, oneShot]);
      expect([name, restart]).toEqual([name, oneShot ? 'no' : 'unless-stopped']);
    }
  });

  it.each(['api', 'worker'])('starts %s after the migration has succeeded', (name) => {
    expect(service(name).depends_on?.['migrate']).toEqual({ condition: 'service_completed_successfully' });
  });

  it('starts Temporal after its schema, and migrates when Temporal is healthy', () => {
    const completed = { condition: 'service_completed_successfully' };
    expect(service('temporal').depends_on?.['temporal-schema']).toEqual(completed);
    expect(service('migrate').depends_on?.['temporal']).toEqual({ condition: 'service_healthy' });
  });

  it('waits only for its own services, and for a state that they can reach', () => {
    for (const { depends_on = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(depends_on))
        expect(condition).toBe(
          ONE_SHOT.includes(name) ? 'service_completed_successfully' : 'service_healthy',
        );
    }
    for (const { depends_on = {} } of Object.values(services))
      expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
  });

  it('pins one version for the Temporal server and the tools that create its schema', () => {
    const [server, tools] = [service('temporal').image, service('temporal-schema').image];
    expect(server).toMatch(/^temporalio\/server:\d+\.\d+\.\d+$/);
    expect(tools).toBe(server.replace('/server:', '/admin-tools:'));
  });

  it('has separate database roles for Temporal, for the owner of the schema, and for API and worker', () => {
    const user = (name: string) => new URL(service(name).environment['DATABASE_URL']!).username;
    const roles = [
      service('temporal').environment['POSTGRES_USER'],
      user('migrate'),
      user('api'),
      user('worker'),
    ];
    expect(roles).toEqual(['temporal', 'tenor_owner', 'tenor_app', 'tenor_app']);
    expect(service('migrate').command).toEqual(expect.arrayContaining(['--grant-to', 'tenor_app']));
  });

  it('publishes ports only on the loopback address', () => {
    for (const { ports = [] } of Object.values(services))
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('gives API and worker more time to stop than they take', () => {
    const forced = Number(/shutdownForceTime: '(\d+)s'/.exec(readFileSync('worker.ts', 'utf8'))?.[1]);
    for (const name of ['api', 'worker'])
      expect(Number.parseInt(service(name).stop_grace_period!, 10)).toBeGreaterThan(forced);
  });

  it.each(['api', 'worker'])('passes the variables of tenor.env and .env to %s', (name) => {
    expect(service(name).env_file).toEqual([{ path: 'tenor.env', required: false }]);
    expect(service(name).environment['TENOR_OTHER_MASTER_KEYS']).toBe('');
    const rotating = readCompose({ ...SECRETS, TENOR_OTHER_MASTER_KEYS: 'another' })[name]!;
    expect(rotating.environment['TENOR_OTHER_MASTER_KEYS']).toBe('another');
  });

  it('relies on secret files that are neither in the repository nor in the image', () => {
    for (const file of ['.gitignore', '.dockerignore'])
      expect(readFileSync(file, 'utf8').split('\n')).toEqual(expect.arrayContaining(['.env', 'tenor.env']));
  });

  it('mounts files that exist', () => {
    for (const { volumes = [] } of Object.values(services))
      for (const volume of volumes.filter((each) => each.startsWith('./'))) accessSync(volume.split(':')[0]!);
  });
});

describe('the image', () => {
  it('runs node as process 1 and not as root, with the compiled code and the required packages', () => {
    const stage = lastStage();
    expect(stage).toContain('USER node');
    expect(stage).toContain('CMD ["node", "dist/server.js"]');
    expect(stage.filter((line) => line.startsWith('COPY ')).map((line) => line.split(' ').at(-1))).toEqual([
      './package.json',
      './node_modules',
      './LICENSE',
      './dist',
    ]);
    expect(readFileSync('Dockerfile', 'utf8')).toMatch(/AS modules\nRUN npm ci --omit=dev\n/);
  });
});
