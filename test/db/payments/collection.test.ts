import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChargeActivities } from '../../../activities/charge.ts';
import { type CollectionStanding, createCollectActivities } from '../../../activities/collect.ts';
import { loadAttempt } from '../../../db/payments/attempts.ts';
import { markSent } from '../../../engine/payments/attempts.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { rows } from '../../support/rows.ts';
import { storeQueuedCommands } from '../../../engine/contracts/queued-commands.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import type { PaymentProvider } from '../../../psp/port.ts';
import { sandboxBooks } from '../../../psp/sandbox/books.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import {
  type Books,
  createBooks,
  createReceivable,
  createTestPool,
  setClock,
} from '../../support/fixtures.ts';

let pool: Pool;
let database: Awaited<ReturnType<typeof createTestPool>>;
let sandbox: PaymentProvider;

beforeAll(async () => {
  database = await createTestPool();
  ({ pool } = database);
  sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1/', webhookSecret: 'secret' });
});
afterAll(() => database.close());

const chargeActivities = (provider: PaymentProvider = sandbox, leaseSeconds = 20) =>
  createChargeActivities({ pool, providers: { sandbox: provider }, leaseSeconds, answerWithinMs: 200 });

async function runStep(receivableId: string, unanswered: string | null = null): Promise<CollectionStanding> {
  const activities = createCollectActivities({ pool, limit: 100 });
  const environment = new MockActivityEnvironment();
  return environment.run(activities.collect, receivableId, unanswered);
}

/** Acts as the workflow: runs the step, executes the attempt that it names, and runs the step again, until it would sleep. */
async function runUntilSleep(receivableId: string, provider?: PaymentProvider): Promise<CollectionStanding> {
  for (;;) {
    const standing = await runStep(receivableId);
    if (standing.attempt === null) return standing;
    await chargeActivities(provider).collectAttempt(standing.attempt.attemptId);
  }
}

function attemptsOf(receivableId: string) {
  return rows(pool, 'select n, state, sent_at, reason from attempts where receivable_id = $1 order by n', [
    receivableId,
  ]);
}

function commandsOf(books: Books) {
  return rows(
    pool,
    'select kind, body, actor, effective, asked_at from commands where contract_id = $1 order by seq',
    [books.contractId],
  );
}

/** Stores the commands that wait in the outbox, as the relay does. */
async function storeCommands(books: Books): Promise<void> {
  await storeQueuedCommands(pool, books.merchant, books.contractId);
}

async function levelOf(receivableId: string): Promise<unknown> {
  return (
    await rows(pool, 'select open_minor, dunning_level from receivables where id = $1', [receivableId])
  )[0];
}

