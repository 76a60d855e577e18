import { PREFIX } from '../../temporal/ids.ts';
import { list, text, truth } from './columns.ts';
import type { Pool } from './pool.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

const candidate = {
  merchant_id: text,
  id: text,
  workflow_id: text,
  /** In sentences without a full stop. Nothing: it only has to run. */
  late: list(text),
  needed: truth,
};

/** A workflow that should be looked at, and what is late about it. */
export type RepairCandidate = RowOf<typeof candidate>;

// Of the next rows of a table, whether they are needed or not.
const OF_NEXT = { params: { merchant: 'text', id: 'text' }, row: candidate } as const;

const selectContracts = statement('contractsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-contracts.sql'),
  ...OF_NEXT,
});

const selectCollections = statement('collectionsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-collections.sql'),
  ...OF_NEXT,
});

/** Test clocks that are on their way. */
const selectClocks = statement('clocksToRepair', {
  sql: `
    with part as materialized (
      select merchant_id, id, status from test_clocks
      where (merchant_id, id) > (:merchant, :id) order by merchant_id, id limit 1000)
    select k.merchant_id, k.id, '${PREFIX.clock}' || k.id as workflow_id, array[]::text[] as late, k.status = 'advancing' as needed
    from part k order by k.merchant_id, k.id`,
  ...OF_NEXT,
});

/**
 * Everything that must run or be woken, from the database alone, in batches. Contracts come first. Each batch begins where
 * the one before has ended, so it costs the same however many there are.
 */
export async function* repairCandidates(pool: Pool): AsyncGenerator<RepairCandidate[]> {
  for (const select of [selectContracts, selectCollections, selectClocks]) {
    for (let [merchant, id] = ['', '']; ;) {
      const part = await select.rows(pool, { merchant, id });
      const end = part.at(-1);
      if (end === undefined) break;
      const needed = part.filter((each) => each.needed);
      if (needed.length > 0) yield needed;
      ({ merchant_id: merchant, id } = end);
    }
  }
}
