// Every use case takes its locks in the one order (rule 46): what each transaction locked is compared with it.
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createChargeActivities } from '../../../activities/charge.ts';
import { type CollectionStanding, createCollectActivities } from '../../../activities/collect.ts';
import { createAccount } from '../../../db/books/accounts.ts';
import { type MerchantId, newId } from '../../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { reviseCustomer } from '../../../engine/parties/customers.ts';
import { createPaymentMethod } from '../../../db/payments/methods.ts';
import { reviseAccount, setContractMethod } from '../../../engine/books/accounts.ts';
import { Walk, beginAdvance } from '../../../engine/clocks/clock.ts';
import { previewCommand } from '../../../engine/contracts/commands.ts';
import { chargeOnce } from '../../../engine/books/one-time.ts';
import { storeAllPosted } from '../../../engine/contracts/posted-commands.ts';
import { bookProviderEvent } from '../../../engine/payments/provider-events.ts';
import { bookReceipt } from '../../../engine/payments/receipts.ts';
import type { OneTimeRequest } from '../../../engine/requests.ts';
import { reportUsage } from '../../../engine/usage/usage.ts';
import { withdrawOneTime } from '../../../engine/books/waiting-charges.ts';
import type { PaymentProvider } from '../../../psp/port.ts';
import { createSandbox } from '../../../psp/sandbox/sandbox.ts';
import { EVERYTHING, sellEveryKind } from '../../support/every-kind.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { locksOf, outOfOrder, transactionsOf } from '../../support/lock-log.ts';
import {
  command,
  createClock,
  createSampleMerchant,
  moveClock,
  order,
  settle,
  vault,
} from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;
let sandbox: PaymentProvider;
let transactions: string[][];

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
  sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1/', webhookSecret: 'secret' });
  merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
  transactions = transactionsOf(pool);
});
afterAll(() => database.close());

interface Life {
  readonly clock: string;
  readonly contractId: string;
  readonly customer: string;
  readonly account: string;
}

/** A customer's contract for Pro, ordered on 1 January 2024; `decline` is why its card is declined. */
async function begin(more: { everything?: boolean; decline?: boolean } = {}): Promise<Life> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const { contractId } = await order(pool, merchant, {
    customer: { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock },
    ...(more.everything === true ? EVERYTHING : { variant: 'pro', components: [] }),
    payment_method: {
      provider: 'sandbox',
      token: more.decline === true ? 'card;decline=insufficient_funds' : 'card',
    },
  });
  const found = await row<{ customer: string; account: string }>(
    pool,
    'select customer_id as customer, account_id as account from contracts where id = $1',
    [contractId],
  );
  return { clock, contractId, ...found };
}

async function attemptOf({ contractId }: Life): Promise<{ attempt: string; receivable: string }> {
  return row(
    pool,
    'select id as attempt, receivable_id as receivable from attempts where contract_id = $1 order by n desc limit 1',
    [contractId],
  );
}

async function charge(life: Life): Promise<string> {
  const { attempt } = await attemptOf(life);
  await createChargeActivities({ pool, providers: { sandbox } }).charge(life.contractId, attempt);
  return attempt;
}

function collect(receivable: string): Promise<CollectionStanding> {
  const { collect: activity } = createCollectActivities({ pool, limit: 100 });
  return new MockActivityEnvironment().run(activity, receivable, null);
}

async function oneTime(life: Life, of: Partial<OneTimeRequest>): Promise<string> {
  const tax = await row<{ id: string }>(
    pool,
    `select id from tax_policies where merchant_id = $1 order by id limit 1`,
    [merchant],
  );
  const id = newId('oneTime');
  const to = of.contract === undefined ? { customer: life.customer, account: life.account } : {};
  const request: OneTimeRequest = {
    ...to,
    text: 'Workshop',
    quantity: '1',
    unit_price: '10.00',
    currency: 'EUR',
    price_mode: 'net',
    tax_policy: tax.id,
    bill: 'now',
    ...of,
  };
  await inTransaction(pool, (tx) => chargeOnce(tx, merchant, id, request));
  return id;
}

function bookEvent(attempt: string, type: 'succeeded' | 'chargeback') {
  return async () => {
    const { provider_object } = await row<{ provider_object: string }>(
      pool,
      'select provider_object from attempts where id = $1',
      [attempt],
    );
    const at = '2024-01-01T09:00:00.000Z';
    const event = {
      eventId: newId('entry'),
      merchantId: merchant,
      providerObject: provider_object,
      type,
      at,
    };
    await bookProviderEvent(pool, 'sandbox', event);
  };
}

