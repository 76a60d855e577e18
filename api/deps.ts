import type { Pool } from '../db/platform/pool.ts';
import type { Vault } from '../db/parties/vault.ts';
import type { SecretBox } from '../db/parties/secrets.ts';
import type { WebhookTargets } from '../engine/webhooks/targets.ts';
import type { Providers } from '../psp/port.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RateLimitOptions } from './limits/rate-limits.ts';
import type { Engine } from '../engine/engine.ts';
import type { Calculator } from './calculator/calculations.ts';

/** The part of a logger that the API uses. It matches pino's. */
interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** The dependencies of the API. The composition root creates them, and tests create them for their own databases. */
export interface ApiDeps {
  /** Connections for requests that change something. */
  readonly pool: Pool;
  /** Connections for requests that only read. */
  readonly reads: Pool;
  readonly vault: Vault;
  /** Seals the secrets of webhook endpoints. */
  readonly secrets: SecretBox;
  /** Where webhooks may be sent. */
  readonly webhookTargets: WebhookTargets;
  readonly providers: Providers;
  readonly engine: Engine;
  /** Does the computations that may take long. */
  readonly calculator: Calculator;
  readonly log: Log;
  readonly version: string;
  /** The reason why the API should get no requests now. Null if it can answer. */
  readonly notReady: () => Promise<string | null>;
  readonly metrics?: Pick<Metrics, 'request' | 'refused' | 'observer'>;
  /** How many requests keys and merchants may make. Without it there is no limit, for tests and measurements. */
  readonly rateLimits?: Pick<RateLimitOptions, 'rates' | 'take'>;
  /** Whether more requests wait for connections than there are. Test merchants give way then. By default it is never so. */
  readonly isShort?: () => boolean;
  /** The addresses and networks of trusted proxies, which report the address of a caller. */
  readonly trustedProxies?: readonly string[];
  /** A monotonic clock in milliseconds, by default that of the process. */
  readonly now?: () => number;
  /** How long a request may take, in milliseconds. By default 20 seconds. */
  readonly requestMs?: number;
  /** Checks every answer against its schema, for tests. */
  readonly checkAnswers?: boolean;
}
