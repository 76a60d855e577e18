// A renewal reads no more rows the longer a contract was billed. Of two contracts with every kind of component, one is
// renewed in its tenth year and one in its second month, in the same database and with the same query plans.
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

/** A contract from January 2024 with every kind of component, and a card. */
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
    await this.settleAndCharge();
    return this;
  }

  /** Reports 12 units of usage and adds a one-time charge, and renews the contract a month later. */
  async renew(through: Pool = pool): Promise<void> {
    const month = (n: number): string => new Date(Date.UTC(2024, n, 1, 8)).toISOString();
    await useEverything(pool, this.contract, month(this.months));
    this.months += 1;
    await moveClock(pool, this.clock, month(this.months));
    await settle(through, this.contract);
    await this.settleAndCharge();
  }

  private async settleAndCharge(): Promise<void> {
    const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
    const { charge } = createChargeActivities({ pool, providers: { sandbox } });
    const { standing } = await settle(pool, this.contract);
    for (let next = standing.planned?.attemptId ?? null; next !== null;)
      next = await charge(this.contract, next);
  }
}

/** The tables to which each renewal adds rows. The other tables are too small for their query plans to matter. */
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
/** The number of rows read, by table. */
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
 * The pool with a single connection, which records the rows that each transaction read until its commit. Both contracts so
 * use the same prepared plans.
 */
function recordingPool(client: PoolClient, records: Read[]): Pool {
  const recording = recordingClient(client, records);
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async () => recording;
    },
  });
}

/** Forbids the plans that read whole tables, which are cheaper here, as one contract has half of all rows. */
const PLANS_OF_A_LARGE_BOOK = `set local enable_seqscan = off; set local enable_mergejoin = off;
  set local enable_hashjoin = off; set local plan_cache_mode = force_generic_plan`;

function recordingClient(client: PoolClient, records: Read[]): PoolClient {
  let before: Read = {};
  async function query(statement: string | QueryConfig, params?: unknown[]): Promise<unknown> {
    if (statement === 'commit') {
      const read = Object.entries(await readSoFar(client)).map(([table, n]) => [
        table,
        n - (before[table] ?? 0),
      ]);
      records.push(Object.fromEntries(read.filter(([, n]) => n !== 0)));
    }
    const answer = await client.query(statement, params);
    if (statement === 'begin') {
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

it(
  'a renewal in the tenth year reads as many rows as in the second month',
  { timeout: 120_000 },
  async () => {
    const [old, young] = [await new Life().begin(), await new Life().begin()];
    for (let month = 1; month < 119; month++) await old.renew();
    await young.renew();
    await rows(pool, 'analyze');
    const [late, early]: [Read[], Read[]] = [[], []];
    const client = await pool.connect();
    await old.renew(recordingPool(client, late));
    await young.renew(recordingPool(client, early));
    client.release();
    expect(early).toHaveLength(1);
    expect(late).toEqual(early);
    // It also does not read all rows of the merchant, which has at least 120 in each table.
    expect(Math.max(...Object.values(early[0] ?? {}))).toBeLessThan(40);
    const documents = 'select count(*)::int as n from documents where contract_id = $1 and net_minor = 12360';
    // 88.00, a one-time charge of 30.00, and 12 units for 5.60.
    expect(await rows(pool, documents, [old.contract])).toEqual([{ n: 119 }]);
    expect(await rows(pool, documents, [young.contract])).toEqual([{ n: 2 }]);
    expect(await audit(pool, AT_REST)).toEqual([]);
  },
);
