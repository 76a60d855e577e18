import type { Pool } from '../db/platform/pool.ts';
import type { Vault } from '../db/parties/vault.ts';
import type { Providers } from '../psp/port.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RateLimitOptions } from './limits/rate-limits.ts';
import type { Engine } from '../engine/engine.ts';
import type { Calculator } from './calculator/calculations.ts';

/** The part of a logger that the API uses; pino's has this form. */
interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All that the API stands on; the composition root makes it, tests make it with their own database. */
export interface ApiDeps {
  /** For what changes something. */
  readonly pool: Pool;
  /** For what is only read. */
  readonly reads: Pool;
  readonly vault: Vault;
  readonly providers: Providers;
  readonly engine: Engine;
  /** For what may take long to compute. */
  readonly calculator: Calculator;
  readonly log: Log;
  readonly version: string;
  /** Why the API should get no requests now; null if it can answer. */
  readonly notReady: () => Promise<string | null>;
  readonly metrics?: Pick<Metrics, 'request' | 'refused' | 'observer'>;
  /** How many requests keys and merchants may make; as many as they like if left out, for tests and measurements. */
  readonly rateLimits?: Pick<RateLimitOptions, 'rates' | 'take'>;
  /** Whether more requests wait for connections than there are: test merchants give way then. Never, if left out. */
  readonly isShort?: () => boolean;
  /** The addresses and networks of proxies, whose word is taken for the address of a caller. */
  readonly trustedProxies?: readonly string[];
  /** Milliseconds that only go up; those of the process if left out. */
  readonly now?: () => number;
  /** How long a request may take in milliseconds, 20 seconds if left out. */
  readonly requestMs?: number;
  /** Checks every answer against its schema; for tests. */
  readonly checkAnswers?: boolean;
}
