import { type Db, maybeRow, row, rows } from '../platform/pool.ts';
import { CHECKS } from './audit.ts';
import type { Finding } from './finding.ts';
import type { Check, Key } from './slices.ts';

/** The next slice of an audit. */
export interface Position {
  readonly check: Check;
  readonly after: Key;
}

/** An audit that is stored after each slice, so that it goes on where it was interrupted. */
export interface Run {
  readonly id: bigint;
  readonly began_at: string;
  /** Slices that are stored. */
  readonly slices: number;
  readonly position: Position;
}

/** An audit that was interrupted longer ago is begun anew: its findings are too old to be part of one answer. */
const GOES_ON_WITHIN = `interval '24 hours'`;
const KEPT = `interval '90 days'`;
/** The checks that the code has, in their order: an audit of other ones cannot be gone on with. */
const NAMES = CHECKS.map(({ name }) => name);

const FIRST = positionAt(0);

function positionAt(index: number): Position {
  const check = CHECKS[index];
  if (check === undefined) throw new Error('there is no such check');
  return { check, after: check.start };
}

/** The position after a slice; null at the end of all checks. */
export function positionAfter({ check }: Position, next: Key | null): Position | null {
  if (next !== null) return { check, after: next };
  const index = CHECKS.indexOf(check) + 1;
  return index === CHECKS.length ? null : positionAt(index);
}

/** The newest audit if it was interrupted, unless it is to begin anew; else a new one. */
export async function openRun(db: Db, { anew }: { readonly anew: boolean }): Promise<Run> {
  return (anew ? null : await interrupted(db)) ?? begin(db);
}

async function interrupted(db: Db): Promise<Run | null> {
  const found = await maybeRow<Omit<Run, 'position'> & { check_name: string; after: string[] }>(
    db,
    `select id, began_at, slices, check_name, after from audit_runs
     where id = (select max(id) from audit_runs) and ended_at is null and checks = $1
       and moved_at > clock_timestamp() - ${GOES_ON_WITHIN}`,
    [NAMES],
  );
  if (found === null) return null;
  const { check_name, after, ...run } = found;
  return { ...run, position: { ...positionAt(NAMES.indexOf(check_name)), after } };
}

async function begin(db: Db): Promise<Run> {
  await rows(
    db,
    `with old as (select id from audit_runs where began_at < clock_timestamp() - ${KEPT}),
       gone as (delete from audit_findings f using old where f.run_id = old.id)
     delete from audit_runs r using old where r.id = old.id`,
  );
  const begun = await row<Omit<Run, 'position'>>(
    db,
    'insert into audit_runs (checks, check_name, after) values ($1, $2, $3) returning id, began_at, slices',
    [NAMES, FIRST.check.name, FIRST.after],
  );
  return { ...begun, position: FIRST };
}

/** Stores what a slice has found, and where the next one begins; null: it was the last. */
export async function storeSlice(
  db: Db,
  run: Run,
  findings: readonly Finding[],
  next: Position | null,
): Promise<void> {
  const column = (name: keyof Finding): string[] => findings.map((finding) => finding[name]);
  await rows(
    db,
    `with stored as (insert into audit_findings (run_id, check_name, merchant_id, id, message)
       select $1, f.* from unnest($2::text[], $3::text[], $4::text[], $5::text[]) f)
     update audit_runs set slices = slices + 1, moved_at = clock_timestamp(), check_name = coalesce($6, check_name),
       after = coalesce($7, after), ended_at = case when $6 is null then clock_timestamp() end
     where id = $1`,
    [
      run.id,
      column('check'),
      column('merchant_id'),
      column('id'),
      column('message'),
      next?.check.name ?? null,
      next?.after ?? null,
    ],
  );
}

const BATCH = 1_000;

/** The findings of an audit until now, in batches. */
export async function* storedFindings(db: Db, run: Run): AsyncGenerator<Finding[]> {
  for (let last = 0n; ;) {
    const batch = await rows<Finding & { n: bigint }>(
      db,
      `select n, check_name as "check", merchant_id, id, message from audit_findings
       where run_id = $1 and n > $2 order by n limit ${BATCH}`,
      [run.id, last],
    );
    const end = batch.at(-1);
    if (end === undefined) return;
    yield batch;
    last = end.n;
  }
}

/** About how many slices all checks have, by Postgres' estimate of their tables. */
export async function expectedSlices(db: Db): Promise<number> {
  const sizes = await rows<{ table: string; rows: number }>(
    db,
    `select relname as table, reltuples::float8 as rows from pg_class
     where relnamespace = 'public'::regnamespace and relname = any($1)`,
    [CHECKS.map(({ table }) => table)],
  );
  const known = new Map(sizes.map((each) => [each.table, each.rows]));
  return CHECKS.reduce(
    (sum, { table, size }) => sum + Math.max(1, Math.ceil((known.get(table) ?? 0) / size)),
    0,
  );
}
