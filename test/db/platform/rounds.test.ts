// Relays serve merchants with due rows in turn, however many rows one of them has.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Looks, agendaRounds, claimOverdue } from '../../../db/platform/agenda.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { claim, outboxRounds } from '../../../db/platform/outbox.ts';
import { type Pool, createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { turnsOf } from '../../../db/platform/rounds.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let large: MerchantId;
let small: MerchantId;
let testing: MerchantId;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 10, onePlan: true });
  ({ live: large, test: testing } = await createMerchant(pool, 'Wolkenwerk'));
  small = (await createMerchant(pool, 'Regenbogen')).live;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await rows(pool, 'delete from outbox');
  await rows(pool, 'delete from agenda');
});

/** Stores `count` messages of a merchant that have been due for the given seconds. */
const post = (merchant: MerchantId, count: number, seconds: number, kind = 'wake'): Promise<object[]> =>
  rows(
    pool,
    `insert into outbox (merchant_id, kind, object, due_at)
     select $1, $4, 'contract/' || $1 || n, clock_timestamp() - make_interval(secs => $3) from generate_series(1, $2) n`,
    [merchant, count, seconds, kind],
  );
/** Stores agenda rows of `count` contracts of a merchant that have been due for the given seconds. */
const addDue = (merchant: MerchantId, count: number, seconds: number): Promise<object[]> =>
  rows(
    pool,
    `insert into agenda (workflow_id, merchant_id, kind, due_at)
     select 'contract/' || $1 || n, $1, 'contract', clock_timestamp() - make_interval(secs => $3) from generate_series(1, $2) n`,
    [merchant, count, seconds],
  );
const byMerchant = (claimed: readonly { readonly merchant_id: string }[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { merchant_id: id } of claimed) counts[id] = (counts[id] ?? 0) + 1;
  return counts;
};

describe('messages', () => {
  it('of one merchant do not delay the single message of another', async () => {
    await post(large, 1_000, 3_600);
    await post(small, 1, 1);
    expect(byMerchant(await claim(pool))).toEqual({ [large]: 25, [small]: 1 });
  });

  it('of one merchant fill the batch if no other merchant has any', async () => {
    await post(large, 1_000, 3_600);
    expect(byMerchant(await claim(pool))).toEqual({ [large]: 50 });
  });

  it('of a test merchant get a quarter of the share of a live one', async () => {
    await post(testing, 1_000, 3_600);
    await post(large, 1_000, 1);
    expect(byMerchant(await claim(pool))).toEqual({ [large]: 40, [testing]: 10 });
  });

  it('that are not due yet, or leased to another relay, get no share', async () => {
    await post(large, 10, 3_600);
    await claim(pool);
    await post(testing, 10, -60);
    await post(small, 60, 1);
    expect(byMerchant(await claim(pool))).toEqual({ [small]: 60 });
  });

  it('of 120 merchants are all claimed within three rounds', async () => {
    const merchants = await Promise.all(
      Array.from({ length: 120 }, async (_, n) => (await createMerchant(pool, `Laden ${n}`)).live),
    );
    await post(large, 1_000, 3_600);
    for (const merchant of merchants) await post(merchant, 1, 1);
    const rounds = outboxRounds();
    const claimed = [
      await claim(pool, { rounds }),
      await claim(pool, { rounds }),
      await claim(pool, { rounds }),
    ];
    const counts = byMerchant(claimed.flat());
    expect(merchants.filter((merchant) => counts[merchant] === 1)).toHaveLength(120);
    await rows(pool, `delete from outbox where merchant_id = $1`, [large]);
    expect(await claim(pool, { rounds })).toEqual([]);
  });

  it('with commands for one contract are still claimed in order', async () => {
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object) select $1, 'command', 'contract/con_1' from generate_series(1, 3)`,
      [small],
    );
    await post(large, 200, 3_600);
    const first = (await claim(pool)).filter(({ merchant_id: id }) => id === small);
    const all = await rows<{ id: bigint }>(pool, 'select min(id) as id from outbox where merchant_id = $1', [
      small,
    ]);
    expect(first.map(({ id }) => id)).toEqual([all[0]?.id]);
  });
});

describe('behind two thousand merchants without due rows', () => {
  /** The ids of these merchants come before those of all others. */
  beforeAll(() =>
    rows(
      pool,
      `insert into merchants (id, name) select 'mer_' || to_char(n, 'FM0000000'), 'Laden' from generate_series(1, 2000) n
       union all select 'mer_last', 'Laden'`,
    ),
  );
  beforeEach(async () => {
    const OTHERS = `merchants where id like 'mer_000%'`;
    await rows(
      pool,
      `insert into outbox (merchant_id, kind, object, due_at) select id, 'wake', 'contract/' || id, clock_timestamp() + interval '1 hour' from ${OTHERS}`,
    );
    await rows(
      pool,
      `insert into agenda (workflow_id, merchant_id, kind, due_at) select 'contract/' || id, id, 'contract', clock_timestamp() + interval '1 hour' from ${OTHERS}`,
    );
  });

  it('a backlog is claimed in each pass, and the single message of another merchant within the round', async () => {
    const last = 'mer_last' as MerchantId;
    await post(large, 1_000, 3_600);
    await post(last, 1, 1);
    const rounds = outboxRounds();
    const passes = [];
    for (let n = 0; n < 5; n++) passes.push(byMerchant(await claim(pool, { rounds })));
    // Each pass covers 500 merchants.
    const alone = { [large]: 50 };
    expect(passes).toEqual([alone, alone, alone, alone, { [large]: 25, [last]: 1 }]);
  });

  it('the next search for overdue contracts follows at once if the merchants in this part of the round have none', async () => {
    await addDue(large, 1_000, 3_600);
    const rounds = agendaRounds('contract');
    const LOOKS: Looks = { overdue: 60, wait: 60, longest: 600 };
    const first = await claimOverdue(pool, 'contract', LOOKS, rounds);
    expect([first.due.length, first.backlog, first.passed]).toEqual([100, true, true]);
  });
});

describe('overdue contracts', () => {
  const LOOKS: Looks = { overdue: 60, wait: 60, longest: 600 };

  it('of one merchant do not delay the single one of another', async () => {
    await addDue(large, 1_000, 3_600);
    await addDue(small, 1, 61);
    const { due, backlog } = await claimOverdue(pool, 'contract', LOOKS);
    expect(byMerchant(due)).toEqual({ [large]: 50, [small]: 1 });
    expect(backlog).toBe(true);
  });

  it('are all claimed at once if there are only a few', async () => {
    await addDue(large, 60, 3_600);
    await addDue(small, 1, 61);
    await addDue(testing, 1, 30);
    const { due, backlog } = await claimOverdue(pool, 'contract', LOOKS, agendaRounds('contract'));
    expect(byMerchant(due)).toEqual({ [large]: 60, [small]: 1 });
    expect(backlog).toBe(false);
  });
});

it('a batch is divided among merchants: a live one gets four times a test one, and each at least one row', () => {
  const turn = (merchant: string, live = true) => ({ merchant, live });
  expect(turnsOf([turn('a')], 50)).toEqual([{ merchant: 'a', most: 50 }]);
  expect(turnsOf([turn('a'), turn('b'), turn('c', false)], 90)).toEqual([
    { merchant: 'a', most: 40 },
    { merchant: 'b', most: 40 },
    { merchant: 'c', most: 10 },
  ]);
  expect(turnsOf([turn('a'), turn('b', false)], 2).map(({ most }) => most)).toEqual([1, 1]);
});
