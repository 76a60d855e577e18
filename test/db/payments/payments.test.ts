import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadAttempt } from '../../../db/payments/attempts.ts';
import { markSent } from '../../../engine/payments/attempts.ts';
import { recordOutcome } from '../../../engine/payments/outcomes.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { recordProviderEvent } from '../../../engine/payments/provider-events.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import type { Outcome, ProviderEvent } from '../../../psp/port.ts';
import {
  type Books,
  createBooks,
  createReceivable,
  createTestPool,
  setClock,
} from '../../support/fixtures.ts';

let pool: Pool;
let database: Awaited<ReturnType<typeof createTestPool>>;

beforeAll(async () => {
  database = await createTestPool();
  ({ pool } = database);
});
afterAll(() => database.close());

/** Marks the attempt sent, before money moves. The provider object is named after the attempt. */
async function send(attemptId: string) {
  const attempt = await loadAttempt(pool, attemptId);
  return inTransaction(pool, (tx) =>
    markSent(tx, attempt!, `sbi_${attemptId}`, { leaseSeconds: 20, again: false }),
  );
}

function record(books: Books, attemptId: string, outcome: Outcome) {
  return inTransaction(pool, (tx) => recordOutcome(tx, books.merchant, attemptId, outcome));
}

async function sendAndRecord(books: Books, attemptId: string, outcome: Outcome): Promise<void> {
  expect(await send(attemptId)).toMatchObject({ kind: 'send' });
  await record(books, attemptId, outcome);
}

function receive(books: Books, amountMinor: bigint, reference = 'R-1') {
  const receipt = { accountId: books.accountId, amountMinor, currency: 'EUR', reference };
  return inTransaction(pool, (tx) => recordReceipt(tx, books.merchant, receipt));
}

let events = 0;
function recordEvent(
  books: Books,
  attemptId: string,
  type: ProviderEvent['type'],
  eventId = `sbe_${++events}`,
) {
  const providerObject = `sbi_${attemptId}`;
  const at = '2024-06-01T00:00:00.000Z';
  const event = { eventId, merchantId: books.merchant, providerObject, type, at };
  return recordProviderEvent(pool, 'sandbox', event);
}

/** The sums of a merchant's money. It also checks that each open and left amount follows from the allocations. */
async function money(books: Books) {
  const found = await row<{
    open: bigint;
    left: bigint;
    receivable: bigint;
    cash: bigint;
    payments: number;
    wrong: number;
  }>(
    pool,
    `select
       (select coalesce(sum(open_minor), 0)::bigint from receivables where merchant_id = $1) as open,
       (select coalesce(sum(left_minor), 0)::bigint from credits where merchant_id = $1) as left,
       (select coalesce(sum(amount_minor), 0)::bigint from postings where merchant_id = $1 and ledger_account = 'receivable') as receivable,
       (select coalesce(sum(amount_minor), 0)::bigint from postings where merchant_id = $1 and ledger_account like 'cash:%') as cash,
       (select count(*)::int from payments where merchant_id = $1) as payments,
       (select count(*)::int from receivables r where merchant_id = $1 and open_minor <> amount_minor -
          (select coalesce(sum(amount_minor), 0) from allocations a where a.merchant_id = r.merchant_id and a.receivable_id = r.id))
       + (select count(*)::int from credits c where merchant_id = $1 and left_minor <> amount_minor - reversed_minor -
          (select coalesce(sum(amount_minor), 0) from allocations a where a.merchant_id = c.merchant_id and a.credit_id = c.id)) as wrong`,
    [books.merchant],
  );
  const { wrong, ...sums } = found;
  expect(wrong).toBe(0);
  return sums;
}

async function openOf(receivableId: string): Promise<bigint> {
  const found = await row<{ open_minor: bigint }>(pool, 'select open_minor from receivables where id = $1', [
    receivableId,
  ]);
  return found.open_minor;
}

async function stateOf(attemptId: string): Promise<string> {
  return (await row<{ state: string }>(pool, 'select state from attempts where id = $1', [attemptId])).state;
}

