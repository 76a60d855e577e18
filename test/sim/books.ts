import { AT_REST, findingsIn } from '../../db/audit.ts';
import type { MerchantId } from '../../db/ids.ts';
import { type Pool, createPool, rows } from '../../db/pool.ts';

/** The audit of one merchant, of many that live in a database. */
export interface Books {
  /** What is wrong. At rest: where a clock has arrived. */
  audit(atRest: boolean): Promise<string[]>;
  close(): Promise<void>;
}

/** Where a clock has arrived nothing is open, but an attempt without an answer, which is looked up a minute later. */
const ARRIVED = { ...AT_REST, attemptSeconds: 61 };
/** Who reads the books: sees of every table the rows of one merchant alone. */
const READER = 'tenor_sim_reader';

/** Lets the books of a database be read merchant by merchant; its owner sees all as before. */
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

/** A connection of its own to guarded books, which reads those of the merchant. */
export async function openBooks(databaseUrl: string, merchant: MerchantId): Promise<Books> {
  const pool = createPool(databaseUrl, { max: 1, name: 'books' });
  await pool.query(`set role ${READER}; set sim.merchant = '${merchant}'`);
  return {
    async audit(atRest) {
      const found: string[] = [];
      await pool.query('begin isolation level repeatable read read only');
      for await (const each of findingsIn(pool, ...(atRest ? [ARRIVED] : [])))
        found.push(`audit    ${each.check} ${each.id}: ${each.message}`);
      await pool.query('rollback');
      return found;
    },
    close: () => pool.end(),
  };
}
