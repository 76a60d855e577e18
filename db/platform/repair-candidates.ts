import { PREFIX } from '../../temporal/ids.ts';
import { list, text, truth } from './columns.ts';
import type { Pool } from './pool.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

const candidate = {
  merchant_id: text,
  id: text,
  workflow_id: text,
  /** Why it is late, in sentences without a full stop. Empty: it only has to run. */
  late: list(text),
  /** Whether repair has to check it. */
  needed: truth,
};

/** A workflow that repair checks, with the reasons why it is late. */
export type RepairCandidate = RowOf<typeof candidate>;

// Each statement reads the next 1,000 rows of its table after a merchant and an id, whether they are needed or not.
const OF_NEXT = { params: { merchant: 'text', id: 'text' }, row: candidate } as const;

const selectContracts = statement('contractsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-contracts.sql'),
  ...OF_NEXT,
});

const selectAccounts = statement('accountsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-accounts.sql'),
  ...OF_NEXT,
});

const selectCollections = statement('collectionsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-collections.sql'),
  ...OF_NEXT,
});

const selectAccountCollections = statement('accountCollectionsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-account-collections.sql'),
  ...OF_NEXT,
});

const selectJobs = statement('jobsToRepair', {
  sql: sqlFile(import.meta.url, 'repair-jobs.sql'),
  ...OF_NEXT,
});

/** Test clocks that are advancing. */
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
 * All workflows that must run or be woken, found from the database alone, in batches. Contracts come first. Each batch begins
 * where the one before ended, so the cost of a batch does not depend on the number of rows.
 */
export async function* repairCandidates(pool: Pool): AsyncGenerator<RepairCandidate[]> {
  const all = [
    selectContracts,
    selectAccounts,
    selectCollections,
    selectAccountCollections,
    selectJobs,
    selectClocks,
  ];
  for (const select of all) {
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
