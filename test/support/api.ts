// The API over real HTTP, with callers that have API keys.
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
import { createSecretBox } from '../../db/parties/secrets.ts';
import type { Vault } from '../../db/parties/vault.ts';
import { createSandbox } from '../../psp/sandbox/sandbox.ts';
import type { Providers } from '../../psp/port.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- tests read answers by their documented paths
export type Json = any;

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** A client with an API key. */
export interface Caller {
  get(path: string): Promise<Answered>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>;
  patch(path: string, body: unknown, headers?: Record<string, string>): Promise<Answered>;
  delete(path: string, headers?: Record<string, string>): Promise<Answered>;
}

export interface TestApi {
  readonly url: string;
  /** The errors that the API has logged. Empty if nothing in Tenor has failed. */
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

/** An engine that cannot reach Temporal: commands are stored, and stay undecided. */
export function engineWithoutTemporal(pool: Pool, vault: Vault, calculator = createCalculator(pool)): Engine {
  const away = (): Promise<never> => Promise.reject(new Error('Temporal is away'));
  return createEngine({
    pool,
    tryOrder: calculator.tryOrder,
    vault,
    providers: testProviders(pool),
    workflows: { apply: away, wake: away },
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
    log: givenLog,
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
  } & Pick<ApiDeps, 'rateLimits' | 'isShort' | 'metrics' | 'now' | 'trustedProxies'> &
    Partial<Pick<ApiDeps, 'webhookTargets'>> = {},
): Promise<TestApi> {
  const errors: object[] = [];
  const log = givenLog ?? { info: () => undefined, error: (fields: object) => void errors.push(fields) };
  const app = createApp({
    pool,
    reads: pool,
    vault,
    secrets: createSecretBox([Buffer.alloc(32, 7)]),
    webhookTargets: 'any',
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
    // A busy process would take a connection for open that the server has closed at its usual time limit.
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
    put: (path, body, headers) => ask('PUT', path, body, headers),
    patch: (path, body, headers) => ask('PATCH', path, body, headers),
    delete: (path, headers) => ask('DELETE', path, undefined, headers),
  };
}

export async function answered(response: Response): Promise<Answered> {
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, headers: response.headers, body: json ? JSON.parse(text) : text };
}
