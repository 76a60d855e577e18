import type { QueryConfig } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SettleResult, createSettling } from '../../../engine/contracts/settle.ts';
import { deleteBelowClock } from '../../../db/clocks/deletion.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
} from '../../support/merchant.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

const nordlicht = (clock: string) => ({
  customer: {
    party: { name: 'Nordlicht Software GmbH' },
    country: 'DE',
    time_zone: 'Europe/Berlin',
    language: 'de',
    clock,
  },
  components: [],
});

function documents(contractId: string): Promise<{ number: string }[]> {
  return rows(
    pool,
    `select kind, number, issue_date, net_minor, tax_minor, gross_minor from documents where contract_id = $1 order by effective_at, id`,
    [contractId],
  );
}

describe('settling a contract', () => {
  it('bills the end of a trial and an upgrade in the middle of a month, once each (rules 5, 24)', async () => {
    const clock = await createClock(pool, merchant, '2023-12-18T08:00:00.000Z');
    const { contractId, commandId } = await order(pool, merchant, { ...nordlicht(clock), variant: 'basic' });
    const placed = await settle(pool, contractId, [commandId]);
    expect(placed.answers[commandId]).toEqual({ commandId, state: 'applied' });
    expect(placed.standing.nextDue).toBe('2023-12-31T23:00:00.000Z');
    expect(await documents(contractId)).toEqual([]);

    await moveClock(pool, clock, '2024-01-16T09:00:00.000Z');
    await settle(pool, contractId);
    const change = await command(pool, merchant, contractId, {
      kind: 'change',
      variant: 'pro',
      effective: 'now',
    });
    await settle(pool, contractId, [change.commandId]);
    await settle(pool, contractId);
    expect(await documents(contractId)).toEqual([
      {
        kind: 'invoice',
        number: 'R-2024-0001',
        issue_date: '2024-01-16',
        net_minor: 2900n,
        tax_minor: 551n,
        gross_minor: 3451n,
      },
      {
        kind: 'invoice',
        number: 'R-2024-0002',
        issue_date: '2024-01-16',
        net_minor: 3613n,
        tax_minor: 686n,
        gross_minor: 4299n,
      },
    ]);
  });

  it('renews in four statements of one transaction, in the second month and in the tenth year (rules 39, 46)', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const { contractId, commandId } = await order(pool, merchant, { ...nordlicht(clock), variant: 'pro' });
    await settle(pool, contractId, [commandId]);
    const statementsOfRenewal = async (now: string): Promise<string[]> => {
      await moveClock(pool, clock, now);
      const statements: string[] = [];
      await settle(recordingPool(statements), contractId);
      return statements.filter(
        (text) => !/^(begin|commit)$/.test(text) && !text.includes('merchantOfContract'),
      );
    };
    const second = await statementsOfRenewal('2024-02-01T08:00:00.000Z');
    expect(second.length).toBe(4);
    // They lock and load the contract, write all rows of the step, lock the account, and take the number.
    expect(second[0]).toContain('lock_contract');
    expect(second[1]).toContain('insert into agenda');
    expect(second[1]).not.toContain('series_counters');
    expect(second[2]).toContain('lock_unchanged_account');
    expect(second[3]).toContain('insert into series_counters');
    for (const month of [...Array.from({ length: 11 }, (_, index) => 10 + index * 10), 119]) {
      await moveClock(pool, clock, new Date(Date.UTC(2024, month, 2)).toISOString());
      for (let behind = true; behind;) behind = (await settle(pool, contractId)).standing.behind;
    }
    const late = await statementsOfRenewal('2034-01-01T08:00:00.000Z');
    expect(late.length).toBe(4);
    expect((await documents(contractId)).length).toBe(121);
  });

  it('pads document numbers with zeros, and larger numbers get longer (rule 29)', async () => {
    const other = await createSampleMerchant(pool);
    await rows(
      pool,
      `update number_series set pattern = 'R-{YYYY}-{###}' where merchant_id = $1 and kind = 'invoice'`,
      [other],
    );
    const clock = await createClock(pool, other, '2024-01-01T08:00:00.000Z');
    const { contractId } = await order(pool, other, { ...nordlicht(clock), variant: 'pro' });
    await settle(pool, contractId);
    await rows(pool, 'update series_counters set last_counter = 998 where merchant_id = $1', [other]);
    await moveClock(pool, clock, '2024-03-01T08:00:00.000Z');
    await settle(pool, contractId);
    expect((await documents(contractId)).map((each) => each.number)).toEqual([
      'R-2024-001',
      'R-2024-999',
      'R-2024-1000',
    ]);
  });

  it('makes at most 20 steps in a call, and reports if the contract is still behind (rule 40)', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
    const { contractId } = await order(pool, merchant, { ...nordlicht(clock), variant: 'pro' });
    expect((await settle(pool, contractId)).standing.behind).toBe(false);
    await moveClock(pool, clock, '2026-06-15T08:00:00.000Z');
    expect((await settle(pool, contractId)).standing.behind).toBe(true);
    expect(await documents(contractId)).toHaveLength(1 + 20);
    expect((await settle(pool, contractId)).standing.behind).toBe(false);
    expect(await documents(contractId)).toHaveLength(1 + 29);
  });

  /** A contract on wall time that ends in the given number of seconds, and the instant of its end. */
  async function orderEndingIn(seconds: number): Promise<{ contractId: string; endsAt: string }> {
    const { clock: _, ...customer } = nordlicht('').customer;
    const { contractId } = await order(pool, merchant, { customer, components: [], variant: 'pro' });
    await command(pool, merchant, contractId, { kind: 'cancel', effective: 'period_end' });
    await settle(pool, contractId);
    const [change] = await rows<{ due_at: string }>(
      pool,
      `update scheduled_changes set due_at = date_trunc('milliseconds', clock_timestamp()) + make_interval(secs => $2)
       where contract_id = $1 returning due_at`,
      [contractId, seconds],
    );
    return { contractId, endsAt: change!.due_at };
  }

  it("makes the step for which a timer fired, although the database's clock is 50 seconds behind (rules 6, 40)", async () => {
    const { contractId, endsAt } = await orderEndingIn(50);
    expect((await settle(pool, contractId)).standing).toMatchObject({ nextDue: endsAt, finished: false });
    expect((await settle(pool, contractId, [], [], endsAt)).standing).toMatchObject({ finished: true });
  });

  it('fails without an incident if Temporal’s clock is more than a minute ahead (rules 40, 41)', async () => {
    const { contractId, endsAt } = await orderEndingIn(90);
    const before = await documents(contractId);
    await expect(settle(pool, contractId, [], [], endsAt)).rejects.toThrow('one of the two clocks is wrong');
    await expect(settle(pool, contractId, [], [], '2190-01-01T00:00:00.000Z')).rejects.toThrow('2190-01-01');
    expect((await settle(pool, contractId)).standing).toMatchObject({ finished: false, incident: null });
    expect(await documents(contractId)).toEqual(before);
    expect(
      await rows(pool, 'select from incidents where workflow_id = $1', [`contract/${contractId}`]),
    ).toEqual([]);
  });
});

