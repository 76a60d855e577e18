import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { grantTo } from '../db/platform/grants.ts';
import { migrate } from '../db/platform/migrate.ts';
import { RegisteredElsewhere, codeOf, prepareTemporal } from '../temporal/prepare.ts';

interface Migration {
  /** As the role that owns the schema. */
  readonly databaseUrl: string;
  /** No process of an older version runs. */
  readonly breaking: boolean;
  /** The role of API and worker; null if it is the owner, too. */
  readonly grantTo: string | null;
  /** Null: its operator has prepared it. */
  readonly temporal: { readonly connection: Connection; readonly namespace: string } | null;
}

/** A server that starts together with us has so long. */
const TEMPORAL_WITHIN_MS = 60_000;
const UNAVAILABLE = 14;

/** Prepares database and Temporal, and says what it did; returns the exit code: 1 if something is left to be done elsewhere. */
export async function runMigrate(
  { databaseUrl, breaking, grantTo: role, temporal }: Migration,
  print: (line: string) => void,
): Promise<number> {
  const applied = await migrate(databaseUrl, { breaking });
  print(applied.length === 0 ? 'The schema is up to date.' : `The schema is new: ${applied.join(', ')}.`);
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

/** Asks again while the server is on its way up, but not one whose certificate is wrong: that will not change. */
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
