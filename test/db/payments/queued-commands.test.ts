// Collection's commands to a contract wait in the outbox, and the relay stores them (rules 37, 46).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lockAccount } from '../../../db/books/account-context.ts';
import { loadClockBacklog } from '../../../db/clocks/clocks.ts';
import { type OutboxRow, claim } from '../../../db/platform/outbox.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { repairCandidates } from '../../../db/platform/repair-candidates.ts';
import { receivableCases } from '../../../engine/payments/collection-case.ts';
import { pauseForDunning } from '../../../engine/payments/dunning.ts';
import { storeQueuedCommand } from '../../../engine/contracts/queued-commands.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import { type RelayDeps, createRelay } from '../../../relay/relay.ts';
import { workflowsOf } from '../../support/workflows.ts';
import { type Books, createBooks, createReceivable, createTestPool } from '../../support/fixtures.ts';

let pool: Pool;
let database: Awaited<ReturnType<typeof createTestPool>>;

beforeAll(async () => {
  database = await createTestPool();
  ({ pool } = database);
});
afterAll(() => database.close());

const wakes: string[] = [];
const relay = () => {
  const deps: RelayDeps = {
    pool,
    workflows: workflowsOf(async (id) => void wakes.push(id)),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: () => undefined },
  };
  return createRelay(deps);
};

/** A contract that collection asks to pause for an invoice of 50.00. */
async function createPaused(): Promise<Books & { receivableId: string }> {
  const books = await createBooks(pool);
  const { receivableId } = await createReceivable(pool, books, 5000n, { attempt: false });
  await rows(pool, 'update receivables set dunning_level = 2 where id = $1', [receivableId]);
  await pause(books, receivableId);
  return { ...books, receivableId };
}

async function pause({ merchant, accountId }: Books, receivableId: string): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await lockAccount(tx, merchant, accountId);
    const [found] = await receivableCases(tx, merchant, [receivableId]);
    await pauseForDunning(tx, merchant, found!);
  });
}

async function pay({ merchant, accountId }: Books): Promise<void> {
  const receipt = { accountId, amountMinor: 5000n, currency: 'EUR', reference: 'R1' };
  await inTransaction(pool, (tx) => recordReceipt(tx, merchant, receipt));
}

async function kindsOfCommands({ contractId }: Books): Promise<string[]> {
  const found = await rows<{ kind: string }>(
    pool,
    'select kind from commands where contract_id = $1 order by seq',
    [contractId],
  );
  return found.map(({ kind }) => kind);
}

async function claimCommands({ clockId }: Books): Promise<OutboxRow[]> {
  return (await claim(pool, { clockId: clockId! })).filter(({ kind }) => kind === 'command');
}

async function drain({ clockId }: Books): Promise<void> {
  while ((await relay().deliverBatch({ clockId: clockId! })) > 0);
}

describe('a pause by collection', () => {
  it('is stored by the relay, which then wakes the contract, and its clock waits for that', async () => {
    const books = await createPaused();
    const backlog = await loadClockBacklog(pool, books.merchant, books.clockId!);
    expect(backlog).toMatchObject({ messages: 1, commands: [] });
    await drain(books);
    expect(await kindsOfCommands(books)).toEqual(['pause']);
    expect(wakes).toContain(`contract/${books.contractId}`);
    expect(await loadClockBacklog(pool, books.merchant, books.clockId!)).toMatchObject({ messages: 0 });
  });

  it('is stored once, and before the resumption, although two relays claimed it', async () => {
    const books = await createPaused();
    await pay(books);
    // A slow relay claims the pause. After its lease, another relay gets the pause again, never the resumption.
    const slow = await claimCommands(books);
    expect(await claimCommands(books)).toEqual([]);
    await rows(pool, 'update outbox set lease_until = clock_timestamp() where clock_id = $1', [
      books.clockId,
    ]);
    const other = await claimCommands(books);
    expect([slow, other]).toMatchObject([[{ payload: { kind: 'pause' } }], [{ payload: { kind: 'pause' } }]]);
    await Promise.all([...slow, ...other].map((message) => storeQueuedCommand(pool, message)));
    expect(await kindsOfCommands(books)).toEqual(['pause']);
    await Promise.all([drain(books), drain(books)]);
    expect(await kindsOfCommands(books)).toEqual(['pause', 'resume']);
  });

  it('is requested once while it waits, and again after the resumption', async () => {
    const books = await createPaused();
    await pause(books, books.receivableId);
    await pay(books);
    const { receivableId } = await createReceivable(pool, books, 5000n, { attempt: false });
    await pause(books, receivableId);
    await pause(books, receivableId);
    await drain(books);
    expect(await kindsOfCommands(books)).toEqual(['pause', 'resume', 'pause']);
  });

  it('is dropped if the contract has ended meanwhile', async () => {
    const books = await createPaused();
    await rows(pool, `update contracts set phase = 'ended' where id = $1`, [books.contractId]);
    await drain(books);
    expect(await kindsOfCommands(books)).toEqual([]);
  });

  it('that no relay has claimed makes its contract a candidate for repair', async () => {
    const books = await createPaused();
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

it("the messages of a transaction are delivered at once, not at the relay's next round", async () => {
  const [stop, sent] = [new AbortController(), [] as string[]];
  const slowRelay = createRelay({
    pool,
    writers: [pool],
    pauseMs: 3_600_000,
    workflows: workflowsOf(async (id) => void sent.push(id)),
    deliverSandboxEvent: () => Promise.resolve(true),
    log: { warn: (fields) => expect.fail(JSON.stringify(fields)) },
  });
  await rows(pool, `update outbox set state = 'delivered'`);
  const first = await createPaused();
  await rows(pool, 'update outbox set clock_id = null');
  const running = slowRelay.run(stop.signal);
  await expect.poll(() => kindsOfCommands(first), { timeout: 10_000, interval: 20 }).toEqual(['pause']); // in its first round
  const second = await createPaused();
  await expect.poll(() => kindsOfCommands(second), { timeout: 10_000, interval: 20 }).toEqual(['pause']);
  // Storing the command left a wake, which is also delivered at once.
  await expect.poll(() => sent, { timeout: 10_000 }).toContain(`contract/${second.contractId}`);
  stop.abort();
  await running;
});
