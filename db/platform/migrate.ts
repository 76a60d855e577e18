// Brings a database to the newest schema: numbered SQL files, forward only.
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { type Patience, applyAlone, applyInTransaction, prepareTable } from './apply-migration.ts';
import { type Migration, readMigrations } from './migration-files.ts';
import { text } from './columns.ts';
import type { Db } from './pool.ts';
import { statement } from './statement.ts';

/** A migration that the database has. `breaking` says why older processes cannot run on it; null if they can. */
type Applied = Pick<Migration, 'name' | 'sha256' | 'breaking'>;

// Any number will do, as long as it stays the same: it names this lock within the database.
const ADVISORY_LOCK = 7_365_060_001;

/** A database of before migrations could be breaking has no such column. */
const selectApplied = statement('appliedMigrations', {
  sql: `select name, sha256, to_jsonb(m)->>'breaking' as breaking from migrations m order by name`,
  row: { name: text, sha256: text, breaking: text.nullable() },
});
const UNDEFINED_TABLE = '42P01';

/** The project's own migrations. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

export interface MigrateOptions {
  readonly folder?: string;
  /** No process of an older version runs any more: breaking migrations are applied, too. */
  readonly breaking?: boolean;
  readonly patience?: Partial<Patience>;
}

/**
 * A second for a lock, ten times with three seconds in between: who reads the same table waits a second for a migration
 * at most. An index that is built concurrently waits ten minutes for open transactions, and nobody waits for it.
 */
const PATIENCE: Patience = { lockMs: 1_000, tries: 10, pauseMs: 3_000, concurrentlyMs: 600_000 };

/**
 * Applies what is missing and returns the names of what was applied, such as `['0001_spine.sql']`. Of several
 * starters at once one does the work and the others wait for it. A database that is newer than the code, and not by a
 * breaking migration, is left as it is.
 * @throws when an applied file was changed; when a breaking migration is missing here, or is not to be applied; when the
 * numbering has a gap; and when a migration fails or gets no lock: nothing of it is left then, and those before it stay.
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
    // Ends the session, and with it the lock.
    await client.end();
  }
}

let ours: Migration[] | null = null;

/**
 * Why the code cannot work with the schema that the database has, in one sentence; null if it can. It works with a newer
 * one, too, unless a migration after its own is breaking.
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
 * Waits until no other one migrates. It asks again and again: a statement that waits would itself be an open transaction, for
 * which the other one's `create index concurrently` waits.
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

/** Why code with the known migrations cannot work on a database with the applied ones; null if it can, or if only some are missing. */
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

/** Why the missing migrations are not applied unasked; a new database has no processes that they could break. */
function refusal(applied: readonly Applied[], missing: readonly Migration[]): string | null {
  const broken = missing.find((migration) => migration.breaking !== null);
  if (broken === undefined || applied.length === 0) return null;
  return (
    `migration ${broken.name} is breaking: ${broken.breaking}. Nothing was applied. ` +
    'Stop every process of the older version, then run tenor migrate --breaking'
  );
}