/** Each names what it locks at least, so that a log that has stopped looking turns red. */
const USE_CASES: readonly [name: string, locks: readonly string[], act: () => Promise<unknown>][] = [
  ['an order', ['test_clocks', 'customers', 'contracts', 'billing_accounts'], () => orderAgain()],
  ['a command', ['test_clocks', 'contracts'], async () => pauseOf(await settled())],
  [
    'a step with a document',
    ['test_clocks', 'contracts', 'billing_accounts', 'series_counters'],
    async () => settle(pool, (await begin()).contractId),
  ],
  [
    'a step without a document',
    ['test_clocks', 'contracts'],
    async () => {
      const life = await settled();
      await pauseOf(life);
      await settle(pool, life.contractId);
    },
  ],
  [
    'a credit note that pays an older invoice',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables', 'series_counters'],
    async () => {
      const life = await settled();
      const cancel = { kind: 'cancel', effective: 'now' } as const;
      await command(pool, merchant, life.contractId, cancel);
      await settle(pool, life.contractId);
    },
  ],
  [
    'a one-time charge that is billed now',
    ['test_clocks', 'customers', 'billing_accounts', 'series_counters'],
    async () => oneTime(await settled(), { bill: 'now' }),
  ],
  [
    'a one-time charge of a contract that is billed now',
    ['test_clocks', 'contracts', 'billing_accounts', 'series_counters'],
    async () => oneTime(await settled(), await ofContract({ bill: 'now' })),
  ],
  [
    'a one-time charge for the next invoice',
    ['test_clocks', 'customers', 'contracts', 'billing_accounts'],
    async () => oneTime(await settled(), { bill: 'next_invoice' }),
  ],
  [
    'a one-time charge that is withdrawn',
    ['test_clocks', 'customers', 'contracts', 'billing_accounts'],
    async () => {
      const id = await oneTime(await settled(), { bill: 'next_invoice' });
      await inTransaction(pool, (tx) => withdrawOneTime(tx, merchant, id));
    },
  ],
  [
    'the first usage of a period, and usage of a period that is rated',
    ['test_clocks', 'contracts', 'usage_totals'],
    async () => {
      const life = await beginMetered();
      await use(life, 'first');
      await moveClock(pool, life.clock, '2024-02-02T08:00:00.000Z');
      await settle(pool, life.contractId);
      await use(life, 'late');
    },
  ],
  [
    'a step that rates usage',
    ['test_clocks', 'contracts', 'usage_totals', 'billing_accounts', 'series_counters'],
    async () => {
      const life = await beginMetered();
      await use(life, 'first');
      transactions.splice(0);
      await moveClock(pool, life.clock, '2024-02-02T08:00:00.000Z');
      await settle(pool, life.contractId);
    },
  ],
  [
    'a charge',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => charge(await settled()),
  ],
  [
    'a webhook, and a chargeback',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => {
      const attempt = await charge(await settled());
      await bookEvent(attempt, 'succeeded')();
      await bookEvent(attempt, 'chargeback')();
    },
  ],
  [
    'a receipt by hand',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => {
      const { account: accountId } = await settled();
      const receipt = { accountId, amountMinor: 11781n, currency: 'EUR', reference: 'R1' };
      await inTransaction(pool, (tx) => bookReceipt(tx, merchant, receipt));
    },
  ],
  [
    'a payment method',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables'],
    async () => {
      const { account, contractId, customer } = await settled();
      const method = await createPaymentMethod(pool, merchant, {
        customer,
        provider: 'sandbox',
        token: 'card',
      });
      await inTransaction(pool, (tx) => reviseAccount(tx, merchant, account, { payment_method: method }));
      await inTransaction(pool, (tx) => setContractMethod(tx, merchant, contractId, method));
    },
  ],
  ['an account by hand, and a customer that is revised', ['customers'], () => reviseParties()],
  [
    'a collection up to the pause, and money that ends it',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables', 'attempts'],
    () => dun(),
  ],
  ['a clock that advances', ['test_clocks'], () => advance()],
];

async function settled(): Promise<Life> {
  const life = await begin();
  await settle(pool, life.contractId);
  return life;
}

/** For the contract of a new life; the request names no customer then. */
async function ofContract(of: Partial<OneTimeRequest>): Promise<Partial<OneTimeRequest>> {
  return { ...of, contract: (await settled()).contractId };
}

async function orderAgain(): Promise<void> {
  const { customer } = await settled();
  const token = { provider: 'sandbox', token: 'card' };
  await order(pool, merchant, { customer, variant: 'pro', components: [], payment_method: token });
}

function pauseOf({ contractId }: Life): Promise<unknown> {
  return command(pool, merchant, contractId, { kind: 'pause', reason: 'customer', effective: 'now' });
}

function preview({ contractId }: Life): Promise<unknown> {
  const request = { kind: 'change', variant: 'basic', effective: 'now' } as const;
  return previewCommand(pool, merchant, contractId, request);
}

/** A contract of everything, on 2 January 2024. */
async function beginMetered(): Promise<Life> {
  const life = await begin({ everything: true });
  await settle(pool, life.contractId);
  await moveClock(pool, life.clock, '2024-01-02T08:00:00.000Z');
  return life;
}

