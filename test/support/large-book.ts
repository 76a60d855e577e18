// The tests of lists on a large book, for books of two sizes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from '../../db/platform/page.ts';
import { type Pool, createPool } from '../../db/platform/pool.ts';
import { type Book, createBook } from './book.ts';
import { type TestDatabase, createTestDatabase } from './database.ts';
import { type Combined, LIMIT, type ListCases, ONE_MORE } from './large-case.ts';
import { contractCases, customerCases, entryCases, paymentCases } from './large-books.ts';
import { documentCases } from './large-documents.ts';
import { eventCases, incidentCases, mailCases, onwardCases } from './large-messages.ts';
import { rows } from './rows.ts';
import { scansOf } from './scans.ts';

interface Servers {
  readonly pool: Pool;
  readonly observer: Pool;
  readonly book: Book;
}

/** Describes what lists read and show in a book of so many documents. */
export function describeLists(documents: number): void {
  let database: TestDatabase;
  let servers: Servers;
  const pools: Pool[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const connect = (): Pool => createPool(database.url, { max: 1, limits: { statementMs: 0 } });
    pools.push(connect(), connect());
    const [pool, observer] = pools as [Pool, Pool];
    servers = { pool, observer, book: await createBook(pool, documents) };
  }, 1_800_000);
  afterAll(async () => {
    await Promise.all(pools.map((each) => each.end()));
    await database?.drop();
  });

  const all = [
    describeList(() => servers, documentCases),
    describeList(() => servers, entryCases),
    describeList(() => servers, paymentCases),
    describeList(() => servers, contractCases),
    describeList(() => servers, customerCases),
    describeList(() => servers, eventCases),
    describeList(() => servers, onwardCases),
    describeList(() => servers, mailCases),
    describeList(() => servers, incidentCases),
  ];
  for (const each of all) each();
}

const describeList =
  <F>(servers: () => Servers, cases: ListCases<F>) =>
  (): void => {
    const { name, single, combined } = cases;

    /** The ids of the first entries, by a statement of its own. */
    const naive = async ({ where, order = cases.order }: Combined<F>, limit: number): Promise<string[]> => {
      const { pool, book } = servers();
      const found = await rows<{ id: string }>(
        pool,
        `select d.id from ${cases.table} d where d.merchant_id = $1 and ${where} order by ${order} limit ${limit}`,
        [book.merchant],
      );
      return found.map(({ id }) => id);
    };

    /** One page, and what it reads. */
    async function pageOf(filter: F, cursor: string | undefined) {
      const { pool, observer, book } = servers();
      let page: Page<{ readonly id: string }> = { data: [], nextCursor: null };
      const scans = await scansOf(observer, pool, async () => {
        const of = { limit: LIMIT, ...(cursor === undefined ? {} : { cursor }) };
        page = await cases.list(pool, book.merchant, filter, of);
      });
      const summary = scans.map((each) => `${each.name} ${each.read}`).join(', ');
      return { page, scans, summary, total: scans.reduce((sum, { read }) => sum + read, 0) };
    }

    /** Reads the pages of a list until it has so many entries. Each page reads at most 10,000 rows. */
    async function read(filter: F, wanted: number): Promise<string[]> {
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const { page, summary, total } = await pageOf(filter, cursor);
        expect(total, summary).toBeLessThanOrEqual(10_000);
        found.push(...page.data.map(({ id }) => id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && found.length < wanted);
      return found.slice(0, wanted);
    }

    describe(`a page of ${name} reads no more entries of its index than it shows`, () => {
      it.each(single)('$name', async ({ filter, index, most }) => {
        const { scans, summary, total } = await pageOf(filter, undefined);
        const used = scans.find((each) => each.name === index)?.read ?? -1;
        expect(used, summary).toBeGreaterThanOrEqual(0);
        expect(used, summary).toBeLessThanOrEqual(most);
        // An entry is shown with what belongs to it: a document with its receivable, credit, allocations, newest attempt, account
        // and customer, a contract with its subscriptions and changes.
        expect(total, summary).toBeLessThanOrEqual(10 * 2 * ONE_MORE + most);
      });
    });

    describe(`the pages of a list have the ${name} of its filter in its order`, () => {
      it.each(single)('$name', async (each) => {
        const wanted = 3 * LIMIT - 5;
        expect(await read(each.filter, wanted)).toEqual(await naive(each, wanted));
      });
    });

    if (combined.length === 0) return;
    describe(`filters of ${name} that no index has together read at most 10,000 rows for a page, and find everything`, () => {
      it.each(combined)('$name', async (each) => {
        expect(await read(each.filter, LIMIT)).toEqual(await naive(each, LIMIT));
      });
    });
  };
