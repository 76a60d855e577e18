// Ten relays share overdue agenda rows, and find them with an index, however many are due.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Looks, claimOverdue, noteLooks, setAgenda } from '../../../db/platform/agenda.ts';
import { openIncident } from '../../../db/platform/incidents.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, createPool } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { createMerchant } from '../../../db/parties/merchants.ts';
import { startDueCollections } from '../../../relay/overdue.ts';
import { explaining } from '../../support/explaining.ts';
import { workflowsOf } from '../../support/workflows.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
let pool: Pool;
let merchant: MerchantId;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { max: 10, onePlan: true });
  merchant = (await createMerchant(pool, 'Wolkenwerk')).live;
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(() => rows(pool, 'delete from agenda'));

const LOOKS: Looks = { overdue: 60, wait: 60, longest: 600 };

/** Adds a contract for each number: it has been due for so many seconds. */
async function addDue(...seconds: number[]): Promise<void> {
  await rows(
    pool,
    `insert into agenda (workflow_id, merchant_id, kind, due_at)
     select 'contract/' || n, $1, 'contract', clock_timestamp() - make_interval(secs => s)
     from unnest($2::float8[]) with ordinality as x(s, n)`,
    [merchant, seconds],
  );
}
const claimIds = async (): Promise<string[]> =>
  (await claimOverdue(pool, 'contract', LOOKS)).due.map(({ workflow_id }) => workflow_id).sort();
/** Lets the given number of seconds pass for all agenda rows. */
const pass = (seconds: number): Promise<object[]> =>
  rows(
    pool,
    `update agenda set due_at = due_at - make_interval(secs => $1), held_until = held_until - make_interval(secs => $1)`,
    [seconds],
  );

describe('an overdue agenda row', () => {
  it('is claimed once, after it has been due for more than a minute', async () => {
    await addDue(30, 61, 3_600);
    expect(await claimIds()).toEqual(['contract/2', 'contract/3']);
    expect(await claimIds()).toEqual([]);
  });

  it('is claimed again after a minute if the relay that claimed it has died', async () => {
    await addDue(61);
    expect(await claimIds()).toEqual(['contract/1']);
    await pass(58);
    expect(await claimIds()).toEqual([]);
    await pass(3);
    expect(await claimIds()).toEqual(['contract/1']);
  });

  it('is claimed again after 1, 2, 4, 8 and then every 10 minutes while it stays due', async () => {
    await addDue(61);
    for (const minutes of [1, 2, 4, 8, 10, 10]) {
      expect(await claimIds()).toEqual(['contract/1']);
      await noteLooks(pool, ['contract/1'], LOOKS);
      await pass(minutes * 60 - 2);
      expect(await claimIds()).toEqual([]);
      await pass(3);
    }
  });

  it('starts again with short pauses when its workflow has moved it', async () => {
    await addDue(61);
    expect(await claimIds()).toEqual(['contract/1']);
    const again = { workflowId: 'contract/1', kind: 'contract', clockId: null } as const;
    await setAgenda(pool, merchant, { ...again, dueAt: new Date(Date.now() - 61_000).toISOString() });
    await noteLooks(pool, ['contract/1'], LOOKS); // too late: the row has moved
    expect((await claimOverdue(pool, 'contract', LOOKS)).due).toMatchObject([{ looks: 0 }]);
  });

  it('is claimed with the information whether an incident is open', async () => {
    await addDue(61, 62);
    await openIncident(pool, merchant, 'contract/2', 'settle', new Error('broken'));
    const { due: found } = await claimOverdue(pool, 'contract', LOOKS);
    expect(new Map(found.map(({ workflow_id, incident }) => [workflow_id, incident]))).toEqual(
      new Map([
        ['contract/1', false],
        ['contract/2', true],
      ]),
    );
  });

  it('goes to exactly one of ten relays', async () => {
    await addDue(...Array.from({ length: 1_000 }, (_, n) => 61 + n));
    const found = await Promise.all(Array.from({ length: 10 }, claimIds));
    expect(new Set(found.flat()).size).toBe(1_000);
    expect(found.flat()).toHaveLength(1_000);
  });

  it('is found with an index, however many rows are due', async () => {
    await addDue(...Array.from({ length: 20_000 }, (_, n) => 61 + n));
    await rows(pool, 'analyze agenda');
    const { asked, plan } = explaining(pool);
    expect((await claimOverdue(asked, 'contract', LOOKS)).due).toHaveLength(100);
    expect(plan()).toContain('Index Scan using agenda_by_look');
    // Three scans: the first merchant, the next ones, and the claim.
    expect(plan().match(/Scan using agenda_of_merchant/g)).toHaveLength(3);
    expect(plan()).toMatch(/Index Scan (using|on) agenda_pkey/);
    expect(plan()).not.toMatch(/Seq Scan on agenda/);
  });
});

describe('a collection that is due', () => {
  it('is started at once, and is not woken while it has an open incident', async () => {
    const wakes: string[] = [];
    const deps = {
      pool,
      workflows: workflowsOf(async (id) => void wakes.push(id)),
      deliverSandboxEvent: () => Promise.resolve(true),
      log: { warn: () => undefined },
    };
    await rows(
      pool,
      `insert into agenda (workflow_id, merchant_id, kind, due_at) select 'collection/' || n, $1, 'collection', clock_timestamp()
       from generate_series(1, 2) n`,
      [merchant],
    );
    await startDueCollections(deps);
    expect(wakes.sort()).toEqual(['collection/1', 'collection/2']);
    await openIncident(pool, merchant, 'collection/2', 'collect', new Error('broken'));
    for (let minutes = 0; minutes < 30; minutes++) {
      await pass(60);
      await startDueCollections(deps);
    }
    // It never moved its row, so it was woken after 1, 3, 7, 15 and 25 minutes.
    expect(wakes.filter((id) => id === 'collection/1')).toHaveLength(6);
    expect(wakes.filter((id) => id === 'collection/2')).toHaveLength(1);
  });
});
