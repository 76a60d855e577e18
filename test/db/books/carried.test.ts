// Balances are carried at some entries, so that neither lists nor statements add up all earlier entries of an account.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { getAccount } from '../../../db/books/accounts.ts';
import { type EntryFilter, listEntries } from '../../../db/books/entries.ts';
import { loadAccountSpan } from '../../../db/books/statements.ts';
import { type Pool, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import { type Books, createBooks, createTestPool } from '../../support/fixtures.ts';
import { row, rows } from '../../support/rows.ts';
import { scansOf } from '../../support/scans.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let books: Books;

const START = Date.parse('2024-01-01T00:00:00.000Z');
const MINUTE = 60_000;
const instant = (minute: number): string => new Date(START + minute * MINUTE).toISOString();

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  books = await createBooks(pool);
});
afterAll(() => database.close());

const receive = (minute: number, amountMinor: bigint, on = books): Promise<unknown> =>
  inTransaction(pool, (tx) =>
    recordReceipt(tx, on.merchant, {
      accountId: on.accountId,
      amountMinor,
      currency: 'EUR',
      reference: `at ${minute}`,
      at: instant(minute),
    }),
  );

const carriedOf = async (on: Books): Promise<number> => {
  const counted = 'select count(*)::int as n from carried_balances where account_id = $1';
  return (await row<{ n: number }>(pool, counted, [on.accountId])).n;
};

