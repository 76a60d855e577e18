import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Migration } from './migration-files.ts';

/** How long a migration waits for other sessions, in milliseconds. */
export interface Patience {
  /** How long it waits for a lock. Sessions that want the same table queue behind it for as long. */
  readonly lockMs: number;
  /** How often it is tried if it gets no lock. Between two tries it is rolled back and pauses. */
  readonly tries: number;
  readonly pauseMs: number;
  /** How long a concurrent statement waits for open transactions. No other session waits for it. */
  readonly concurrentlyMs: number;
}

const LOCK_NOT_AVAILABLE = '55P03';
const DEADLOCK = '40P01';

/**
 * Applies a migration in one transaction. It is tried again while other sessions lock the tables that it changes.
 * @throws when the migration failed or got no lock: the transaction was rolled back
 */
export async function applyInTransaction(
  client: Client,
  migration: Migration,
  patience: Patience,
): Promise<void> {
  const subject = { title: `migration ${migration.name}`, left: 'nothing of it was applied' };
  await locked(client, subject, patience, async () => {
    await client.query('begin');
    try {
      await client.query(`set local lock_timeout = ${patience.lockMs}`);
      await client.query(migration.sql);
      await record(client, migration);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined); // a lost connection has rolled back already
      throw error;
    }
  });
}

/**
 * Applies a migration statement by statement, without a transaction. If it fails half-way, the next run starts it from the
 * beginning, and drops an index that was left half-built.
 */
export async function applyAlone(client: Client, migration: Migration, patience: Patience): Promise<void> {
  const subject = { title: `migration ${migration.name}`, left: 'the next run starts it again' };
  for (const statement of migration.alone ?? []) {
    const index = /^create (?:unique )?index concurrently if not exists (\S+)/i.exec(statement)?.[1];
    if (index !== undefined) await dropInvalid(client, index);
    const concurrently = /\bconcurrently\b/i.test(statement);
    const limits = concurrently ? { ...patience, lockMs: patience.concurrentlyMs, tries: 1 } : patience;
    await locked(client, subject, limits, async () => {
      await client.query(`set lock_timeout = ${limits.lockMs}`);
      await client.query(statement);
    });
  }
  await record(client, migration);
  await client.query('reset lock_timeout');
}

async function dropInvalid(client: Client, index: string): Promise<void> {
  const { rows } = await client.query(
    'select from pg_index where indexrelid = to_regclass($1) and not indisvalid',
    [index],
  );
  if (rows.length > 0) await client.query(`drop index concurrently ${index}`);
}

async function record(client: Client, { name, sha256, breaking }: Migration): Promise<void> {
  await client.query('insert into migrations (name, sha256, breaking) values ($1, $2, $3)', [
    name,
    sha256,
    breaking,
  ]);
}

/** Creates the table of applied migrations. An older database may lack its column `breaking`, which is then added. */
export async function prepareTable(client: Client, patience: Patience): Promise<void> {
  await client.query(
    `create table if not exists migrations (
       name text primary key,
       sha256 text not null,
       applied_at timestamptz not null default clock_timestamp(),
       breaking text
     )`,
  );
  const { rows } = await client.query(
    `select from pg_attribute where attrelid = 'migrations'::regclass and attname = 'breaking'`,
  );
  if (rows.length > 0) return;
  const subject = { title: 'the table of migrations', left: 'nothing was applied' };
  await locked(client, subject, patience, async () => {
    await client.query(`set lock_timeout = ${patience.lockMs}`);
    await client.query('alter table migrations add column breaking text');
  });
}

/** Does work that needs locks, and tries it again while other sessions have them. */
async function locked(
  client: Client,
  { title, left }: { readonly title: string; readonly left: string },
  { lockMs, tries, pauseMs }: Patience,
  work: () => Promise<void>,
): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isLocked(error)) {
        const message = error instanceof Error ? error.message : String(error);
        throw new Error(`${title} failed: ${message}`, { cause: error });
      }
      if (n >= tries) throw new Error(await gaveUp(client), { cause: error });
    }
    await delay(pauseMs);
  }

  async function gaveUp(client: Client): Promise<string> {
    const waited = `${lockMs / 1_000} s${tries > 1 ? `, ${tries} times` : ''}`;
    return `${title} waited ${waited} for a lock and gave up; ${left}. ${await holders(client)} Then run tenor migrate again`;
  }
}

const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && [LOCK_NOT_AVAILABLE, DEADLOCK].includes(String(error.code));

/** Names the sessions that probably have the lock: those with locks on tables of the database, the oldest transaction first. */
async function holders(client: Client): Promise<string> {
  const { rows } = await client.query<{ pid: number; name: string }>(
    `select a.pid, coalesce(nullif(a.application_name, ''), 'without a name') as name from pg_stat_activity a
     where a.datname = current_database() and a.pid <> pg_backend_pid()
       and exists (select from pg_locks l where l.pid = a.pid and l.granted and l.locktype = 'relation')
     order by a.xact_start, a.pid limit 3`,
  );
  if (rows.length === 0) return 'No other session has one now.';
  return `Let these sessions finish, or end them: ${rows.map(({ pid, name }) => `${pid} (${name})`).join(', ')}.`;
}
