// What collection asks of a contract waits in the outbox, and is stored from there (rules 37, 46).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockAccount } from '../../../db/books/account-context.ts';
import { lookAtClock } from '../../../db/clocks/clocks.ts';
import { loadCases } from '../../../db/payments/cases.ts';
import { type OutboxRow, claim } from '../../../db/platform/outbox.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { repairCandidates } from '../../../db/platform/repair-candidates.ts';
import { pauseForDunning } from '../../../engine/payments/follow.ts';
import { storePosted } from '../../../engine/contracts/posted-commands.ts';
import { bookReceipt } from '../../../engine/payments/receipts.ts';
import { type RelayDeps, createRelay } from '../../../relay/relay.ts';
import { reachOf } from '../../support/reach.ts';
import { type Books, createBooks, createReceivable, createTestPool } from '../../support/fixtures.ts';

let pool: Pool;
let database: Awaited<ReturnType<typeof createTestPool>>;

beforeAll(async () => {
  database = await createTestPool();
  ({ pool } = database);
});
afterAll(() => database.close());

const woken: string[] = [];
const relay = () => {
  const deps: RelayDeps = {
    pool,
    reach: reachOf(async (id) => void woken.push(id)),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: () => undefined },
  };
  return createRelay(deps);
};

/** A contract that is asked to pause for an invoice of 50.00. */
async function pausing(): Promise<Books & { receivableId: string }> {
  const books = await createBooks(pool);
  const { receivableId } = await createReceivable(pool, books, 5000n, { attempt: false });
  await rows(pool, 'update receivables set dunning_level = 2 where id = $1', [receivableId]);
  await pause(books, receivableId);
  return { ...books, receivableId };
}

async function pause({ merchant, accountId }: Books, receivableId: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await lockAccount(tx, merchant, accountId);
    const [found] = await loadCases(tx, merchant, [receivableId]);
    await pauseForDunning(tx, merchant, found!);
  });
}

async function pay({ merchant, accountId }: Books): Promise<void> {
  const receipt = { accountId, amountMinor: 5000n, currency: 'EUR', reference: 'R1' };
  await inTransaction(pool, (tx) => bookReceipt(tx, merchant, receipt));
}

async function kinds({ contractId }: Books): Promise<string[]> {
  const found = await rows<{ kind: string }>(
    pool,
    'select kind from commands where contract_id = $1 order by seq',
    [contractId],
  );
  return found.map(({ kind }) => kind);
}

async function claimed({ clockId }: Books): Promise<OutboxRow[]> {
  return (await claim(pool, { clockId: clockId! })).filter(({ kind }) => kind === 'command');
}

async function drain({ clockId }: Books): Promise<void> {
  while ((await relay().drainOnce({ clockId: clockId! })) > 0);
}

describe('a pause that collection asks for', () => {
  it('is stored by the relay, which then wakes the contract; its clock waits for it', async () => {
    const books = await pausing();
    const look = await lookAtClock(pool, books.merchant, books.clockId!);
    expect(look).toMatchObject({ messages: 1, commands: [] });
    await drain(books);
    expect(await kinds(books)).toEqual(['pause']);
    expect(woken).toContain(`contract/${books.contractId}`);
    expect(await lookAtClock(pool, books.merchant, books.clockId!)).toMatchObject({ messages: 0 });
  });

  it('is stored before the money takes it back, by whatever relay, and both once', async () => {
    const books = await pausing();
    await pay(books);
    // A relay takes the pause and is slow; another one that comes meanwhile gets the pause once more, never the resume.
    const slow = await claimed(books);
    expect(await claimed(books)).toEqual([]);
    await rows(pool, 'update outbox set lease_until = clock_timestamp() where clock_id = $1', [
      books.clockId,
    ]);
    const other = await claimed(books);
    expect([slow, other]).toMatchObject([[{ payload: { kind: 'pause' } }], [{ payload: { kind: 'pause' } }]]);
    await Promise.all([...slow, ...other].map((message) => storePosted(pool, message)));
    expect(await kinds(books)).toEqual(['pause']);
    await Promise.all([drain(books), drain(books)]);
    expect(await kinds(books)).toEqual(['pause', 'resume']);
  });

  it('is not asked for twice while it waits, and is asked for again after it was taken back', async () => {
    const books = await pausing();
    await pause(books, books.receivableId);
    await pay(books);
    const { receivableId } = await createReceivable(pool, books, 5000n, { attempt: false });
    await pause(books, receivableId);
    await pause(books, receivableId);
    await drain(books);
    expect(await kinds(books)).toEqual(['pause', 'resume', 'pause']);
  });

  it('of a contract that has ended meanwhile is dropped', async () => {
    const books = await pausing();
    await rows(pool, `update contracts set phase = 'ended' where id = $1`, [books.contractId]);
    await drain(books);
    expect(await kinds(books)).toEqual([]);
  });

  it('that no relay has taken makes its contract a candidate of repair', async () => {
    const books = await pausing();
    await rows(pool, `update outbox set due_at = due_at - interval '11 seconds' where object = $1`, [
      `contract/${books.contractId}`,
    ]);
    const found: unknown[] = [];
    for await (const batch of repairCandidates(pool)) {
      found.push(...batch.filter(({ workflow_id }) => workflow_id === `contract/${books.contractId}`));
    }
    expect(found).toMatchObject([{ late: ['a pause by collection is not stored'] }]);
  });
});

it('what a use case writes is sent at once, not at the next look of the relay', async () => {
  const [stop, sent] = [new AbortController(), [] as string[]];
  const relayOfHours = createRelay({
    pool,
    writers: [pool],
    pauseMs: 3_600_000,
    reach: reachOf(async (id) => void sent.push(id)),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: (fields) => expect.fail(JSON.stringify(fields)) },
  });
  await rows(pool, `update outbox set state = 'delivered'`);
  const first = await pausing();
  await rows(pool, 'update outbox set clock_id = null');
  const running = relayOfHours.run(stop.signal);
  await expect.poll(() => kinds(first), { timeout: 10_000, interval: 20 }).toEqual(['pause']); // by its first look
  const second = await pausing();
  await expect.poll(() => kinds(second), { timeout: 10_000, interval: 20 }).toEqual(['pause']);
  // Storing the command has left a wake, which goes out at once, too.
  await expect.poll(() => sent, { timeout: 10_000 }).toContain(`contract/${second.contractId}`);
  stop.abort();
  await running;
});
