// Every use case takes its locks in one order (rule 46). The tests compare the locks of each transaction with that order.
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
import { createOneTimeCharge } from '../../../engine/books/one-time.ts';
import { storeQueuedCommands } from '../../../engine/contracts/queued-commands.ts';
import { recordProviderEvent } from '../../../engine/payments/provider-events.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
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

interface OrderIds {
  readonly clock: string;
  readonly contractId: string;
  readonly customer: string;
  readonly account: string;
}

/** Orders Pro, or every kind of component, on 1 January 2024. With `decline`, its card is always declined. */
async function placeOrder(more: { everything?: boolean; decline?: boolean } = {}): Promise<OrderIds> {
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

async function attemptOf({ contractId }: OrderIds): Promise<{ attempt: string; receivable: string }> {
  return row(
    pool,
    'select id as attempt, receivable_id as receivable from attempts where contract_id = $1 order by n desc limit 1',
    [contractId],
  );
}

async function charge(ids: OrderIds): Promise<string> {
  const { attempt } = await attemptOf(ids);
  await createChargeActivities({ pool, providers: { sandbox } }).charge(ids.contractId, attempt);
  return attempt;
}

function collect(receivable: string): Promise<CollectionStanding> {
  const { collect: activity } = createCollectActivities({ pool, limit: 100 });
  return new MockActivityEnvironment().run(activity, receivable, null);
}

async function oneTime(ids: OrderIds, of: Partial<OneTimeRequest>): Promise<string> {
  const tax = await row<{ id: string }>(
    pool,
    `select id from tax_policies where merchant_id = $1 order by id limit 1`,
    [merchant],
  );
  const id = newId('oneTime');
  const to = of.contract === undefined ? { customer: ids.customer, account: ids.account } : {};
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
  await inTransaction(pool, (tx) => createOneTimeCharge(tx, merchant, id, request));
  return id;
}

function recordEvent(attempt: string, type: 'succeeded' | 'chargeback') {
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
    await recordProviderEvent(pool, 'sandbox', event);
  };
}

/** Each names the tables that it must lock. A use case whose locks are no longer recorded therefore fails. */
const USE_CASES: readonly [name: string, locks: readonly string[], act: () => Promise<unknown>][] = [
  ['an order', ['test_clocks', 'customers', 'contracts', 'billing_accounts'], () => orderAgain()],
  ['a command', ['test_clocks', 'contracts'], async () => pauseOf(await orderAndSettle())],
  [
    'a step with a document',
    ['test_clocks', 'contracts', 'billing_accounts', 'series_counters'],
    async () => settle(pool, (await placeOrder()).contractId),
  ],
  [
    'a step without a document',
    ['test_clocks', 'contracts'],
    async () => {
      const ids = await orderAndSettle();
      await pauseOf(ids);
      await settle(pool, ids.contractId);
    },
  ],
  [
    'a credit note that pays an older invoice',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables', 'series_counters'],
    async () => {
      const ids = await orderAndSettle();
      const cancel = { kind: 'cancel', effective: 'now' } as const;
      await command(pool, merchant, ids.contractId, cancel);
      await settle(pool, ids.contractId);
    },
  ],
  [
    'a one-time charge that is billed now',
    ['test_clocks', 'customers', 'billing_accounts', 'series_counters'],
    async () => oneTime(await orderAndSettle(), { bill: 'now' }),
  ],
  [
    'a one-time charge that is billed now, for a contract',
    ['test_clocks', 'contracts', 'billing_accounts', 'series_counters'],
    async () => oneTime(await orderAndSettle(), await ofContract({ bill: 'now' })),
  ],
  [
    'a one-time charge for the next invoice',
    ['test_clocks', 'customers', 'contracts', 'billing_accounts'],
    async () => oneTime(await orderAndSettle(), { bill: 'next_invoice' }),
  ],
  [
    'a one-time charge that is withdrawn',
    ['test_clocks', 'customers', 'contracts', 'billing_accounts'],
    async () => {
      const id = await oneTime(await orderAndSettle(), { bill: 'next_invoice' });
      await inTransaction(pool, (tx) => withdrawOneTime(tx, merchant, id));
    },
  ],
  [
    'the first usage of a period, and late usage of a rated one',
    ['test_clocks', 'contracts', 'usage_totals'],
    async () => {
      const ids = await orderMetered();
      await use(ids, 'first');
      await moveClock(pool, ids.clock, '2024-02-02T08:00:00.000Z');
      await settle(pool, ids.contractId);
      await use(ids, 'late');
    },
  ],
  [
    'a step that rates usage',
    ['test_clocks', 'contracts', 'usage_totals', 'billing_accounts', 'series_counters'],
    async () => {
      const ids = await orderMetered();
      await use(ids, 'first');
      transactions.splice(0);
      await moveClock(pool, ids.clock, '2024-02-02T08:00:00.000Z');
      await settle(pool, ids.contractId);
    },
  ],
  [
    'a charge',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => charge(await orderAndSettle()),
  ],
  [
    'a webhook and a chargeback',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => {
      const attempt = await charge(await orderAndSettle());
      await recordEvent(attempt, 'succeeded')();
      await recordEvent(attempt, 'chargeback')();
    },
  ],
  [
    'a receipt by hand',
    ['test_clocks', 'billing_accounts', 'receivables', 'attempts'],
    async () => {
      const { account: accountId } = await orderAndSettle();
      const receipt = { accountId, amountMinor: 11781n, currency: 'EUR', reference: 'R1' };
      await inTransaction(pool, (tx) => recordReceipt(tx, merchant, receipt));
    },
  ],
  [
    'a payment method',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables'],
    async () => {
      const { account, contractId, customer } = await orderAndSettle();
      const method = await createPaymentMethod(pool, merchant, {
        customer,
        provider: 'sandbox',
        token: 'card',
      });
      await inTransaction(pool, (tx) => reviseAccount(tx, merchant, account, { payment_method: method }));
      await inTransaction(pool, (tx) => setContractMethod(tx, merchant, contractId, method));
    },
  ],
  ['a new account and a revised customer', ['customers'], () => reviseParties()],
  [
    'a collection up to the pause, and a receipt that ends it',
    ['test_clocks', 'contracts', 'billing_accounts', 'receivables', 'attempts'],
    () => dun(),
  ],
  ['a clock that advances', ['test_clocks'], () => advance()],
];