/** The pool, which records the statements of its clients. */
function recordingPool(statements: string[]): Pool {
  return new Proxy(pool, {
    get(target, name) {
      if (name !== 'connect') return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async () => {
        const client = await target.connect();
        return new Proxy(client, {
          get(inner, key) {
            const value: unknown = Reflect.get(inner, key);
            if (key === 'query')
              return (query: string | QueryConfig, params?: unknown[]) => {
                statements.push(typeof query === 'string' ? query : query.text);
                return inner.query(query, params);
              };
            return typeof value === 'function' ? value.bind(inner) : value;
          },
        });
      };
    },
  });
}

describe('a contract that was deleted with its clock', () => {
  it('is finished when it is settled again, without an incident', async () => {
    const clock = await createClock(pool, merchant, '2024-01-01T00:00:00.000Z');
    const { contractId } = await order(pool, merchant, { ...nordlicht(clock), variant: 'pro' });
    const settling = createSettling({ pool, limit: 250 }); // one for both calls: it remembers the merchant of the contract
    const input = { woken: '1970-01-01T00:00:00.000Z', asked: [], orders: [] };
    const run = (): Promise<SettleResult> => settling(contractId, input);
    expect((await run()).standing.finished).toBe(false);
    await inTransaction(pool, (tx) => deleteBelowClock(tx, merchant, clock));
    expect((await run()).standing).toMatchObject({ finished: true, nextDue: null, planned: null });
    expect(
      await rows(pool, 'select id from incidents where workflow_id = $1', [`contract/${contractId}`]),
    ).toEqual([]);
  });
});
