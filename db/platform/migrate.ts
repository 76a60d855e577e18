// Migrates a database to the newest schema. Migrations are numbered SQL files, and go only forward.
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { type Patience, applyAlone, applyInTransaction, prepareTable } from './apply-migration.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { text } from './columns.ts';
import type { Db } from './pool.ts';
import { statement } from './statement.ts';

/** A migration that was applied. `breaking` says why older processes cannot run after it; null if they can. */
type Applied = Pick<Migration, 'name' | 'sha256' | 'breaking'>;

// The key of this lock within the database. Any number will do, as long as it never changes.
const ADVISORY_LOCK = 7_365_060_001;

/** An older database may lack the column `breaking`. */
const selectApplied = statement('appliedMigrations', {
  sql: `select name, sha256, to_jsonb(m)->>'breaking' as breaking from migrations m order by name`,
  row: { name: text, sha256: text, breaking: text.nullable() },
});
const UNDEFINED_TABLE = '42P01';

/** The project's own migrations. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

export interface MigrateOptions {
  readonly folder?: string;
  /** Whether breaking migrations are applied, too. No process of an older version may run then. */
  readonly breaking?: boolean;
  readonly patience?: Partial<Patience>;
}

/**
 * A migration waits a second for a lock, ten times, with three seconds in between. A session that reads the same table is therefore
 * delayed by a second at most. Building an index concurrently waits ten minutes for open transactions, and delays no session.
 */
const PATIENCE: Patience = { lockMs: 1_000, tries: 10, pauseMs: 3_000, concurrentlyMs: 600_000 };

/**
 * Applies the missing migrations and returns their names, such as `['0001_spine.sql']`. Of several callers at once, one applies them
 * and the others wait. A database that is newer than the code is left as it is, unless one of its newer migrations is breaking.
 * @throws when an applied file was changed; when the database has a newer migration that is breaking; when a missing one is
 * breaking and `breaking` is not set; when the numbering has a gap; and when a migration fails or gets no lock. Nothing of that one
 * is left, unless it runs without a transaction; those before it stay.
 */
export async function migrate(
  databaseUrl: string,
  { folder = MIGRATIONS_FOLDER, breaking = false, patience = {} }: MigrateOptions = {},
): Promise<string[]> {
  const known = readMigrations(folder);
  const limits = { ...PATIENCE, ...patience };
  const client = new Client({ connectionString: databaseUrl, application_name: 'tenor-migrate' });
  client.on('error', () => undefined); // a lost connection fails the statement under way
  await client.connect();
  try {
    await takeTurn(client);
    await prepareTable(client, limits);
    const applied = await selectApplied.rows(client, {});
    const missing = known.slice(applied.length);
    const problem = contradiction(applied, known) ?? (breaking ? null : refusal(applied, missing));
    if (problem !== null) throw new Error(problem);
    for (const migration of missing) {
      const apply = migration.alone === null ? applyInTransaction : applyAlone;
      await apply(client, migration, limits);
    }
    return missing.map((migration) => migration.name);
  } finally {
    // The end of the session releases the lock.
    await client.end();
  }
}

let ours: Migration[] | null = null;

/**
 * Why the code cannot run on the schema of the database, in one sentence; null if it can. It can run on a newer schema, unless one
 * of the newer migrations is breaking.
 */
export async function schemaProblem(db: Db): Promise<string | null> {
  const known = (ours ??= readMigrations(MIGRATIONS_FOLDER));
  const applied = await selectApplied.rows(db, {}).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return [];
    throw error;
  });
  const problem = contradiction(applied, known);
  if (problem !== null) return problem;
  if (applied.length >= known.length) return null;
  const found = applied.length === 0 ? 'has no schema' : `is at ${applied.at(-1)?.name}`;
  return `the database ${found}, and this code needs ${known.at(-1)?.name}: run tenor migrate`;
}

/**
 * Takes the lock, and waits while another session has it. It polls, because a statement that waits would be an open transaction,
 * for which the other session's `create index concurrently` would wait.
 */
async function takeTurn(client: Client): Promise<void> {
  for (;;) {
    const { rows: turn } = await client.query<{ ours: boolean }>('select pg_try_advisory_lock($1) as ours', [
      ADVISORY_LOCK,
    ]);
    if (turn[0]?.ours === true) return;
    await delay(250);
  }
}

/** Why code with the known migrations cannot run on a database with the applied ones; null if it can, or if some are only missing. */
function contradiction(applied: readonly Applied[], known: readonly Migration[]): string | null {
  for (const [index, { name, sha256 }] of applied.slice(0, known.length).entries()) {
    const here = known[index];
    if (here?.name !== name) return `the database has migration ${name} where the code has ${here?.name}`;
    if (here.sha256 !== sha256) return `migration ${name} was changed after it was applied`;
  }
  const newest = applied.at(-1)?.name;
  const broken = applied.slice(known.length).find(({ breaking }) => breaking !== null);
  if (broken === undefined) return null;
  return `the database is at ${newest}, newer than this code, which cannot run since ${broken.name} (${broken.breaking}): start the newer version`;
}

/** Why the missing migrations need the option `breaking`; null if they do not. A new database has no older processes. */
function refusal(applied: readonly Applied[], missing: readonly Migration[]): string | null {
  const broken = missing.find((migration) => migration.breaking !== null);
  if (broken === undefined || applied.length === 0) return null;
  return (
    `migration ${broken.name} is breaking: ${broken.breaking}. Nothing was applied. ` +
    'Stop every process of the older version, then run tenor migrate --breaking'
  );
}
