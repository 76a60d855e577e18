// docs/concepts/a-renewal.md and docs/concepts/a-payment.md name every row that a renewal with a charge writes.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rows } from '../support/rows.ts';
import { type Caller, type TestApi, startTestApi } from '../support/api.ts';
import { createSampleMerchant } from '../support/merchant.ts';
import { beginStory } from '../support/story.ts';
import { type TestTenor, startTestTenor } from '../support/tenor.ts';

let tenor: TestTenor;
let api: TestApi;
let caller: Caller;

beforeAll(async () => {
  tenor = await startTestTenor();
  const { pool, vault, providers } = tenor.parts;
  api = await startTestApi(pool, vault, { engine: tenor.engine, providers });
  caller = await api.caller(await createSampleMerchant(pool));
});
afterAll(async () => {
  expect(api.errors).toEqual([]);
  await api.stop();
  await tenor.stop();
});

/** Tables that the request and the test clock write, not the renewal or the payment. */
const NOT_OF_RENEWAL = ['api_keys', 'idempotency_keys', 'outbox', 'rate_buckets', 'test_clocks'];

/** All rows as text, by table. */
async function allRows(): Promise<Map<string, Set<string>>> {
  const { pool } = tenor.parts;
  const tables = await rows<{ name: string }>(
    pool,
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found = new Map<string, Set<string>>();
  for (const { name } of tables.filter((each) => !NOT_OF_RENEWAL.includes(each.name))) {
    const all = await rows<{ text: string }>(pool, `select to_jsonb(t)::text as text from ${name} t`);
    found.set(name, new Set(all.map(({ text }) => text)));
  }
  return found;
}

/** How many rows of each table are new or changed. */
function written(before: Map<string, Set<string>>, after: Map<string, Set<string>>): Record<string, number> {
  const counts = [...after].map(([table, all]): [string, number] => [
    table,
    [...all].filter((row) => before.get(table)?.has(row) !== true).length,
  ]);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

describe('the pages that follow a renewal and its payment row by row', () => {
  it('name each table in which these write rows', async () => {
    const story = await beginStory(caller, '2024-01-01T09:00:00.000Z', { variant: 'pro', token: 'card' });
    await story.until('2024-01-02T09:00:00.000Z');
    const before = await allRows();
    await story.until('2024-02-01T09:00:00.000Z');
    const found = written(before, await allRows());
    expect(found).toEqual({
      // The renewal writes a line, the invoice with its seal, its receivable, and when the contract is due next.
      charges: 1,
      document_lines: 1,
      document_taxes: 1,
      documents: 1,
      document_seals: 1,
      series_counters: 1,
      contracts: 1,
      agenda: 1,
      receivables: 1,
      // The charge of that invoice.
      attempts: 1,
      payments: 1,
      credits: 1,
      allocations: 1,
      // Both post to the journal: an entry of three postings, and one of two.
      journal_entries: 2,
      postings: 5,
      // The invoice is finalised and paid, its payment has succeeded, and the clock is ready.
      events: 4,
    });
    const pages = ['a-renewal', 'a-payment'].map((name) =>
      readFileSync(`docs/concepts/${name}.md`, 'utf8').split('\n'),
    );
    const named = new Set(pages.flat().flatMap((line) => /^\| `(\w+)` \|/.exec(line)?.[1] ?? []));
    expect(Object.keys(found).filter((table) => !named.has(table))).toEqual([]);
  });
});
