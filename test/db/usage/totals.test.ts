// Totals of metered periods, which are kept up to date as usage arrives, also with several transactions at the same time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { lockAccount } from '../../../db/books/account-context.ts';
import { lockContract } from '../../../db/contracts/locks.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { lockTotals } from '../../../db/usage/totals.ts';
import type { UsageSpan } from '../../../domain/billing/metered.ts';
import { reportUsage } from '../../../engine/usage/usage.ts';
import { sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
} from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
const components: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
  const metered = `select external_id as name, id from components where merchant_id = $1 and kind = 'metered'`;
  for (const { name, id } of await rows<{ name: string; id: string }>(pool, metered, [merchant])) {
    components[name] = id;
  }
});
afterAll(async () => {
  expect(await audit(pool, AT_REST)).toEqual([]);
  await database.close();
});

interface Life {
  readonly clock: string;
  readonly contract: string;
}

/** A contract from 1 January 2024 in Berlin, with metered components at 0.50 to 10 and 0.30 above. Its clock is at 10 January. */
async function orderMetered(...names: readonly string[]): Promise<Life> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const { contractId: contract } = await order(pool, merchant, {
    customer: { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock },
    variant: 'days-monthly',
    components: names.map((component) => ({ component, quantity: '1' })),
  });
  await until({ clock, contract }, '2024-01-10T08:00:00.000Z');
  return { clock, contract };
}

async function settleAll(contract: string): Promise<void> {
  for (let behind = true; behind;) behind = (await settle(pool, contract)).standing.behind;
}

async function until({ clock, contract }: Life, at: string): Promise<void> {
  await moveClock(pool, clock, at);
  await settleAll(contract);
}

interface UsageInput {
  readonly quantity: string;
  readonly at: string;
  readonly value?: string;
  readonly id?: string;
}

let events = 0;
async function reportIn(tx: Tx, { contract }: Life, component: string, used: readonly UsageInput[]) {
  const named = used.map(({ quantity, at, value, id }) => ({
    path: '',
    eventId: id ?? `e${++events}`,
    componentId: components[component]!,
    quantity,
    at,
    value: value ?? null,
  }));
  const answers = await reportUsage(tx, merchant, contract, named);
  return answers.map(({ reason }) => reason ?? 'consumed');
}
const report = (life: Life, component: string, ...used: readonly UsageInput[]) =>
  inTransaction(pool, (tx) => reportIn(tx, life, component, used));

/** The stored totals of a contract: component, bounds, total. */
async function totalsOf({ contract }: Life): Promise<string[]> {
  const found = await rows<{ text: string }>(
    pool,
    `select concat_ws(' ', k.external_id, iso(t.starts_at), iso(t.ends_at), coalesce(t.total::text, 'nothing')) as text
     from usage_totals t join component_subscriptions s on s.merchant_id = t.merchant_id and s.id = t.subscription_id
     join components k on k.merchant_id = s.merchant_id and k.id = s.component_id
     where t.contract_id = $1 order by t.starts_at, k.external_id`,
    [contract],
  );
  return found.map(({ text }) => text);
}
const JANUARY = '2023-12-31T23:00:00.000Z 2024-01-31T23:00:00.000Z';

/** The periods of January, with another end. */
async function spansUntil({ contract }: Life, endsAt: string): Promise<UsageSpan[]> {
  return rows<UsageSpan>(
    pool,
    `select subscription_id as "subscriptionId", aggregation, iso(starts_at) as "startsAt", $2 as "endsAt" from usage_totals where contract_id = $1`,
    [contract, endsAt],
  );
}

/** The sum of the usage lines of each document. */
async function billedUsage({ contract }: Life): Promise<string[]> {
  const found = await rows<{ text: string }>(
    pool,
    `select concat_ws(' ', d.issue_date, sum(l.amount_minor)) as text from documents d
     join document_lines x on x.merchant_id = d.merchant_id and x.document_id = d.id
     join charges l on l.merchant_id = x.merchant_id and l.id = x.charge_id
     where d.contract_id = $1 and l.kind = 'usage' group by d.id, d.issue_date order by d.id`,
    [contract],
  );
  return found.map(({ text }) => text);
}