async function agendaOf(receivableId: string): Promise<string | null> {
  const [found] = await rows<{ due_at: string }>(pool, 'select due_at from agenda where workflow_id = $1', [
    `collection/${receivableId}`,
  ]);
  return found?.due_at ?? null;
}

async function wakesOf(books: Books): Promise<string[]> {
  const found = await rows<{ object: string }>(
    pool,
    `select object from outbox where merchant_id = $1 and kind = 'wake' order by id`,
    [books.merchant],
  );
  return found.map(({ object }) => object);
}

const declined: Outcome = { state: 'declined', reason: 'insufficient_funds' };
const succeeded: Outcome = { state: 'succeeded' };

describe('an outcome', () => {
  it('that is recorded four times at once pays once, and removes the collection from the agenda', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    expect(await agendaOf(receivableId)).toBe('2024-06-01T00:15:00.000Z');
    await send(attemptId);
    const results = await Promise.all([1, 2, 3, 4].map(() => record(books, attemptId, succeeded)));
    expect(results.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await money(books)).toEqual({
      open: 0n,
      left: 0n,
      receivable: -14994n,
      cash: 14994n,
      payments: 1,
    });
    expect(await agendaOf(receivableId)).toBeNull();
    expect(await wakesOf(books)).toEqual([]);
    expect(
      await rows(
        pool,
        `select fact, ledger_account, p.contract_id, amount_minor from postings p
         join journal_entries e on e.merchant_id = p.merchant_id and e.id = p.entry_id
         where p.merchant_id = $1 order by n`,
        [books.merchant],
      ),
    ).toEqual([
      {
        fact: expect.stringMatching(/^payment:pmt_/),
        ledger_account: 'cash:sandbox',
        contract_id: books.contractId,
        amount_minor: 14994n,
      },
      {
        fact: expect.stringMatching(/^payment:pmt_/),
        ledger_account: 'receivable',
        contract_id: books.contractId,
        amount_minor: -14994n,
      },
    ]);
  });

  it('from a provider event is not overwritten by a later unknown outcome of the sender', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 14994n);
    await send(attemptId);
    expect(await recordEvent(books, attemptId, 'succeeded')).toEqual({ changed: true });
    expect(await record(books, attemptId, { state: 'unknown' })).toMatchObject({ changed: false });
    expect(await stateOf(attemptId)).toBe('succeeded');
  });

  it('that is pending at the provider prevents a second sending of the attempt (rule 34)', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 14994n);
    await send(attemptId);
    const before = await loadAttempt(pool, attemptId); // as another process that looks it up has read it
    await rows(pool, 'update attempts set lease_until = clock_timestamp() where id = $1', [attemptId]);
    await recordEvent(books, attemptId, 'pending');
    const sending = await inTransaction(pool, (tx) =>
      markSent(tx, before!, `sbi_${attemptId}`, { leaseSeconds: 20, again: true }),
    );
    expect(sending).toEqual({ kind: 'not_needed', replacedBy: null });
    expect(await stateOf(attemptId)).toBe('pending');
  });

  it('that is a decline puts the next attempt on the agenda and wakes collection', async () => {
    const books = await createBooks(pool, { zone: 'Europe/Berlin', now: '2024-03-28T23:00:00.000Z' });
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n, {
      at: '2024-03-28T23:00:00.000Z',
    });
    await sendAndRecord(books, attemptId, declined);
    // Midnight in Berlin three days later, after the change to summer time.
    expect(await agendaOf(receivableId)).toBe('2024-03-31T22:00:00.000Z');
    expect(await wakesOf(books)).toEqual([`collection/${receivableId}`]);
    expect(await money(books)).toMatchObject({ open: 14994n, payments: 0 });
  });

  it('that is unknown is looked up after a minute, and one that stays pending after a week', async () => {
    const books = await createBooks(pool);
    const unknown = await createReceivable(pool, books, 100n);
    await sendAndRecord(books, unknown.attemptId, { state: 'unknown' });
    expect(await agendaOf(unknown.receivableId)).toBe('2024-06-01T00:01:00.000Z');
    const pending = await createReceivable(pool, books, 200n);
    await sendAndRecord(books, pending.attemptId, { state: 'pending' });
    expect(await agendaOf(pending.receivableId)).toBe('2024-06-08T00:00:00.000Z');
    expect(await wakesOf(books)).toEqual([`collection/${unknown.receivableId}`]);
  });

  it('that reports success after a decline pays the receivable', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    await sendAndRecord(books, attemptId, declined);
    await recordEvent(books, attemptId, 'succeeded');
    expect(await money(books)).toMatchObject({ open: 0n, payments: 1 });
    expect(await agendaOf(receivableId)).toBeNull();
  });
});

