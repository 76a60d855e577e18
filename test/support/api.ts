// The API over real HTTP, and the two merchants that ask it.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { notReady } from '../../compose.ts';
import { createApp } from '../../api/app.ts';
import type { Calculator } from '../../api/calculator/calculations.ts';
import { createCalculator } from '../../api/calculator/in-process.ts';
import type { ApiDeps } from '../../api/deps.ts';
import { createEngine } from '../../engine/create.ts';
import type { Engine } from '../../engine/engine.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { type Scope } from '../../domain/parties/scopes.ts';
import type { Pool } from '../../db/platform/pool.ts';
import type { Vault } from '../../db/parties/vault.ts';
import { createSandbox } from '../../psp/sandbox/sandbox.ts';
import type { Providers } from '../../psp/port.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests read answers by their documented paths
type Json = any;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** A caller with a key of its own. */
export interface Caller {
  get(path: string): Promise<Answered>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  patch(path: string, body: unknown): Promise<Answered>;
  delete(path: string, headers?: Record<string, string>): Promise<Answered>;
}

export interface TestApi {
  readonly url: string;
  /** What was logged as an error: empty when nothing went wrong on our side. */
  readonly errors: object[];
  caller(merchant: MerchantId, scopes?: readonly Scope[]): Promise<Caller>;
  stop(): Promise<void>;
}

const WEBHOOK_SECRET = 'whsec_for_tests';

export function testProviders(pool: Pool): Providers {
  return {
    sandbox: createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: WEBHOOK_SECRET }),
  };
}

/** The engine as it is while Temporal cannot be reached: everything is stored, and nothing is answered. */
export function engineWithoutTemporal(pool: Pool, vault: Vault, calculator = createCalculator(pool)): Engine {
  const away = (): Promise<never> => Promise.reject(new Error('Temporal is away'));
  return createEngine({
    pool,
    tryOrder: calculator.tryOrder,
    vault,
    providers: testProviders(pool),
    reach: { apply: away, wake: away },
    deleteClock: away,
  });
}

export async function startTestApi(
  pool: Pool,
  vault: Vault,
  {
    calculator = createCalculator(pool),
    engine = engineWithoutTemporal(pool, vault, calculator),
    providers = testProviders(pool),
    log: kept,
    requestMs = 20_000,
    probe = pool,
    port = 0,
    ...more
  }: {
    calculator?: Calculator;
    engine?: Engine;
    providers?: Providers;
    log?: ApiDeps['log'];
    requestMs?: number;
    probe?: Pool;
    port?: number;
  } & Pick<ApiDeps, 'rateLimits' | 'isShort' | 'metrics' | 'now' | 'trustedProxies'> = {},
): Promise<TestApi> {
  const errors: object[] = [];
  const log = kept ?? { info: () => undefined, error: (fields: object) => void errors.push(fields) };
  const app = createApp({
    pool,
    reads: pool,
    vault,
    providers,
    engine,
    calculator,
    log,
    version: 'test',
    notReady: () => notReady(probe),
    requestMs,
    checkAnswers: true,
    ...more,
  });
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(port, '127.0.0.1', () => resolve(listening));
    // Where the process is busy for longer, a connection that was closed meanwhile would be taken for an open one.
    listening.keepAliveTimeout = 600_000;
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    errors,
    async caller(merchant, scopes = ['admin']) {
      return callerOf(url, (await createApiKey(pool, merchant, 'test', scopes)).key);
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function callerOf(url: string, key: string): Caller {
  const ask = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    };
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers,
      ...(text === undefined ? {} : { body: text }),
    });
    return answered(response);
  };
  return {
    get: (path) => ask('GET', path),
    post: (path, body, headers) => ask('POST', path, body, headers),
    patch: (path, body) => ask('PATCH', path, body),
    delete: (path, headers) => ask('DELETE', path, undefined, headers),
  };
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}