/** Waits until the given number of connections wait for a lock. */
const untilWaiting = (many = 1) =>
  expect
    .poll(
      async () =>
        (
          await rows(
            pool,
            `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
          )
        ).length,
      { interval: 5 },
    )
    .toBe(many);

/** Runs `act` while a step has rated the periods that it closes, and waits for its account before it commits. */
async function whileSettling<T>({ contract }: Life, act: () => Promise<T>): Promise<T> {
  const { account } = await row<{ account: string }>(
    pool,
    'select account_id as account from contracts where id = $1',
    [contract],
  );
  const [step, action] = await inTransaction(pool, async (tx) => {
    await lockAccount(tx, merchant, account);
    const settling = settle(pool, contract);
    await untilWaiting();
    const acting = act();
    await untilWaiting(2);
    return [{ settling }, { acting }] as const;
  });
  await step.settling;
  return action.acting;
}

describe('a total', () => {
  it('is updated by each report for each aggregation, also by corrections (rule 27)', async () => {
    const life = await orderMetered('sum', 'max', 'last', 'unique');
    const at = '2024-01-05T00:00:00.000Z';
    const steps: [component: string, used: UsageInput, total: string][] = [
      ['sum', { quantity: '30', at }, '30'],
      ['sum', { quantity: '12.5', at }, '42.5'],
      ['sum', { quantity: '-40', at }, '2.5'],
      ['max', { quantity: '-3', at }, '-3'],
      ['max', { quantity: '8', at }, '8'],
      ['max', { quantity: '5', at }, '8'],
      ['last', { quantity: '7', at }, '7'],
      ['last', { quantity: '9', at: '2024-01-04T23:59:59.999Z' }, '7'],
      ['last', { quantity: '4', at }, '4'],
      ['unique', { quantity: '1', at, value: 'anna' }, '1'],
      ['unique', { quantity: '2', at, value: 'anna' }, '1'],
      ['unique', { quantity: '1', at, value: 'ben' }, '2'],
      ['unique', { quantity: '-3', at, value: 'anna' }, '1'],
      ['unique', { quantity: '-1', at, value: 'carl' }, '1'],
      ['unique', { quantity: '2', at, value: 'carl' }, '2'],
    ];
    for (const [component, used, total] of steps) {
      expect(await report(life, component, used)).toEqual(['consumed']);
      expect(await totalsOf(life)).toContain(`${component} ${JANUARY} ${total}`);
    }
  });

  it('is the same for a list of events as for the events one by one', async () => {
    const life = await orderMetered('last', 'unique');
    const at = '2024-01-05T00:00:00.000Z';
    await report(
      life,
      'last',
      { quantity: '1', at },
      { quantity: '2', at },
      { quantity: '3', at: '2024-01-04T00:00:00.000Z' },
    );
    const anna = { at, value: 'anna' };
    await report(
      life,
      'unique',
      { quantity: '2', ...anna },
      { quantity: '-2', ...anna },
      { quantity: '1', at, value: 'ben' },
    );
    expect(await totalsOf(life)).toEqual([`last ${JANUARY} 2`, `unique ${JANUARY} 1`]);
  });

  it('counts each event in the period of its instant', async () => {
    const life = await orderMetered('sum');
    await report(life, 'sum', { quantity: '5', at: '2024-01-09T00:00:00.000Z' });
    await until(life, '2024-02-03T08:00:00.000Z');
    await report(
      life,
      'sum',
      { quantity: '1', at: '2024-01-31T22:59:59.999Z' },
      { quantity: '2', at: '2024-01-31T23:00:00.000Z' },
    );
    expect(await totalsOf(life)).toEqual([
      `sum ${JANUARY} 6`,
      'sum 2024-01-31T23:00:00.000Z 2024-02-29T23:00:00.000Z 2',
    ]);
  });

  it('is cut if a change of the interval closes its period, and the day of the change belongs to the next one', async () => {
    const life = await orderMetered('sum', 'max', 'last', 'unique');
    const [before, after] = ['2024-01-05T00:00:00.000Z', '2024-01-10T07:00:00.000Z'];
    await report(life, 'sum', { quantity: '8', at: before }, { quantity: '20', at: after });
    await report(life, 'max', { quantity: '3', at: before }, { quantity: '9', at: after });
    await report(life, 'last', { quantity: '6', at: before }, { quantity: '2', at: after });
    const [anna, ben] = [
      { quantity: '1', value: 'anna' },
      { quantity: '1', value: 'ben' },
    ];
    await report(life, 'unique', { ...anna, at: before }, { ...anna, at: after }, { ...ben, at: after });
    const change = { kind: 'change', variant: 'days-quarterly', effective: 'now' } as const;
    await command(pool, merchant, life.contract, change);
    await settleAll(life.contract);
    const cut = '2023-12-31T23:00:00.000Z 2024-01-09T23:00:00.000Z';
    expect(await totalsOf(life)).toEqual([
      `last ${cut} 6`,
      `max ${cut} 3`,
      `sum ${cut} 8`,
      `unique ${cut} 1`,
    ]);
    expect(await billedUsage(life)).toEqual(['2024-01-10 900']); // (8 + 3 + 6 + 1) × 0.50
    // The first report of the next period also counts the events of that day from before the change.
    await report(life, 'sum', { quantity: '1', at: after });
    await report(life, 'unique', { quantity: '-1', value: 'anna', at: after });
    const next = '2024-01-09T23:00:00.000Z 2024-02-09T23:00:00.000Z';
    expect((await totalsOf(life)).slice(4)).toEqual([`sum ${next} 21`, `unique ${next} 1`]);
  });

  it('is cut if a cancellation closes its period, without usage that was reported for later instants', async () => {
    const life = await orderMetered('sum');
    const cancel = { kind: 'cancel', effective: 'now' } as const;
    await report(life, 'sum', { quantity: '8', at: '2024-01-10T08:00:00.000Z' });
    await command(pool, merchant, life.contract, cancel);
    await moveClock(pool, life.clock, '2024-01-10T08:00:05.000Z');
    await report(life, 'sum', { quantity: '30', at: '2024-01-10T08:00:03.000Z' });
    await settleAll(life.contract);
    expect(await totalsOf(life)).toEqual(['sum 2023-12-31T23:00:00.000Z 2024-01-10T08:00:00.001Z 8']);
    expect(await billedUsage(life)).toEqual(['2024-01-10 400']);
  });

  it('is adjusted when the end of its period moves, by the events that leave or enter it', async () => {
    const life = await orderMetered('sum', 'max', 'last', 'unique');
    const [first, second, third] = ['04', '05', '06'].map((day) => `2024-01-${day}T00:00:00.000Z`);
    for (const component of ['sum', 'max', 'last']) {
      await report(
        life,
        component,
        { quantity: '3', at: first! },
        { quantity: '5', at: second! },
        { quantity: '4', at: third! },
      );
    }
    await report(
      life,
      'unique',
      { quantity: '1', at: first!, value: 'anna' },
      { quantity: '1', at: second!, value: 'ben' },
      { quantity: '-1', at: third!, value: 'anna' },
    );
    const totals: [end: string, ...totals: string[]][] = [
      ['2024-01-06T00:00:00.000Z', 'last 5', 'max 5', 'sum 8', 'unique 2'],
      ['2024-01-05T00:00:00.000Z', 'last 3', 'max 3', 'sum 3', 'unique 1'],
      ['2024-01-04T00:00:00.000Z', 'last nothing', 'max nothing', 'sum 0', 'unique 0'],
      ['2024-01-07T00:00:00.000Z', 'last 4', 'max 5', 'sum 12', 'unique 1'],
    ];
    for (const [end, ...expected] of totals) {
      await inTransaction(pool, async (tx) => {
        await lockContract(tx, merchant, life.contract);
        await lockTotals(tx, merchant, life.contract, await spansUntil(life, end));
      });
      const bounds = `2023-12-31T23:00:00.000Z ${end}`;
      expect(await totalsOf(life)).toEqual(expected.map((each) => each.replace(' ', ` ${bounds} `)));
      expect((await audit(pool, AT_REST)).filter(({ check }) => check === 'usage_total_differs')).toEqual([]);
    }
  });

  it('is computed by the first report if the events are from before totals existed', async () => {
    const life = await orderMetered('sum', 'unique');
    const at = '2024-01-05T00:00:00.000Z';
    await rows(
      pool,
      `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, value, reported, recorded_at)
       select s.merchant_id, s.contract_id, s.id || n, s.id, $2, 1, 'v' || n, '{}', $2
       from component_subscriptions s, generate_series(1, 7) n where s.contract_id = $1`,
      [life.contract, at],
    );
    expect(await totalsOf(life)).toEqual([]);
    await report(life, 'sum', { quantity: '1', at });
    await report(life, 'unique', { quantity: '-1', at, value: 'v1' });
    expect(await totalsOf(life)).toEqual([`sum ${JANUARY} 8`, `unique ${JANUARY} 6`]);
  });

  it('is computed by late usage if its rated period is from before totals existed', async () => {
    const life = await orderMetered('sum', 'max', 'last', 'unique');
    const at = '2024-01-05T00:00:00.000Z';
    for (const component of ['sum', 'max', 'last']) await report(life, component, { quantity: '7', at });
    await report(life, 'unique', { quantity: '1', at, value: 'anna' }, { quantity: '1', at, value: 'ben' });
    await until(life, '2024-02-01T08:00:00.000Z');
    await inTransaction(pool, async (tx) => {
      await rows(tx, 'set local session_replication_role = replica');
      await rows(
        tx,
        'delete from usage_values where subscription_id in (select subscription_id from usage_totals where contract_id = $1)',
        [life.contract],
      );
      await rows(tx, 'delete from usage_totals where contract_id = $1', [life.contract]);
    });
    await report(life, 'sum', { quantity: '2', at });
    await report(life, 'max', { quantity: '6', at });
    await report(life, 'last', { quantity: '8', at: '2024-01-04T00:00:00.000Z' });
    await report(life, 'unique', { quantity: '-1', at, value: 'anna' });
    expect(await totalsOf(life)).toEqual([
      `last ${JANUARY} 7`,
      `max ${JANUARY} 7`,
      `sum ${JANUARY} 9`,
      `unique ${JANUARY} 1`,
    ]);
    await until(life, '2024-03-01T08:00:00.000Z');
    expect(await billedUsage(life)).toEqual(['2024-02-01 1150', '2024-03-01 50']); // (7 + 7 + 7 + 2) × 0.50; 1.00 − 0.50
  });

  it('makes reports and bills independent of the number of events in a period', async () => {
    const life = await orderMetered('sum');
    const at = '2024-01-05T00:00:00.000Z';
    await report(life, 'sum', { quantity: '1', at });
    await rows(
      pool,
      `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
       select s.merchant_id, s.contract_id, 'many' || n, s.id, $2, 1, '{}', $2
       from component_subscriptions s, generate_series(1, 5000) n where s.contract_id = $1`,
      [life.contract, at],
    );
    await rows(pool, 'analyze usage_events');
    const read = await inTransaction(pool, async (tx) => {
      const soFar = async (): Promise<number> =>
        (
          await row<{ n: number }>(
            tx,
            `select (seq_tup_read + idx_tup_fetch)::int as n from pg_stat_xact_user_tables where relname = 'usage_events'`,
          )
        ).n;
      const before = await soFar();
      await reportIn(tx, life, 'sum', [{ quantity: '2', at }]);
      return (await soFar()) - before;
    });
    expect(read).toBeLessThan(10);
    expect(await totalsOf(life)).toEqual([`sum ${JANUARY} 5003`]);
    await until(life, '2024-02-01T08:00:00.000Z');
    expect(await billedUsage(life)).toEqual(['2024-02-01 150290']); // 10 × 0.50 and 4993 × 0.30
  });
});

describe('usage that is reported at the same time', () => {
  it('while its contract is locked is consumed, as it locks only its period (rule 46)', async () => {
    const life = await orderMetered('sum');
    const at = '2024-01-05T00:00:00.000Z';
    await report(life, 'sum', { quantity: '1', at });
    await inTransaction(pool, async (tx) => {
      await lockContract(tx, merchant, life.contract);
      expect(await report(life, 'sum', { quantity: '2', at })).toEqual(['consumed']);
    });
    expect(await totalsOf(life)).toEqual([`sum ${JANUARY} 3`]);
  });

  it('for two components does not wait, and for one period is added in turn (rule 46)', async () => {
    const life = await orderMetered('sum', 'max');
    const at = '2024-01-05T00:00:00.000Z';
    await report(life, 'sum', { quantity: '1', at });
    await report(life, 'max', { quantity: '1', at });
    let second: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, async (tx) => {
      await reportIn(tx, life, 'sum', [{ quantity: '2', at }]);
      expect(await report(life, 'max', { quantity: '9', at })).toEqual(['consumed']);
      second = report(life, 'sum', { quantity: '4', at });
      await untilWaiting();
    });
    expect(await second).toEqual(['consumed']);
    expect(await totalsOf(life)).toEqual([`max ${JANUARY} 9`, `sum ${JANUARY} 7`]);
  });

  it('twice under the same id counts once, and is rejected with other content', async () => {
    const life = await orderMetered('sum');
    const at = '2024-01-05T00:00:00.000Z';
    await report(life, 'sum', { quantity: '1', at });
    let others: Promise<string[][]> = Promise.resolve([]);
    await inTransaction(pool, async (tx) => {
      await reportIn(tx, life, 'sum', [{ id: 'one', quantity: '2', at }]);
      others = Promise.all([
        report(life, 'sum', { id: 'one', quantity: '2', at }, { id: 'two', quantity: '8', at }),
        report(life, 'sum', { id: 'one', quantity: '3', at }),
      ]);
      await untilWaiting(2);
    });
    expect(await others).toEqual([['consumed', 'consumed'], ['event_id_reused']]);
    expect(await totalsOf(life)).toEqual([`sum ${JANUARY} 11`]);
  });

  it('while a step closes its period is late usage, and the next bill has the difference (rules 27, 46)', async () => {
    const life = await orderMetered('sum');
    const at = '2024-01-20T00:00:00.000Z';
    await report(life, 'sum', { quantity: '4', at: '2024-01-05T00:00:00.000Z' });
    await moveClock(pool, life.clock, '2024-02-01T08:00:00.000Z');
    expect(await whileSettling(life, () => report(life, 'sum', { quantity: '2', at }))).toEqual(['consumed']);
    expect(await totalsOf(life)).toEqual([`sum ${JANUARY} 6`]);
    expect(await billedUsage(life)).toEqual(['2024-02-01 200']);
    expect(
      await rows(pool, 'select total, reopened from metered_periods where contract_id = $1', [life.contract]),
    ).toEqual([{ total: '4', reopened: true }]);
    await until(life, '2024-03-01T08:00:00.000Z');
    expect(await billedUsage(life)).toEqual(['2024-02-01 200', '2024-03-01 100']);
  });

  it('before a step closes its period is in the bill, which waits for it (rules 27, 46)', async () => {
    const life = await orderMetered('sum');
    await report(life, 'sum', { quantity: '4', at: '2024-01-05T00:00:00.000Z' });
    await moveClock(pool, life.clock, '2024-02-01T08:00:00.000Z');
    let closing: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, async (tx) => {
      await reportIn(tx, life, 'sum', [{ quantity: '2', at: '2024-01-20T00:00:00.000Z' }]);
      closing = settle(pool, life.contract);
      await untilWaiting();
    });
    await closing;
    expect(await billedUsage(life)).toEqual(['2024-02-01 300']);
    expect(
      await rows(pool, 'select total, reopened from metered_periods where contract_id = $1', [life.contract]),
    ).toEqual([{ total: '6', reopened: false }]);
  });

  it('while its contract is cancelled is rejected if the cancellation comes first (rule 46)', async () => {
    const life = await orderMetered('sum');
    await report(life, 'sum', { quantity: '4', at: '2024-01-05T00:00:00.000Z' });
    await command(pool, merchant, life.contract, { kind: 'cancel', effective: 'now' });
    const used = { quantity: '2', at: '2024-01-06T00:00:00.000Z' };
    expect(await whileSettling(life, () => report(life, 'sum', used))).toEqual(['after_contract_end']);
    expect(await billedUsage(life)).toEqual(['2024-01-10 200']);
  });
});
