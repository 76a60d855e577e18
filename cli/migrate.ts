import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { grantTo } from '../db/platform/grants.ts';
import { migrate } from '../db/platform/migrate.ts';
import { RegisteredElsewhere, codeOf, prepareTemporal } from '../temporal/prepare.ts';

interface Migration {
  /** The database, with the role that owns the schema. */
  readonly databaseUrl: string;
  /** Whether to apply migrations on which processes of an older version could not run. */
  readonly breaking: boolean;
  /** The role of API and worker. Null if they use the owner's. */
  readonly grantTo: string | null;
  /** The Temporal server to prepare. Null if its operator prepares it. */
  readonly temporal: { readonly connection: Connection; readonly namespace: string } | null;
}

/** How long to wait for a Temporal server that is still starting. */
const TEMPORAL_WITHIN_MS = 60_000;
const UNAVAILABLE = 14;

/**
 * `tenor migrate`: prepares the database and Temporal, and prints what it did. Returns the exit code: 1 if an operator of Temporal
 * must register something.
 */
export async function runMigrate(
  { databaseUrl, breaking, grantTo: role, temporal }: Migration,
  print: (line: string) => void,
): Promise<number> {
  const applied = await migrate(databaseUrl, { breaking });
  print(applied.length === 0 ? 'The schema is up to date.' : `Applied migrations: ${applied.join(', ')}.`);
  if (role !== null) {
    await grantTo(databaseUrl, role);
    print(`The role ${role} may read and write rows.`);
  }
  if (temporal === null) return 0;
  try {
    const registered = await prepareWithin(temporal);
    print(
      registered.length === 0 ? 'Temporal is prepared.' : `Registered in Temporal: ${registered.join(', ')}.`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof RegisteredElsewhere)) throw error;
    print(error.message);
    return 1;
  } finally {
    await temporal.connection.close();
  }
}

/** Prepares Temporal, and retries while the server starts. An invalid certificate is not retried. */
async function prepareWithin({
  connection,
  namespace,
}: NonNullable<Migration['temporal']>): Promise<string[]> {
  for (const until = Date.now() + TEMPORAL_WITHIN_MS; ;) {
    try {
      return await prepareTemporal(connection, namespace);
    } catch (error) {
      const away = codeOf(error) === UNAVAILABLE && !/certificate/i.test(String(error));
      if (!away || Date.now() >= until) throw error;
      await delay(500);
    }
  }
}