async function use({ contractId }: Life, eventId: string): Promise<void> {
  const { id: componentId } = await row<{ id: string }>(
    pool,
    `select id from components where merchant_id = $1 and external_id = 'sum'`,
    [merchant],
  );
  const at = '2024-01-01T12:00:00.000Z';
  const event = { path: '', eventId, componentId, at, quantity: '12', value: null };
  const [answer] = await inTransaction(pool, (tx) => reportUsage(tx, merchant, contractId, [event]));
  expect(answer).toMatchObject({ reason: null });
}

async function reviseParties(): Promise<void> {
  const { customer } = await settled();
  const { id: issuer } = await row<{ id: string }>(
    pool,
    'select id from issuers where merchant_id = $1 limit 1',
    [merchant],
  );
  await inTransaction(pool, (tx) => createAccount(tx, merchant, { customer, issuer, currency: 'EUR' }));
  await inTransaction(pool, (tx) => reviseCustomer(tx, vault, merchant, customer, { language: 'en' }));
}

async function dun(): Promise<void> {
  const life = await begin({ decline: true });
  await settle(pool, life.contractId);
  await charge(life);
  const { receivable } = await attemptOf(life);
  for (const day of ['04', '08']) {
    await moveClock(pool, life.clock, `2024-01-${day}T08:00:00.000Z`);
    for (
      let { attempt } = await collect(receivable);
      attempt !== null;
      { attempt } = await collect(receivable)
    ) {
      await createChargeActivities({ pool, providers: { sandbox } }).collectAttempt(attempt.attemptId);
    }
  }
  const commands = (): Promise<unknown[]> =>
    rows(pool, `select kind from commands where contract_id = $1 and kind <> 'order' order by seq`, [
      life.contractId,
    ]);
  await storeAllPosted(pool, merchant, life.contractId);
  expect(await commands()).toEqual([{ kind: 'pause' }]);
  const receipt = { accountId: life.account, amountMinor: 11781n, currency: 'EUR', reference: 'R1' };
  await inTransaction(pool, (tx) => bookReceipt(tx, merchant, receipt));
  await storeAllPosted(pool, merchant, life.contractId);
  expect(await commands()).toEqual([{ kind: 'pause' }, { kind: 'resume' }]);
}

async function advance(): Promise<void> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  await inTransaction(pool, (tx) => beginAdvance(tx, merchant, clock, '2024-01-02T08:00:00.000Z'));
  const nobody = {
    reach: { settleTo: () => Promise.resolve() },
    restartUnable: () => Promise.resolve(false),
    deliver: () => rows(pool, `update outbox set state = 'delivered' where clock_id = $1`, [clock]),
    deliverSandboxEvent: () => Promise.resolve(true),
  };
  await new Walk({ pool, ...nobody }, merchant, clock).run();
  expect(await rows(pool, 'select status from test_clocks where id = $1', [clock])).toEqual([
    { status: 'ready' },
  ]);
}

describe('locks are taken in one order (rule 46)', () => {
  beforeEach(() => transactions.splice(0));
  afterEach(() => {
    // A plain `for update` would have foreign keys wait, too.
    expect(transactions.flat().filter((sql) => /for update\b/.test(sql))).toEqual([]);
  });

  it.each(USE_CASES)('by %s', async (_name, locks, act) => {
    await act();
    const all = new Set(transactions.flatMap((statements) => statements.flatMap(locksOf)));
    expect([...all]).toEqual(expect.arrayContaining([...locks]));
    expect(transactions.map(outOfOrder).filter((wrong) => wrong !== null)).toEqual([]);
  });

  it('by usage, which locks its period alone', async () => {
    const life = await beginMetered();
    await use(life, 'first');
    transactions.splice(0);
    await use(life, 'second');
    expect(transactions.flat().flatMap(locksOf)).toEqual(['test_clocks', 'usage_totals']);
  });

  it('by a preview, which takes none', async () => {
    const life = await settled();
    transactions.splice(0);
    await preview(life);
    expect(transactions).toHaveLength(1);
    expect(transactions.flat().flatMap(locksOf)).toEqual([]);
  });

  it('and a contract after its account is found out', () => {
    const account = 'select from billing_accounts where id = $1 for no key update';
    expect(outOfOrder([account, 'select * from lock_contract($1, $2)'])).toBe(
      'test_clocks after billing_accounts',
    );
    expect(
      outOfOrder(['select from usage_totals t for no key update of t', 'select lock_contract($1, $2)']),
    ).toBe('test_clocks after usage_totals');
    expect(outOfOrder(['select lock_account_books($1, $2, $3, $4)', 'update contracts set a = 1'])).toBe(
      'contracts after billing_accounts',
    );
    expect(
      outOfOrder(['select from attempts t for no key update of t', 'update receivables r set a = 1']),
    ).toBe('receivables after attempts');
  });
});
