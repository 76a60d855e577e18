// The rows and entries that Postgres reads for a look-up, by its own statistics: also those that functions, triggers and
// references read.
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';

export interface Scan {
  readonly name: string;
  readonly scans: number;
  readonly read: number;
}

const COUNTS = `select oid::regclass::text as name, pg_stat_get_numscans(oid)::int as scans, pg_stat_get_tuples_returned(oid)::int as read
  from pg_class where relkind in ('r', 'i') and relnamespace in ('public'::regnamespace, 'sandbox'::regnamespace)`;

/**
 * The scans of a look-up: whole tables and indexes, each with the number of rows or entries that were read.
 * @param pool a pool with one connection, on which the look-up runs
 * @param observer another pool, which reads the statistics
 */
export async function scansOf(
  observer: Pool,
  pool: Pool,
  look: (pool: Pool) => Promise<unknown>,
): Promise<Scan[]> {
  const counts = async (): Promise<Map<string, Scan>> => {
    await pool.query('select pg_stat_force_next_flush()');
    return new Map((await rows<Scan>(observer, COUNTS)).map((each) => [each.name, each]));
  };
  const before = await counts();
  await look(pool);
  const after = await counts();
  return [...after.values()]
    .map(({ name, scans, read }) => ({
      name,
      scans: scans - (before.get(name)?.scans ?? 0),
      read: read - (before.get(name)?.read ?? 0),
    }))
    .filter(({ scans }) => scans > 0);
}
