// The tests of lists on a large book, for books of two sizes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentFilter, listDocuments } from '../../db/books/list-documents.ts';
import type { Page, PageOf } from '../../db/platform/page.ts';
import { type Pool, createPool } from '../../db/platform/pool.ts';
import { type Book, createBook } from './book.ts';
import { type TestDatabase, createTestDatabase } from './database.ts';
import { rows } from './rows.ts';
import { scansOf } from './scans.ts';

const LIMIT = 20;

/** A filter with its index, how many rows of the index a page of 20 may read, and the same filter as a condition on `d`. */
interface Case<F> {
  readonly name: string;
  readonly filter: F;
  readonly index: string;
  readonly most: number;
  readonly where: string;
  readonly order?: string;
}

const ONE_MORE = LIMIT + 1;
const OPEN = `coalesce((select r.open_minor > 0 from receivables r where r.merchant_id = d.merchant_id and r.document_id = d.id),
  (select c.left_minor > 0 from credits c where c.merchant_id = d.merchant_id and c.document_id = d.id))`;
const OF_CUSTOMER_1 = `d.account_id = 'acc_00000001'`;

const SINGLE: readonly Case<DocumentFilter>[] = [
  // The entries of both kinds are merged.
  { name: 'no filter', filter: {}, index: 'documents_by_kind', most: 2 * ONE_MORE, where: 'true' },
  {
    name: 'no filter, oldest first',
    filter: { ascending: true },
    order: 'd.effective_at, d.id',
    index: 'documents_by_kind',
    most: 2 * ONE_MORE,
    where: 'true',
  },
  {
    name: 'credit notes',
    filter: { kind: 'credit_note' },
    index: 'documents_by_kind',
    most: ONE_MORE,
    where: `d.kind = 'credit_note'`,
  },
  {
    name: 'a rare currency',
    filter: { currency: 'CHF' },
    index: 'documents_by_currency',
    most: ONE_MORE,
    where: `d.currency = 'CHF'`,
  },
  {
    name: 'open documents',
    filter: { state: 'open' },
    index: 'receivables_by_state',
    most: ONE_MORE,
    where: OPEN,
  },
  {
    name: 'paid invoices',
    filter: { state: 'paid' },
    index: 'receivables_by_state',
    most: ONE_MORE,
    where: `d.kind = 'invoice' and not ${OPEN}`,
  },
  {
    name: 'used credit notes',
    filter: { state: 'used' },
    index: 'credits_by_state',
    most: ONE_MORE,
    where: `d.kind = 'credit_note' and not ${OPEN}`,
  },
  {
    name: 'a customer',
    filter: { customer: 'cus_00000001' },
    index: 'documents_on_account',
    most: ONE_MORE,
    where: OF_CUSTOMER_1,
  },
  {
    name: 'an account',
    filter: { account: 'acc_00000001' },
    index: 'documents_on_account',
    most: ONE_MORE,
    where: OF_CUSTOMER_1,
  },
  {
    name: 'a contract',
    filter: { contract: 'con_00000001' },
    index: 'documents_for_contract',
    most: ONE_MORE,
    where: `d.contract_id = 'con_00000001'`,
  },
  {
    name: 'a number',
    filter: { number: 'R-2024-00000777' },
    index: 'documents_numbered',
    most: 1,
    where: `d.number = 'R-2024-00000777'`,
  },
  {
    name: 'days of issue',
    filter: { issuedFrom: '2024-01-03', issuedBefore: '2024-01-05' },
    index: 'documents_by_kind',
    most: 2 * ONE_MORE,
    where: `d.issue_date >= '2024-01-03' and d.issue_date < '2024-01-05'`,
  },
  {
    name: 'invoices by due date',
    filter: { dueFrom: '2024-01-18', dueBefore: '2024-01-20' },
    index: 'receivables_by_due_date',
    most: 2 * ONE_MORE,
    where: `d.kind = 'invoice' and d.due_date >= '2024-01-18' and d.due_date < '2024-01-20'`,
    order: 'd.due_date desc, d.id desc',
  },
  {
    name: 'invoices that are overdue',
    filter: { state: 'open', dueBefore: '2024-01-20' },
    index: 'receivables_by_due_date',
    most: ONE_MORE,
    where: `d.kind = 'invoice' and d.due_date < '2024-01-20' and ${OPEN}`,
    order: 'd.due_date desc, d.id desc',
  },
  {
    name: 'an amount',
    filter: { currency: 'EUR', amountMin: 4500n, amountMax: 4500n },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'EUR' and d.gross_minor = 4500`,
  },
  {
    name: 'a range of amounts',
    filter: { currency: 'EUR', amountMin: 4500n, amountMax: 9900n },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'EUR' and d.gross_minor between 4500 and 9900`,
    order: 'd.gross_minor desc, d.effective_at desc, d.id desc',
  },
  {
    name: 'the smallest amounts first',
    filter: { currency: 'CHF', sort: 'amount', ascending: true },
    index: 'documents_by_amount',
    most: ONE_MORE,
    where: `d.currency = 'CHF'`,
    order: 'd.gross_minor, d.effective_at, d.id',
  },
];