describe('carried balances', () => {
  it('agree with the sum of the entries, also when receipts of one account arrive late and at once', async () => {
    // 400 receipts of 1.00, in a mixed order of time, eight at once.
    const minutes = Array.from({ length: 400 }, (_, n) => (n * 251) % 400);
    for (let n = 0; n < minutes.length; n += 8) {
      await Promise.all(minutes.slice(n, n + 8).map((minute) => receive(minute, 100n)));
    }
    expect(await carriedOf(books)).toBeGreaterThan(0);
    const { data } = await listEntries(
      pool,
      books.merchant,
      books.accountId,
      { ascending: true },
      { limit: 1_000 },
    );
    expect(data.map(({ balance_minor }) => balance_minor)).toEqual(
      Array.from({ length: 400 }, (_, n) => BigInt(n + 1) * 100n),
    );
    expect((await getAccount(pool, books.merchant, books.accountId))?.balance_minor).toBe(40_000n);
    const from300 = { fromAt: instant(300), toAt: instant(301), most: 10 };
    const span = await loadAccountSpan(pool, books.merchant, books.accountId, from300);
    expect([span?.opening_minor, span?.entries.length]).toEqual([30_000n, 1]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  }, 120_000);

  it('include the entries of their own transaction once', async () => {
    const own = await createBooks(pool);
    // The database chooses the entries by the end of their ids. These both are such, and the second counts earlier.
    await inTransaction(pool, async (tx) => {
      await recordReceipt(tx, own.merchant, {
        accountId: own.accountId,
        amountMinor: 1n,
        currency: 'EUR',
        reference: 'A',
        at: instant(9),
      });
      await rows(
        tx,
        `
        insert into journal_entries (merchant_id, id, account_id, fact, text, reference, effective_at)
        select merchant_id, 'ent_' || n || '0', account_id, 'x ' || n, text, reference, effective_at + (5 - n) * interval '1 minute'
        from journal_entries, generate_series(1, 4) n where account_id = $1`,
        [own.accountId],
      );
      await rows(
        tx,
        `
        insert into postings (merchant_id, entry_id, n, account_id, ledger_account, currency, amount_minor)
        select $1, 'ent_' || n || '0', side, $2, case side when 1 then 'receivable' else 'cash' end, 'EUR', n * 100 * (2 * side - 3)
        from generate_series(1, 4) n, generate_series(1, 2) side`,
        [own.merchant, own.accountId],
      );
    });
    const found = await rows<{ entry_id: string; balance_minor: bigint }>(
      pool,
      'select entry_id, balance_minor from carried_balances where account_id = $1 order by effective_at',
      [own.accountId],
    );
    // 0.01 first, then 4.00, 3.00, 2.00 and 1.00 by their instants.
    expect(found.filter((each) => each.entry_id.length === 6)).toEqual([
      { entry_id: 'ent_40', balance_minor: 401n },
      { entry_id: 'ent_30', balance_minor: 701n },
      { entry_id: 'ent_20', balance_minor: 901n },
      { entry_id: 'ent_10', balance_minor: 1001n },
    ]);
    const { data } = await listEntries(pool, own.merchant, own.accountId, {}, { limit: 10 });
    expect(data.map(({ balance_minor }) => balance_minor)).toEqual([1001n, 901n, 701n, 401n, 1n]);
  });

  it('bound what a page reads, wherever it lies among 100,000 entries', async () => {
    const large = await createTestPool();
    const [one, observer] = [1, 2].map(() =>
      createPool(large.url, { max: 1, limits: { statementMs: 0 } }),
    ) as [Pool, Pool];
    const own = await createBooks(one);
    // Entry n is of n cents, n minutes after the start. So the balance after it is n * (n + 1) / 2 cents.
    await rows(one, 'set session_replication_role = replica');
    const ids = `'ent_' || lpad(n::text, 6, '0')`;
    await rows(
      one,
      `insert into journal_entries (merchant_id, id, account_id, fact, text, reference, effective_at)
       select $1, ${ids}, $2, 'payment:' || n, 'T', 'R', $3::timestamptz + n * interval '1 minute' from generate_series(1, 100000) n`,
      [own.merchant, own.accountId, instant(0)],
    );
    await rows(
      one,
      `insert into postings (merchant_id, entry_id, n, account_id, ledger_account, currency, amount_minor)
       select $1, ${ids}, side, $2, case side when 1 then 'receivable' else 'cash' end, 'EUR', n * (2 * side - 3)
       from generate_series(1, 100000) n, generate_series(1, 2) side`,
      [own.merchant, own.accountId],
    );
    await rows(
      one,
      `insert into carried_balances (merchant_id, account_id, effective_at, entry_id, balance_minor)
       select $1, $2, $3::timestamptz + n * interval '1 minute', ${ids}, n::bigint * (n + 1) / 2 from generate_series(32, 100000, 32) n`,
      [own.merchant, own.accountId, instant(0)],
    );
    await rows(one, 'set session_replication_role = origin');
    await rows(one, 'vacuum analyze');
    const after = (n: bigint): bigint => (n * (n + 1n)) / 2n;
    const readBy = async <T>(look: (pool: Pool) => Promise<T>): Promise<T> => {
      const found: T[] = [];
      const scans = await scansOf(observer, one, async (db) => found.push(await look(db)));
      const total = scans.reduce((sum, { read }) => sum + read, 0);
      expect(total, scans.map(({ name, read }) => `${name} ${read}`).join(', ')).toBeLessThanOrEqual(200);
      return found[0] as T;
    };
    const entries = (filter: EntryFilter, cursor?: string) => (db: Pool) =>
      listEntries(db, own.merchant, own.accountId, filter, {
        limit: 20,
        ...(cursor === undefined ? {} : { cursor }),
      });
    const [newest, oldest] = [await readBy(entries({})), await readBy(entries({ ascending: true }))];
    expect([newest.data[0]?.balance_minor, oldest.data[0]?.balance_minor]).toEqual([after(100_000n), 1n]);
    for (const ascending of [false, true]) {
      const middle = await readBy(entries({ from: instant(50_000), before: instant(50_100), ascending }));
      const first = ascending ? 50_000n : 50_099n;
      expect(middle.data[0]?.balance_minor).toBe(after(first));
      const next = await readBy(entries({ ascending }, middle.nextCursor ?? ''));
      expect(next.data[0]?.balance_minor).toBe(after(ascending ? first + 20n : first - 20n));
    }
    expect((await readBy((db) => getAccount(db, own.merchant, own.accountId)))?.balance_minor).toBe(
      after(100_000n),
    );
    const span = { fromAt: instant(70_000), toAt: instant(70_010), most: 100 };
    const loaded = await readBy((db) => loadAccountSpan(db, own.merchant, own.accountId, span));
    expect(loaded?.opening_minor).toBe(after(69_999n));
    await Promise.all([one.end(), observer.end()]);
    await large.close();
  }, 120_000);
});
