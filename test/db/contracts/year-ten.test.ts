// What a renewal reads does not grow with what was billed: of two contracts that have everything, one is renewed in its
// tenth year and one in its second month, in one book and by the same plans.
import type { PoolClient, QueryConfig } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createChargeActivities } from '../../../activities/charge.ts';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import type { Db, Pool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import { EVERYTHING, sellEveryKind, useEverything } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
});
afterAll(() => database.close());

/** A contract from January 2024 on, with everything that may be due, and a card. */
class Life {
  contract = '';
  private clock = '';
  private months = 0;

  async begin(): Promise<this> {
    this.clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const customer = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
    const { contractId } = await order(pool, merchant, {
      customer: { ...customer, clock: this.clock },
      ...EVERYTHING,
      payment_method: { provider: 'sandbox', token: 'card' },
    });
    this.contract = contractId;
    await this.charged();
    return this;
  }

  /** Uses 12 units and something that is charged once, and renews a month later. */
  async renew(through: Pool = pool): Promise<void> {
    const month = (n: number): string => new Date(Date.UTC(2024, n, 1, 8)).toISOString();
    await useEverything(pool, this.contract, month(this.months));
    this.months += 1;
    await moveClock(pool, this.clock, month(this.months));
    await settle(through, this.contract);
    await this.charged();
  }

  private async charged(): Promise<void> {
    const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
    const { charge } = createChargeActivities({ pool, providers: { sandbox } });
    const { standing } = await settle(pool, this.contract);
    for (let next = standing.planned?.attemptId ?? null; next !== null;)
      next = await charge(this.contract, next);
  }
}

/** What a contract gets more of with each renewal. Of the rest there is too little for a plan to be worth anything. */
const GROWING = [
  'attempts',
  'charges',
  'document_lines',
  'document_taxes',
  'documents',
  'journal_entries',
  'metered_periods',
  'one_time_charges',
  'payments',
  'postings',
  'receivables',
  'usage_events',
];
/** Rows by table. */
type Read = Record<string, number>;

async function readSoFar(db: Db): Promise<Read> {
  const found = await rows<{ table: string; n: number }>(
    db,
    `select relname as table, (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as n from pg_stat_xact_user_tables
     where relname = any($1)`,
    [GROWING],
  );
  return Object.fromEntries(found.map(({ table, n }) => [table, n]));
}

/**
 * The pool as one connection, noting what each transaction read until it was committed. What is planned once is planned
 * for both contracts.
 */
function reading(client: PoolClient, noted: Read[]): Pool {
  const noting = notingClient(client, noted);
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async () => noting;
    },
  });
}

/** In a small book it is cheaper to read all there is, and one contract is half of it. */
const PLANS_OF_A_LARGE_BOOK = `set local enable_seqscan = off; set local enable_mergejoin = off;
  set local enable_hashjoin = off; set local plan_cache_mode = force_generic_plan`;

function notingClient(client: PoolClient, noted: Read[]): PoolClient {
  let before: Read = {};
  async function query(asked: string | QueryConfig, params?: unknown[]): Promise<unknown> {
    if (asked === 'commit') {
      const read = Object.entries(await readSoFar(client)).map(([table, n]) => [
        table,
        n - (before[table] ?? 0),
      ]);
      noted.push(Object.fromEntries(read.filter(([, n]) => n !== 0)));
    }
    const answer = await client.query(asked, params);
    if (asked === 'begin') {
      await client.query(PLANS_OF_A_LARGE_BOOK);
      before = await readSoFar(client);
    }
    return answer;
  }
  return new Proxy(client, {
    get(inner, key) {
      if (key === 'query') return query;
      if (key === 'release') return () => undefined;
      const value: unknown = Reflect.get(inner, key);
      return typeof value === 'function' ? value.bind(inner) : value;
    },
  });
}

it('a renewal in year ten reads as many rows as in month two', { timeout: 120_000 }, async () => {
  const [old, young] = [await new Life().begin(), await new Life().begin()];
  for (let month = 1; month < 119; month++) await old.renew();
  await young.renew();
  await rows(pool, 'analyze');
  const [late, early]: [Read[], Read[]] = [[], []];
  const client = await pool.connect();
  await old.renew(reading(client, late));
  await young.renew(reading(client, early));
  client.release();
  expect(early).toHaveLength(1);
  expect(late).toEqual(early);
  // Nor does it read all of the merchant: the book has 120 rows and more of whatever is billed.
  expect(Math.max(...Object.values(early[0] ?? {}))).toBeLessThan(40);
  const documents = 'select count(*)::int as n from documents where contract_id = $1 and net_minor = 12360';
  // 88.00, 30.00 once, and 12 units for 5.60.
  expect(await rows(pool, documents, [old.contract])).toEqual([{ n: 119 }]);
  expect(await rows(pool, documents, [young.contract])).toEqual([{ n: 2 }]);
  expect(await audit(pool, AT_REST)).toEqual([]);
});