/** Filters that no index has together. */
const COMBINED: readonly Omit<Case<DocumentFilter>, 'index' | 'most'>[] = [
  {
    name: 'open documents in a rare currency',
    filter: { currency: 'CHF', state: 'open' },
    where: `d.currency = 'CHF' and ${OPEN}`,
  },
  {
    name: 'open documents of a customer with many',
    filter: { customer: 'cus_00000001', state: 'open' },
    where: `${OF_CUSTOMER_1} and ${OPEN}`,
  },
  {
    name: 'credit notes in a rare currency, of which there are none',
    filter: { kind: 'credit_note', currency: 'CHF' },
    where: 'false',
  },
  {
    name: 'open documents of a range of days',
    filter: { issuedFrom: '2024-01-02', state: 'open' },
    where: `d.issue_date >= '2024-01-02' and ${OPEN}`,
  },
  {
    name: 'paid documents with an amount',
    filter: { state: 'paid', currency: 'EUR', amountMin: 4500n },
    where: `d.currency = 'EUR' and d.kind = 'invoice' and not ${OPEN} and d.gross_minor >= 4500`,
    order: 'd.gross_minor desc, d.effective_at desc, d.id desc',
  },
  {
    name: 'everything, sorted against its filter',
    filter: { dueBefore: '2024-01-15', sort: 'at' },
    where: `d.kind = 'invoice' and d.due_date < '2024-01-15'`,
  },
];

/** Describes what lists read and show in a book of so many documents. */
export function describeLists(documents: number): void {
  let database: TestDatabase;
  let pool: Pool;
  let observer: Pool;
  let book: Book;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool(database.url, { max: 1, limits: { statementMs: 0 } });
    observer = createPool(database.url, { max: 1, limits: { statementMs: 0 } });
    book = await createBook(pool, documents);
  }, 1_800_000);
  afterAll(async () => {
    await Promise.all([pool, observer].map((each) => each?.end()));
    await database?.drop();
  });

  const list = (filter: DocumentFilter, page: PageOf) => (): Promise<Page<{ id: string }>> =>
    listDocuments(pool, book.merchant, filter, page);
  const naive = async (
    { where, order = 'd.effective_at desc, d.id desc' }: { where: string; order?: string },
    limit: number,
  ) =>
    (
      await rows<{ id: string }>(
        pool,
        `select d.id from documents d where d.merchant_id = $1 and ${where} order by ${order} limit ${limit}`,
        [book.merchant],
      )
    ).map(({ id }) => id);

  /** Reads the pages of a list until it has so many entries. Each page reads at most 10,000 rows. */
  async function read(filter: DocumentFilter, wanted: number): Promise<string[]> {
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      let page: Page<{ id: string }> = { data: [], nextCursor: null };
      const scans = await scansOf(observer, pool, async () => {
        page = await list(filter, { limit: LIMIT, ...(cursor === undefined ? {} : { cursor }) })();
      });
      const total = scans.reduce((sum, each) => sum + each.read, 0);
      expect(total, scans.map((each) => `${each.name} ${each.read}`).join(', ')).toBeLessThanOrEqual(10_000);
      found.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined && found.length < wanted);
    return found.slice(0, wanted);
  }

  describe('a page of documents reads no more rows of its index than it shows', () => {
    it.each(SINGLE)('$name', async ({ filter, index, most }) => {
      const scans = await scansOf(observer, pool, list(filter, { limit: LIMIT }));
      const summary = scans.map(({ name, read: count }) => `${name} ${count}`).join(', ');
      expect(scans.find(({ name }) => name === index)?.read ?? -1, summary).toBeGreaterThanOrEqual(0);
      expect(scans.find(({ name }) => name === index)?.read, summary).toBeLessThanOrEqual(most);
      // A document is shown with its receivable, credit, allocations, newest attempt, account and customer.
      expect(
        scans.reduce((sum, each) => sum + each.read, 0),
        summary,
      ).toBeLessThanOrEqual(10 * 2 * ONE_MORE);
    });
  });

  describe('the pages of a list have the documents of its filter in its order', () => {
    it.each(SINGLE)('$name', async (each) => {
      const wanted = 3 * LIMIT - 5;
      expect(await read(each.filter, wanted)).toEqual(await naive(each, wanted));
    });
  });

  describe('filters that no index has together read at most 10,000 rows for a page, and find everything', () => {
    it.each(COMBINED)('$name', async (each) => {
      expect(await read(each.filter, LIMIT)).toEqual(await naive(each, LIMIT));
    });
  });
}
