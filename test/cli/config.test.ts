import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '../../config.ts';

let home: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tenor-config-'));
});

afterEach(() => {
  rmSync(home, { recursive: true });
});

describe('the configuration', () => {
  test('of an empty environment is the embedded mode on port 8080', () => {
    expect(load({})).toMatchObject({
      databaseUrl: null,
      temporalAddress: null,
      temporalNamespace: 'default',
      host: '127.0.0.1',
      port: 8080,
      home: '.tenor',
      masterKey: null,
      logLevel: 'info',
      workflowCache: null,
      sandboxUrl: 'http://127.0.0.1:8080',
    });
  });

  test('treats an empty variable as an absent one', () => {
    expect(load({ DATABASE_URL: '', PORT: '' })).toMatchObject({ databaseUrl: null, port: 8080 });
  });

  test('names each variable with an invalid value', () => {
    const broken = {
      DATABASE_URL: 'mysql://x',
      TEMPORAL_ADDRESS: 'nowhere',
      PORT: '99999',
      TENOR_MASTER_KEY: 'c2hvcnQ=',
      TENOR_OTHER_MASTER_KEYS: 'c2hvcnQ=,',
      LOG_LEVEL: 'loud',
      TENOR_WORKFLOW_CACHE: 'all',
      TENOR_KEY_RATE: '0',
      TENOR_TRUSTED_PROXIES: '10.0.0.0/8, proxy.test',
      TENOR_SWEEP_SECONDS: '0',
      TENOR_OVERDUE_SECONDS: 'a minute',
      TENOR_KEEP_MESSAGES_DAYS: '0',
      TENOR_KEEP_PAYLOADS_DAYS: '1.5',
    };
    expect(() => load(broken)).toThrow(
      [
        'DATABASE_URL is not a postgresql:// URL',
        'TEMPORAL_ADDRESS is not host:port',
        'PORT is not a port',
        'TENOR_MASTER_KEY is not 32 bytes in base64',
        'TENOR_OTHER_MASTER_KEYS is not a list of keys of 32 bytes in base64',
        'LOG_LEVEL is none of fatal, error, warn, info, debug, trace, silent',
        'TENOR_WORKFLOW_CACHE is not a number from 10',
        'TENOR_KEY_RATE is not a number from 1',
        'TENOR_TRUSTED_PROXIES is not a list of addresses and networks',
        'TENOR_SWEEP_SECONDS is not a number of seconds from 1 to 3600',
        'TENOR_OVERDUE_SECONDS is not a number of seconds from 1 to 3600',
        'TENOR_KEEP_MESSAGES_DAYS is not a number of days from 1',
        'TENOR_KEEP_PAYLOADS_DAYS is not a number of days from 1',
      ].join('; '),
    );
  });

  test.each([
    ['smtps://a%40b:p%2Fw@mail.example', { host: 'mail.example', port: 465, tls: 'start' }],
    ['smtp://a%40b:p%2Fw@mail.example', { host: 'mail.example', port: 587, tls: 'upgrade' }],
    ['smtp://a%40b:p%2Fw@127.0.0.1:25?tls=disable', { host: '127.0.0.1', port: 25, tls: 'none' }],
  ])('names a mail server: %s', (TENOR_SMTP_URL, server) => {
    const TENOR_MAIL_FROM = 'tenor@billing.example';
    expect(load({ TENOR_SMTP_URL, TENOR_MAIL_FROM }).smtp).toEqual({
      ...server,
      login: { user: 'a@b', password: 'p/w' },
      from: TENOR_MAIL_FROM,
    });
    const apart = load({ TENOR_SMTP_URL, TENOR_MAIL_FROM, TENOR_SMTP_PASSWORD: 'other' });
    expect(apart.smtp?.login).toEqual({ user: 'a@b', password: 'other' });
    expect(() => load({ TENOR_SMTP_URL })).toThrow('TENOR_MAIL_FROM is not set, and TENOR_SMTP_URL is');
    expect(load({}).smtp).toBeNull();
  });

  test.each([
    'http://mail.example',
    'smtp://',
    'smtps://m.example?tls=disable',
    'smtp://m.example/x',
    'smtp://%zz@m',
  ])('refuses as a mail server: %s', (TENOR_SMTP_URL) => {
    const env = { TENOR_SMTP_URL, TENOR_MAIL_FROM: 'tenor@billing.example' };
    expect(() => load(env)).toThrow('TENOR_SMTP_URL is not an smtp(s):// URL with at most ?tls=disable');
  });

  test('has rate limits for keys and merchants, and refuses a burst below the rate of a second', () => {
    expect(load({ TENOR_KEY_RATE: '50' }).requests).toEqual({
      key: { perSecond: 50, burst: 200 },
      merchant: { perSecond: 300, burst: 600 },
      trustedProxies: [],
      callers: 5_000,
    });
    expect(() => load({ TENOR_KEY_RATE: '201' })).toThrow('TENOR_KEY_BURST is less than TENOR_KEY_RATE');
  });

  test.each(['10.0.0.7', '10.0.0.0/8, 192.168.0.1', '2001:db8::/32'])('accepts proxies: %s', (text) => {
    const { trustedProxies } = load({ TENOR_TRUSTED_PROXIES: text }).requests;
    expect(trustedProxies.join(', ')).toBe(text);
  });

  test.each(['10.0.0.0/33', '2001:db8::/129', 'loopback', '10.0.0.1/', 'x', '10.0.0.1,'])(
    'refuses a proxy that is neither an address nor a network: %s',
    (text) => {
      expect(() => load({ TENOR_TRUSTED_PROXIES: text })).toThrow(/TENOR_TRUSTED_PROXIES is not a list/);
    },
  );

  test.each(['sslmode=require', 'sslmode=no-verify', 'ssl=true', 'sslmode=verify-full&uselibpqcompat=true'])(
    'refuses a connection to Postgres that verifies no certificate: %s',
    (query) => {
      expect(() => load({ DATABASE_URL: `postgresql://a@b/c?${query}` })).toThrow(
        'DATABASE_URL takes no sslmode but verify-full and disable',
      );
    },
  );

  test.each(['', '?sslmode=disable', '?sslmode=verify-full&sslrootcert=/etc/ca.pem'])(
    'accepts a connection to Postgres that is unencrypted or verifies the certificate: %s',
    (query) => {
      const databaseUrl = `postgresql://a@b/c${query}`;
      expect(load({ DATABASE_URL: databaseUrl })).toMatchObject({ databaseUrl });
    },
  );

  test('reads address, namespace and API key from a Temporal profile', () => {
    const file = join(home, 'profile.toml');
    writeFileSync(
      file,
      '[profile.default]\naddress = "cloud.test:7233"\nnamespace = "billing"\napi_key = "secret"\n',
    );
    const config = load({ TEMPORAL_CONFIG_FILE: file });
    expect(config).toMatchObject({ temporalAddress: 'cloud.test:7233', temporalNamespace: 'billing' });
    expect(config.temporalConnection).toMatchObject({ address: 'cloud.test:7233', apiKey: 'secret' });
    expect(load({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_ADDRESS: 'other.test:1' }).temporalAddress).toBe(
      'other.test:1',
    );
  });

  test('names the variable whose Temporal profile cannot be read', () => {
    const file = join(home, 'broken.toml');
    writeFileSync(file, 'not = [toml');
    expect(() => load({ TEMPORAL_CONFIG_FILE: file })).toThrow(/TEMPORAL_CONFIG_FILE/);
  });
});

function load(env: Record<string, string>) {
  return loadConfig({ HOME: home, XDG_CONFIG_HOME: home, ...env });
}
