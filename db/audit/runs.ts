import { bigint, instant, int, list, text } from '../platform/columns.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { CHECKS } from './audit.ts';
import type { Finding } from './finding.ts';
import type { Check, Key } from './slices.ts';

/** The next slice of an audit. */
export interface Position {
  readonly check: Check;
  readonly after: Key;
}

const stored = {
  id: bigint,
  began_at: instant,
  /** How many slices are stored. */
  slices: int,
};

/** An audit whose position is stored after each slice, so that it can be continued after an interruption. */
export type Run = RowOf<typeof stored> & { readonly position: Position };

/** The names of all checks, in their order. An audit with other checks cannot be continued. */
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

/** Continues the newest audit if it was interrupted, unless `anew` is true. Otherwise begins a new one. */
export async function openRun(db: Db, { anew }: { readonly anew: boolean }): Promise<Run> {
  return (anew ? null : await interrupted(db)) ?? begin(db);
}

const selectInterrupted = statement('interruptedAudit', {
  // An audit that was interrupted longer ago is begun again, because its findings are too old to be part of one result.
  sql: `
    select id, began_at, slices, check_name, after from audit_runs
    where id = (select max(id) from audit_runs) and ended_at is null and checks = :checks
      and moved_at > clock_timestamp() - interval '24 hours'`,
  params: { checks: 'text[]' },
  row: { ...stored, check_name: text, after: list(text) },
});

async function interrupted(db: Db): Promise<Run | null> {
  const found = await selectInterrupted.maybeRow(db, { checks: NAMES });
  if (found === null) return null;
  const { check_name, after, ...run } = found;
  return { ...run, position: { ...positionAt(NAMES.indexOf(check_name)), after } };
}

const deleteOld = statement('deleteOldAudits', {
  sql: `
    with old as (select id from audit_runs where began_at < clock_timestamp() - interval '90 days'),
      gone as (delete from audit_findings f using old where f.run_id = old.id)
    delete from audit_runs r using old where r.id = old.id`,
});

const insertRun = statement('insertAudit', {
  sql: `insert into audit_runs (checks, check_name, after) values (:checks, :check, :after)
    returning id, began_at, slices`,
  params: { checks: 'text[]', check: 'text', after: 'text[]' },
  row: stored,
});

async function begin(db: Db): Promise<Run> {
  await deleteOld.run(db, {});
  const begun = await insertRun.row(db, { checks: NAMES, check: FIRST.check.name, after: FIRST.after });
  return { ...begun, position: FIRST };
}

const insertSlice = statement('insertAuditSlice', {
  sql: `
    with stored as (
      insert into audit_findings (run_id, check_name, merchant_id, id, message)
      select :run, f.* from unnest(:checks, :merchants, :ids, :messages) f)
    update audit_runs
    set slices = slices + 1, moved_at = clock_timestamp(), check_name = coalesce(:next, check_name),
      after = coalesce(:after, after), ended_at = case when :next is null then clock_timestamp() end
    where id = :run`,
  params: {
    run: 'bigint',
    checks: 'text[]',
    merchants: 'text[]',
    ids: 'text[]',
    messages: 'text[]',
    next: 'text?',
    after: 'text[]?',
  },
});

/** Stores the findings of a slice and the position of the next one; null after the last slice. */
export async function storeSlice(
  db: Db,
  run: Run,
  findings: readonly Finding[],
  next: Position | null,
): Promise<void> {
  await insertSlice.run(db, {
    run: run.id,
    checks: findings.map((finding) => finding.check),
    merchants: findings.map((finding) => finding.merchant_id),
    ids: findings.map((finding) => finding.id),
    messages: findings.map((finding) => finding.message),
    next: next?.check.name ?? null,
    after: next?.after ?? null,
  });
}

const BATCH = 1_000;

const selectFindings = statement('findingsOfAudit', {
  sql: `select n, check_name as "check", merchant_id, id, message from audit_findings
    where run_id = :run and n > :last order by n limit ${BATCH}`,
  params: { run: 'bigint', last: 'bigint' },
  row: { n: bigint, check: text, merchant_id: text, id: text, message: text },
});

/** The stored findings of an audit, in batches. */
export async function* storedFindings(db: Db, run: Run): AsyncGenerator<Finding[]> {
  for (let last = 0n; ;) {
    const batch = await selectFindings.rows(db, { run: run.id, last });
    const end = batch.at(-1);
    if (end === undefined) return;
    yield batch;
    last = end.n;
  }
}

const selectSizes = statement('estimatedSizes', {
  sql: `select relname::text as table, reltuples::bigint as rows from pg_class
    where relnamespace = 'public'::regnamespace and relname = any(:tables)`,
  params: { tables: 'text[]' },
  row: { table: text, rows: bigint },
});

/** Estimates how many slices all checks have, by Postgres' estimate of the rows in their tables. */
export async function expectedSlices(db: Db): Promise<number> {
  const sizes = await selectSizes.rows(db, { tables: CHECKS.map(({ table }) => table) });
  const known = new Map(sizes.map((each) => [each.table, Number(each.rows)]));
  return CHECKS.reduce(
    (sum, { table, size }) => sum + Math.max(1, Math.ceil((known.get(table) ?? 0) / size)),
    0,
  );
}
