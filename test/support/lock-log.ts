import type { Pool } from '../../db/platform/pool.ts';

/** The one order of locks (rule 46), by the tables whose rows are locked. */
const ORDER = [
  'test_clocks',
  'customers',
  'contracts',
  'usage_totals',
  'metered_periods',
  'billing_accounts',
  'receivables',
  'attempts',
  'series_counters',
];

/** The tables that each SQL function locks, in order. */
const FUNCTIONS: Readonly<Record<string, readonly string[]>> = {
  lock_contract: ['test_clocks', 'contracts'],
  hold_clock_of: ['test_clocks'],
  lock_usage: ['usage_totals'],
  lock_account: ['test_clocks', 'billing_accounts'],
  lock_account_books: ['billing_accounts'],
  lock_unchanged_account: ['billing_accounts'],
};

const LOCKING =
  /\b(lock_\w+|hold_clock_of)\(|for (?:no key update|share)(?: of (\w+))?|(?<!do |key |for )\bupdate (\w+)|insert into (series_counters)/g;

/** The tables whose rows a statement locks, in the order in which its text names them. */
export function locksOf(sql: string): string[] {
  return [...sql.matchAll(LOCKING)].flatMap(([, called, alias, updated, counted]) => {
    if (called !== undefined) return FUNCTIONS[called] ?? [];
    const table = updated ?? counted ?? tableOf(sql, alias);
    return ORDER.includes(table) ? [table] : [];
  });
}

/** The table that a `for update` locks: the one that its alias names, or the first that is read. */
function tableOf(sql: string, alias: string | undefined): string {
  const named = alias === undefined ? /from (\w+)/ : new RegExp(`(?:from|join) (\\w+) ${alias}\\b`);
  return named.exec(sql)?.[1] ?? '';
}

/** The first lock that is taken after a lock that it must precede, or null if all are in order. */
export function outOfOrder(statements: readonly string[]): string | null {
  let locked: string[] = [];
  let saved: string[] = [];
  for (const sql of statements) {
    if (sql.startsWith('savepoint')) saved = [...locked];
    else if (sql.startsWith('rollback to savepoint')) locked = [...saved];
    for (const table of locksOf(sql)) {
      if (locked.includes(table)) continue; // a transaction that has an account's lock may lock the account's rows again
      const before = locked.find((each) => ORDER.indexOf(each) > ORDER.indexOf(table));
      if (before !== undefined) return `${table} after ${before}`;
      locked.push(table);
    }
  }
  return null;
}

/** Records the statements of every transaction on a pool. */
export function transactionsOf(pool: Pool): string[][] {
  const transactions: string[][] = [];
  const watched = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    let open: string[] | null = null;
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const recording = (...given: unknown[]): unknown => {
      const [first] = given;
      const text = typeof first === 'string' ? first : (first as { text: string }).text;
      if (/^begin\b/.test(text)) transactions.push((open = []));
      else if (text === 'commit' || text === 'rollback') open = null;
      else open?.push(text);
      return query(...given);
    };
    Object.assign(client, { query: recording });
  });
  return transactions;
}