async function orderAndSettle(): Promise<OrderIds> {
  const ids = await placeOrder();
  await settle(pool, ids.contractId);
  return ids;
}

/** Adds a new contract to the request, which then names no customer. */
async function ofContract(of: Partial<OneTimeRequest>): Promise<Partial<OneTimeRequest>> {
  return { ...of, contract: (await orderAndSettle()).contractId };
}

async function orderAgain(): Promise<void> {
  const { customer } = await orderAndSettle();
  const token = { provider: 'sandbox', token: 'card' };
  await order(pool, merchant, { customer, variant: 'pro', components: [], payment_method: token });
}

function pauseOf({ contractId }: OrderIds): Promise<unknown> {
  return command(pool, merchant, contractId, { kind: 'pause', reason: 'customer', effective: 'now' });
}

function preview({ contractId }: OrderIds): Promise<unknown> {
  const request = { kind: 'change', variant: 'basic', effective: 'now' } as const;
  return previewCommand(pool, merchant, contractId, request);
}

/** A contract with every kind of component, on 2 January 2024. */
async function orderMetered(): Promise<OrderIds> {
  const ids = await placeOrder({ everything: true });
  await settle(pool, ids.contractId);
  await moveClock(pool, ids.clock, '2024-01-02T08:00:00.000Z');
  return ids;
}

async function use({ contractId }: OrderIds, eventId: string): Promise<void> {
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
  const { customer } = await orderAndSettle();
  const { id: issuer } = await row<{ id: string }>(
    pool,
    'select id from issuers where merchant_id = $1 limit 1',
    [merchant],
  );
  await inTransaction(pool, (tx) => createAccount(tx, merchant, { customer, issuer, currency: 'EUR' }));
  await inTransaction(pool, (tx) => reviseCustomer(tx, vault, merchant, customer, { language: 'en' }));
}

async function dun(): Promise<void> {
  const ids = await placeOrder({ decline: true });
  await settle(pool, ids.contractId);
  await charge(ids);
  const { receivable } = await attemptOf(ids);
  for (const day of ['04', '08']) {
    await moveClock(pool, ids.clock, `2024-01-${day}T08:00:00.000Z`);
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
      ids.contractId,
    ]);
  await storeQueuedCommands(pool, merchant, ids.contractId);
  expect(await commands()).toEqual([{ kind: 'pause' }]);
  const receipt = { accountId: ids.account, amountMinor: 11781n, currency: 'EUR', reference: 'R1' };
  await inTransaction(pool, (tx) => recordReceipt(tx, merchant, receipt));
  await storeQueuedCommands(pool, merchant, ids.contractId);
  expect(await commands()).toEqual([{ kind: 'pause' }, { kind: 'resume' }]);
}

async function advance(): Promise<void> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  await inTransaction(pool, (tx) => beginAdvance(tx, merchant, clock, '2024-01-02T08:00:00.000Z'));
  const nobody = {
    workflows: { settleTo: () => Promise.resolve() },
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
    // A plain `for update` would also make foreign keys wait.
    expect(transactions.flat().filter((sql) => /for update\b/.test(sql))).toEqual([]);
  });

  it.each(USE_CASES)('by %s', async (_name, locks, act) => {
    await act();
    const all = new Set(transactions.flatMap((statements) => statements.flatMap(locksOf)));
    expect([...all]).toEqual(expect.arrayContaining([...locks]));
    expect(transactions.map(outOfOrder).filter((wrong) => wrong !== null)).toEqual([]);
  });

  it('by a report of usage, which locks only its clock and its period', async () => {
    const ids = await orderMetered();
    await use(ids, 'first');
    transactions.splice(0);
    await use(ids, 'second');
    expect(transactions.flat().flatMap(locksOf)).toEqual(['test_clocks', 'usage_totals']);
  });

  it('by a preview, which takes no locks', async () => {
    const ids = await orderAndSettle();
    transactions.splice(0);
    await preview(ids);
    expect(transactions).toHaveLength(1);
    expect(transactions.flat().flatMap(locksOf)).toEqual([]);
  });

  it('and this test reports a lock out of order', () => {
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