describe('dunning (rule 37)', () => {
  it('retries after 3 and 7 days, then pauses the contract, and a receipt resumes it', async () => {
    const books = await createBooks(pool, { token: 'card;decline=insufficient_funds' });
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    await chargeActivities().charge(books.contractId, attemptId);
    expect(await runUntilSleep(receivableId)).toMatchObject({
      nextDue: '2024-06-04T00:00:00.000Z',
      finished: false,
    });

    await setClock(pool, books, '2024-06-04T00:00:00.000Z');
    expect(await runUntilSleep(receivableId)).toMatchObject({ nextDue: '2024-06-08T00:00:00.000Z' });
    expect(await commandsOf(books)).toEqual([]);

    await setClock(pool, books, '2024-06-08T00:00:00.000Z');
    expect(await runUntilSleep(receivableId)).toMatchObject({
      nextDue: null,
      finished: false,
      shown: { dunningLevel: 3, state: 'waiting for money' },
    });
    expect(await attemptsOf(receivableId)).toEqual([
      { n: 1, state: 'declined', sent_at: '2024-06-01T00:00:00.000Z', reason: 'insufficient_funds' },
      { n: 2, state: 'declined', sent_at: '2024-06-04T00:00:00.000Z', reason: 'insufficient_funds' },
      { n: 3, state: 'declined', sent_at: '2024-06-08T00:00:00.000Z', reason: 'insufficient_funds' },
    ]);
    expect(await commandsOf(books)).toEqual([]); // it waits in the outbox
    await runUntilSleep(receivableId); // another wake does not ask again
    await storeCommands(books);
    const pause = {
      kind: 'pause',
      body: { kind: 'pause', reason: 'dunning' },
      actor: `collection:${receivableId}`,
      effective: 'now',
      asked_at: '2024-06-08T00:00:00.000Z',
    };
    expect(await commandsOf(books)).toEqual([pause]);
    await runUntilSleep(receivableId);
    await storeCommands(books);
    expect(await commandsOf(books)).toEqual([pause]);

    // The money arrives before the contract has decided the pause.
    const receipt = { accountId: books.accountId, amountMinor: 14994n, currency: 'EUR', reference: 'R-1' };
    await inTransaction(pool, (tx) => recordReceipt(tx, books.merchant, receipt));
    await storeCommands(books);
    expect(await commandsOf(books)).toEqual([
      pause,
      { ...pause, kind: 'resume', body: { kind: 'resume', reason: 'dunning' } },
    ]);
    expect(await levelOf(receivableId)).toEqual({ open_minor: 0n, dunning_level: 0 });
    expect(await runUntilSleep(receivableId)).toMatchObject({ finished: true, shown: { state: 'paid' } });
    expect(await sandboxBooks(pool, books.merchant)).toEqual([]);
  });

  it('keeps the pause while another receivable of the contract is unpaid', async () => {
    const books = await createBooks(pool, { now: '2024-06-08T00:00:00.000Z' });
    const first = await createReceivable(pool, books, 5000n, { attempt: false });
    const second = await createReceivable(pool, books, 5000n, { attempt: false });
    await rows(pool, 'update receivables set dunning_level = 3 where merchant_id = $1', [books.merchant]);
    await rows(pool, `update contracts set pause_reasons = '{dunning}' where id = $1`, [books.contractId]);
    const receipt = { accountId: books.accountId, amountMinor: 5000n, currency: 'EUR', reference: 'R-1' };
    await inTransaction(pool, (tx) => recordReceipt(tx, books.merchant, receipt));
    expect(await levelOf(first.receivableId)).toEqual({ open_minor: 0n, dunning_level: 0 });
    await storeCommands(books);
    expect(await commandsOf(books)).toEqual([]);
    await inTransaction(pool, (tx) => recordReceipt(tx, books.merchant, receipt));
    await storeCommands(books);
    expect(await commandsOf(books)).toMatchObject([
      { kind: 'resume', actor: `collection:${second.receivableId}` },
    ]);
  });

  it('does not pause a contract that has ended, and waits for money', async () => {
    const books = await createBooks(pool, { token: 'card;decline=account_closed' });
    const { receivableId, attemptId } = await createReceivable(pool, books, 5000n);
    await rows(pool, `update contracts set phase = 'ended' where id = $1`, [books.contractId]);
    await chargeActivities().charge(books.contractId, attemptId);
    for (const day of ['04', '08']) {
      await setClock(pool, books, `2024-06-${day}T00:00:00.000Z`);
      await runUntilSleep(receivableId);
    }
    expect(await attemptsOf(receivableId)).toHaveLength(3);
    await storeCommands(books);
    expect(await commandsOf(books)).toEqual([]);
    expect(await runStep(receivableId)).toMatchObject({ nextDue: null, finished: false });
  });
});

describe('an unknown outcome (rule 36)', () => {
  it.each([
    ['card;late=charged', 'succeeded', 1],
    ['card;late=not_charged', 'declined', 0],
  ])('of %s is looked up after a minute: %s', async (token, state, charges) => {
    const books = await createBooks(pool, { token });
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    await chargeActivities().charge(books.contractId, attemptId);
    expect(await runUntilSleep(receivableId)).toMatchObject({ nextDue: '2024-06-01T00:01:00.000Z' });
    await setClock(pool, books, '2024-06-01T00:01:00.000Z');
    expect(await runUntilSleep(receivableId)).toMatchObject({ finished: state === 'succeeded' });
    expect(await attemptsOf(receivableId)).toMatchObject([{ n: 1, state }]);
    expect(await sandboxBooks(pool, books.merchant)).toHaveLength(charges);
  });

  it('is looked up after 1, 5 and 30 minutes and then hourly, while the provider does not know it', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    const silent: PaymentProvider = {
      ...sandbox,
      execute: () => new Promise(() => undefined),
      lookup: () => Promise.resolve({ state: 'unknown' }),
    };
    await chargeActivities(silent).charge(books.contractId, attemptId);
    const due: (string | null)[] = [];
    for (let now: string | null = '2024-06-01T00:00:00.000Z'; due.length < 6 && now !== null;) {
      await setClock(pool, books, now);
      now = (await runUntilSleep(receivableId, silent)).nextDue;
      due.push(now);
    }
    expect(due).toEqual([
      '2024-06-01T00:01:00.000Z',
      '2024-06-01T00:05:00.000Z',
      '2024-06-01T00:30:00.000Z',
      '2024-06-01T01:30:00.000Z',
      '2024-06-01T02:30:00.000Z',
      '2024-06-01T03:30:00.000Z',
    ]);
  });
});

