// The generic plan of every statement, on tables of 100,000 and 20,000 rows.
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPool } from '../../../db/platform/pool.ts';
import { numberMutation } from '../../../db/platform/write.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { createMany } from '../../support/many-rows.ts';
import { scannedTables } from '../../support/plans.ts';
import { rows } from '../../support/rows.ts';
import { allStatements } from '../../support/statements.ts';

const { statements, mutations } = await allStatements();

let database: TestDatabase;
let client: Client;
const [large, partial] = [new Set<string>(), new Set<string>()];
beforeAll(async () => {
  database = await createTestDatabase();
  const pool = createPool(database.url, { max: 1, limits: { statementMs: 0 } });
  await createMany(pool);
  const found = await rows<{ name: string }>(
    pool,
    `select relname as name from pg_class where relkind = 'r' and reltuples >= 5000`,
  );
  for (const { name } of found) large.add(name);
  const some = await rows<{ name: string }>(
    pool,
    'select indexrelid::regclass::text as name from pg_index where indpred is not null',
  );
  for (const { name } of some) partial.add(name);
  await pool.end();
  client = new Client({ connectionString: database.url });
  await client.connect();
  // Reading a table from end to end costs as much as if it had a hundred times the rows.
  await client.query('set seq_page_cost = 100');
}, 120_000);
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

const SLICE =
  'a slice of the audit looks up 1,000 rows, which costs as much as reading the 20,000 of this table';

/** Statements that read all rows of a large table, or all of a merchant: the tables, and why that is right. */
const REASONS: Readonly<Record<string, readonly [tables: string, reason: string]>> = {
  audit_attempts: ['attempt_receivables', SLICE],
  audit_charges: ['waiting_charges', SLICE],
  audit_credits: ['payments', SLICE],
  audit_documents: ['vault_records', SLICE],
  audit_entries: ['payments', SLICE],
  apiKeysOfAll: ['api_keys', 'an operator lists the keys of all merchants'],
  backlog: [
    'events idempotency_keys pdf_requests webhook_attempts',
    'it reads the first row of an index, for the oldest of each kind, and at most 10,000 waiting requests',
  ],
  contractsTaxedBy: [
    'contracts customers',
    'a rate that is taken back is compared with all contracts of its merchant, once',
  ],
  latestNowOfMerchant: ['test_clocks', 'the latest of all test clocks of a merchant'],
  sandboxMovements: ['intents movements', 'tests alone ask for all movements of money'],
  someVaultSubject: ['vault_subjects', 'it reads one row, whichever comes first'],
};

const scanned = async (text: string) =>
  (await scannedTables(client, text, partial)).filter((table) => large.has(table));

describe('The generic plan reads neither all rows of a large table nor all of a merchant', () => {
  it.each([...statements.values()].map((each) => [each.name, each] as const))(
    '%s',
    async (name, { text }) => {
      expect((await scanned(text)).join(' ')).toBe(REASONS[name]?.[0] ?? '');
    },
  );

  it.each([...mutations.values()].map((each) => [each.name, each] as const))('%s', async (name, mutation) => {
    const { text } = numberMutation(mutation, 2);
    expect((await scanned(`with ${text} select $1::jsonb`)).join(' ')).toBe(REASONS[name]?.[0] ?? '');
  });
});
