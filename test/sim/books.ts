import { AT_REST, findingsIn } from '../../db/audit/audit.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type Db, type Pool, createPool } from '../../db/platform/pool.ts';
import { row, rows } from '../support/rows.ts';
import { nameOfPlan } from '../../db/platform/statement.ts';

/** The audit of one of the merchants of a database. */
export interface Books {
  /**
   * The findings. Rows that are never edited and were checked by themselves before are checked again only if `all` is
   * true.
   */
  audit(how: { readonly stage: Stage; readonly all: boolean }): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * How much may be open without being a finding. `under way`: whatever is usual while a clock advances. `arrived`: only an
 * attempt without an answer, which is looked up a minute later. `sent once`: such an attempt for ever.
 */
type Stage = 'under way' | 'arrived' | 'sent once';
const PATIENCE = {
  'under way': undefined,
  arrived: { ...AT_REST, attemptSeconds: 61 },
  'sent once': { ...AT_REST, attemptSeconds: 1e10 },
};
/** The role that reads the books. It sees only the rows of one merchant. */
const READER = 'tenor_sim_reader';

/** Sets up row-level security for the reader, by merchant. The owner of the database still sees all rows. */
export async function guardBooks(db: Pool): Promise<void> {
  const tables = await rows<{ name: string; wall: string }>(
    db,
    `select table_name as name, column_name as wall from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_schema = 'public' and table_type = 'BASE TABLE'
       and column_name = case table_name when 'merchants' then 'id' else 'merchant_id' end`,
  );
  const walls = tables.map(
    ({ name, wall }) =>
      `alter table ${name} enable row level security;
       create policy one_merchant on ${name} using (${wall} = current_setting('sim.merchant'))`,
  );
  await db.query(
    `do $$ begin create role ${READER}; exception when duplicate_object or unique_violation then null; end $$;
     grant usage on schema public to ${READER}; grant select on all tables in schema public to ${READER};
     ${walls.join(';')}`,
  );
}

/** Limits of connections that only read: a machine that runs many lives at once is slow. */
export const PATIENT = { connectMs: 60_000, statementMs: 60_000 } as const;

/** Opens a connection to a database after `guardBooks`, which reads the books of one merchant. */
export async function openBooks(databaseUrl: string, merchant: MerchantId): Promise<Books> {
  const pool = createPool(databaseUrl, { max: 1, name: 'books', limits: PATIENT });
  await pool.query(`set jit = off; set role ${READER}; set sim.merchant = '${merchant}'`);
  let read: Read = NOTHING;
  return {
    async audit({ stage, all }) {
      const found: string[] = [];
      await pool.query('begin isolation level repeatable read read only');
      for await (const each of findingsIn(
        planned(pool),
        PATIENCE[stage],
        unread(merchant, all ? NOTHING : read),
      ))
        found.push(`audit    ${each.check} ${each.id}: ${each.message}`);
      read = await row<Read>(
        pool,
        `select (select coalesce(max(id), '') from charges) as charge, (select coalesce(max(id), '') from documents) as document`,
      );
      await pool.query('rollback');
      return found;
    },
    close: () => pool.end(),
  };
}

/** The newest charge and document that the audit has read. */
interface Read {
  readonly charge: string;
  readonly document: string;
}

const NOTHING: Read = { charge: '', document: '' };

/** The keys after which the checks of charges and documents begin, as these are never edited. */
function unread(merchant: MerchantId, { charge, document }: Read): Readonly<Record<string, string[]>> {
  const [line, sealed] = [
    [merchant, charge],
    [merchant, document],
  ];
  return { lines: line, charges: line, totals: sealed, documents: sealed };
}

/** Prepares each statement once, as planning it takes longer than running it. */
function planned(pool: Pool): Db {
  const query = async ({ text, values }: { text: string; values: unknown[] }): Promise<unknown> =>
    pool.query({ name: nameOfPlan(text), text, values });
  return { query } as unknown as Db;
}