describe('an attempt whose process died or whose provider failed (rule 34)', () => {
  async function sendThenDie(execute: boolean) {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    const attempt = await loadAttempt(pool, attemptId);
    const order = { ...attempt!, attemptId, merchantId: books.merchant, at: '2024-06-01T00:00:00.000Z' };
    const { providerObject } = await sandbox.prepare(order);
    await inTransaction(pool, (tx) =>
      markSent(tx, attempt!, providerObject, { leaseSeconds: 20, again: false }),
    );
    if (execute) await sandbox.execute(order, providerObject);
    return { books, receivableId, attemptId };
  }
  const endLease = (attemptId: string) =>
    rows(pool, 'update attempts set lease_until = clock_timestamp() where id = $1', [attemptId]);

  it.each([
    ['before the provider was asked', false],
    ['after the provider succeeded', true],
  ])('%s is charged once and recorded once', async (_when, execute) => {
    const { books, receivableId, attemptId } = await sendThenDie(execute);
    await expect(chargeActivities().charge(books.contractId, attemptId)).rejects.toMatchObject({
      type: 'AttemptInFlight',
    });
    await endLease(attemptId);
    await Promise.allSettled([1, 2, 3].map(() => chargeActivities().charge(books.contractId, attemptId)));
    expect(await attemptsOf(receivableId)).toMatchObject([{ n: 1, state: 'succeeded' }]);
    expect(await sandboxBooks(pool, books.merchant)).toMatchObject([{ kind: 'charge', amountMinor: 14994n }]);
    expect(await levelOf(receivableId)).toEqual({ open_minor: 0n, dunning_level: 0 });
  });

  it('is tried again in an hour if its provider cannot be reached', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    await setClock(pool, books, '2024-06-01T00:15:00.000Z');
    const down: PaymentProvider = { ...sandbox, prepare: () => Promise.reject(new Error('no route')) };
    const standing = await runStep(receivableId);
    expect(standing.attempt).toEqual({ attemptId, provider: 'sandbox' });
    await expect(chargeActivities(down).collectAttempt(attemptId)).rejects.toThrow('no route');
    expect(await runStep(receivableId, attemptId)).toMatchObject({
      attempt: null,
      nextDue: '2024-06-01T01:15:00.000Z',
    });
    await setClock(pool, books, '2024-06-01T01:15:00.000Z');
    expect(await runUntilSleep(receivableId)).toMatchObject({ finished: true });
  });

  it('is retried at once if it failed before it was sent, and charges once', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 14994n);
    const broken: PaymentProvider = {
      ...sandbox,
      execute: () => Promise.reject(new Error('connection refused')),
    };
    await expect(chargeActivities(broken).charge(books.contractId, attemptId)).rejects.toThrow(
      'connection refused',
    );
    expect(await chargeActivities().charge(books.contractId, attemptId)).toBeNull();
    expect(await sandboxBooks(pool, books.merchant)).toHaveLength(1);
  });
});

describe('a step of a collection that fails (rule 41)', () => {
  it('opens an incident, and the first step that succeeds closes it', async () => {
    const books = await createBooks(pool);
    const { receivableId } = await createReceivable(pool, books, 14994n);
    await rows(pool, `update billing_accounts set time_zone = 'Mars/Base' where id = $1`, [books.accountId]);
    await rows(pool, `update attempts set state = 'declined' where receivable_id = $1`, [receivableId]);
    const standing = await runStep(receivableId);
    expect(standing).toMatchObject({ finished: false, clocked: true, attempt: null });
    expect(standing.incident).toMatch(/^inc_/);
    const open = () =>
      rows(pool, 'select step, error from incidents where workflow_id = $1 and closed_at is null', [
        `collection/${receivableId}`,
      ]);
    expect(await open()).toEqual([{ step: 'collect', error: expect.stringContaining('time zone') }]);
    await rows(pool, `update billing_accounts set time_zone = 'UTC' where id = $1`, [books.accountId]);
    expect(await runStep(receivableId)).toMatchObject({ incident: null });
    expect(await open()).toEqual([]);
  });

  it('is finished without an incident if its test clock was deleted', async () => {
    expect(await runStep('rec_gone')).toMatchObject({ finished: true, incident: null });
  });
});