describe('a receipt by hand (rule 31)', () => {
  it('pays the oldest open receivable first, and the rest waits as credit', async () => {
    const books = await createBooks(pool);
    const first = await createReceivable(pool, books, 5000n, { at: '2024-04-01T00:00:00.000Z' });
    const second = await createReceivable(pool, books, 5000n, { at: '2024-05-01T00:00:00.000Z' });
    await receive(books, 6000n);
    expect([await openOf(first.receivableId), await openOf(second.receivableId)]).toEqual([0n, 4000n]);
    await receive(books, 10_000n, 'R-2');
    expect(await money(books)).toEqual({
      open: 0n,
      left: 6000n,
      receivable: -16_000n,
      cash: 16_000n,
      payments: 2,
    });
    expect(await agendaOf(first.receivableId)).toBeNull();
  });

  it('abandons the planned attempt of the receivable that it pays', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await receive(books, 5000n);
    expect(await stateOf(attemptId)).toBe('abandoned');
    expect(await send(attemptId)).toEqual({ kind: 'not_needed', replacedBy: null });
  });

  it('that pays a part replaces the planned attempt by one for the rest', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 5000n);
    await receive(books, 2000n);
    const sending = await send(attemptId);
    expect(sending).toMatchObject({ kind: 'not_needed', replacedBy: expect.stringMatching(/^att_/) });
    expect(
      await rows(pool, 'select n, state, amount_minor from attempts where receivable_id = $1 order by n', [
        receivableId,
      ]),
    ).toEqual([
      { n: 1, state: 'abandoned', amount_minor: 5000n },
      { n: 2, state: 'planned', amount_minor: 3000n },
    ]);
  });

  it('does not pay a receivable whose attempt is under way, and waits as credit', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 5000n);
    await send(attemptId);
    await receive(books, 5000n);
    expect(await openOf(receivableId)).toBe(5000n);
    await record(books, attemptId, succeeded);
    expect(await money(books)).toMatchObject({ open: 0n, left: 5000n, cash: 10_000n });
  });

  it('that waited pays when the attempt is declined, and there is no retry', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 5000n);
    await send(attemptId);
    await receive(books, 6000n);
    await record(books, attemptId, declined);
    expect(await money(books)).toMatchObject({ open: 0n, left: 1000n, payments: 1 });
    expect(await agendaOf(receivableId)).toBeNull();
  });

  it('at the same time as the sending of an attempt never pays what that attempt pays', async () => {
    for (let round = 0; round < 10; round++) {
      const books = await createBooks(pool);
      const { attemptId } = await createReceivable(pool, books, 5000n);
      const [sending] = await Promise.all([send(attemptId), receive(books, 5000n)]);
      if (sending.kind === 'send') await record(books, attemptId, succeeded);
      const sent = sending.kind === 'send' ? 5000n : 0n;
      expect(await money(books)).toMatchObject({ open: 0n, left: sent, cash: 5000n + sent });
    }
  });

  it('is posted to the contracts whose receivables it pays, and its rest to no contract', async () => {
    const books = await createBooks(pool);
    await createReceivable(pool, books, 5000n, { attempt: false });
    await receive(books, 7000n);
    expect(
      await rows(
        pool,
        `select contract_id, amount_minor from postings where merchant_id = $1 and ledger_account = 'receivable' order by n`,
        [books.merchant],
      ),
    ).toEqual([
      { contract_id: books.contractId, amount_minor: -5000n },
      { contract_id: null, amount_minor: -2000n },
    ]);
  });

  it.each([
    ['zero', { amountMinor: 0n }, 'invalid_amount'],
    ['less than zero', { amountMinor: -5n }, 'invalid_amount'],
    ['another currency', { currency: 'CHF' }, 'currency_mismatch'],
    ['an unknown account', { accountId: 'acc_unknown' }, 'not_found'],
  ])('is refused, and nothing is written: %s', async (_what, change, code) => {
    const books = await createBooks(pool);
    const valid = { accountId: books.accountId, amountMinor: 5n, currency: 'EUR', reference: 'R' };
    const receipt = inTransaction(pool, (tx) => recordReceipt(tx, books.merchant, { ...valid, ...change }));
    await expect(receipt).rejects.toMatchObject({ code });
    expect(await money(books)).toMatchObject({ payments: 0 });
  });
});

