import type { Pool } from '../db/platform/pool.ts';
import type { Vault } from '../db/parties/vault.ts';
import type { Providers } from '../psp/port.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Engine } from '../engine/engine.ts';

/** The part of a logger that the API uses; pino's has this form. */
interface Log {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** All that the API stands on; the composition root makes it, tests make it with their own database. */
export interface ApiDeps {
  /** For what changes something. */
  readonly pool: Pool;
  /** For what is only read, and previews. */
  readonly reads: Pool;
  readonly vault: Vault;
  readonly providers: Providers;
  readonly engine: Engine;
  readonly log: Log;
  readonly version: string;
  /** Why the API should get no requests now; null if it can answer. */
  readonly notReady: () => Promise<string | null>;
  readonly metrics?: Pick<Metrics, 'request' | 'observer'>;
  /** How long a request may take in milliseconds, 20 seconds if left out. */
  readonly requestMs?: number;
  /** Checks every answer against its schema; for tests. */
  readonly checkAnswers?: boolean;
}
