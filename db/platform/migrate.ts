// Brings a database to the newest schema: numbered SQL files, forward only, one transaction each.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { type Db, rows } from './pool.ts';

type Migration = { name: string; sql: string; sha256: string };
type Applied = Pick<Migration, 'name' | 'sha256'>;

// Any number will do, as long as it stays the same: it names this lock within the database.
const ADVISORY_LOCK = 7_365_060_001;

const APPLIED = 'select name, sha256 from migrations order by name';
const UNDEFINED_TABLE = '42P01';

/** The project's own migrations. */
const MIGRATIONS_FOLDER = fileURLToPath(new URL('../migrations', import.meta.url));

/**
 * Applies what is missing and returns the names of what was applied, such as `['0001_spine.sql']`. Of several
 * starters at once one does the work and the others wait for it.
 * @throws when an applied file was changed, when the database is newer than the code, when the numbering has a gap,
 * and when a migration fails: it is rolled back then, and those before it stay.
 */
export async function migrate(databaseUrl: string, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const known = readMigrations(folder);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [ADVISORY_LOCK]);
    await client.query(
      `create table if not exists migrations (
         name text primary key,
         sha256 text not null,
         applied_at timestamptz not null default clock_timestamp()
       )`,
    );
    const applied = await client.query<Applied>(APPLIED);
    const problem = contradiction(applied.rows, known);
    if (problem !== null) throw new Error(problem);
    const missing = known.slice(applied.rows.length);
    for (const migration of missing) await apply(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    // Ends the session, and with it the lock.
    await client.end();
  }
}

let ours: Migration[] | null = null;

/** Why the code cannot work with the schema that the database has, in one sentence; null if it can. */
export async function schemaProblem(db: Db): Promise<string | null> {
  const known = (ours ??= readMigrations(MIGRATIONS_FOLDER));
  const newest = known.at(-1)?.name;
  const applied = await rows<Applied>(db, APPLIED).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return [];
    throw error;
  });
  const problem = contradiction(applied, known);
  if (problem !== null) return problem;
  if (applied.length === known.length) return null;
  const found = applied.length === 0 ? 'has no schema' : `is at ${applied.at(-1)?.name}`;
  return `the database ${found}, and this code needs ${newest}: run tenor migrate`;
}

function readMigrations(folder: string): Migration[] {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  return names.map((name, index) => {
    const number = String(index + 1).padStart(4, '0');
    if (!new RegExp(`^${number}_[a-z0-9_]+\\.sql$`).test(name)) {
      throw new Error(
        `migration ${name} should be number ${number}, and be named like ${number}_what_it_does.sql`,
      );
    }
    const sql = readFileSync(join(folder, name), 'utf8');
    return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
  });
}

/** Why the applied migrations are not the beginning of the known ones; null if they are. */
function contradiction(applied: readonly Applied[], known: readonly Migration[]): string | null {
  for (const [index, { name, sha256 }] of applied.entries()) {
    const here = known[index];
    if (here === undefined)
      return `the database is at ${applied.at(-1)?.name}, newer than this code: start the newer version`;
    if (here.name !== name) return `the database has migration ${name} where the code has ${here.name}`;
    if (here.sha256 !== sha256) return `migration ${name} was changed after it was applied`;
  }
  return null;
}

async function apply(client: Client, { name, sql, sha256 }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into migrations (name, sha256) values ($1, $2)', [name, sha256]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