describe('a chargeback (rule 37)', () => {
  it('reverses the posting and opens the receivable again, without a retry', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 14994n);
    await sendAndRecord(books, attemptId, succeeded);
    await setClock(pool, books, '2024-07-01T00:00:00.000Z');
    expect(await recordEvent(books, attemptId, 'chargeback')).toEqual({ changed: true });
    expect(await money(books)).toEqual({ open: 14994n, left: 0n, receivable: 0n, cash: 0n, payments: 1 });
    expect(await agendaOf(receivableId)).toBeNull();
    expect(await wakesOf(books)).toEqual([`collection/${receivableId}`]);
    expect(await recordEvent(books, attemptId, 'chargeback')).toEqual({ changed: false });
    expect(await money(books)).toMatchObject({ open: 14994n, cash: 0n });
    await receive(books, 14994n);
    expect(await money(books)).toMatchObject({ open: 0n, left: 0n, cash: 14994n });
  });

  it('is paid from the credit of the account', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, succeeded);
    await receive(books, 2000n);
    await recordEvent(books, attemptId, 'chargeback');
    expect(await money(books)).toMatchObject({ open: 3000n, left: 0n, cash: 2000n });
  });

  it('of a payment whose success was never reported records both', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, { state: 'pending' });
    expect(await recordEvent(books, attemptId, 'chargeback')).toEqual({ changed: true });
    expect(await stateOf(attemptId)).toBe('succeeded');
    expect(await money(books)).toMatchObject({ open: 5000n, left: 0n, cash: 0n, payments: 1 });
  });
});

describe('a provider’s event (rule 38)', () => {
  it('is recorded once if it is delivered four times at once, and wakes the contract once', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, { state: 'pending' });
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => recordEvent(books, attemptId, 'succeeded', 'sbe_same')),
    );
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await money(books)).toMatchObject({ open: 0n, payments: 1 });
    expect(await wakesOf(books)).toEqual([`contract/${books.contractId}`]);
  });

  it('wakes collection instead of the contract if collection is at work', async () => {
    const books = await createBooks(pool);
    const { receivableId, attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, { state: 'pending' });
    await recordEvent(books, attemptId, 'declined');
    expect(await wakesOf(books)).toEqual([`collection/${receivableId}`]);
  });

  it('without new information wakes no workflow', async () => {
    const books = await createBooks(pool);
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, succeeded);
    expect(await recordEvent(books, attemptId, 'succeeded')).toEqual({ changed: false });
    expect(await recordEvent(books, attemptId, 'declined')).toEqual({ changed: false });
    expect(await wakesOf(books)).toEqual([]);
  });

  it('for an object of another merchant changes nothing', async () => {
    const [books, others] = [await createBooks(pool), await createBooks(pool)];
    const { attemptId } = await createReceivable(pool, books, 5000n);
    await sendAndRecord(books, attemptId, { state: 'pending' });
    expect(await recordEvent(others, attemptId, 'succeeded')).toEqual({ changed: false });
    expect(await stateOf(attemptId)).toBe('pending');
  });
});
