// The rows that payments need, with a minimal catalogue: a merchant, a customer with a payment method, an account, a running
// contract, and receivables with a planned first attempt, as a bill makes them.
import { createPool, type Pool } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';
import { type MerchantId, merchantId, newId } from '../../db/platform/ids.ts';
import { writeRows } from '../../db/platform/write.ts';
import { createTestDatabase } from './database.ts';

export interface Books {
  readonly merchant: MerchantId;
  readonly clockId: string | null;
  readonly accountId: string;
  readonly contractId: string;
  readonly paymentMethodId: string;
}

export interface BooksOptions {
  /** The instant of the test clock. Null: wall time. */
  readonly now?: string | null;
  readonly token?: string;
  readonly zone?: string;
}

/** A new migrated database with a pool. Close it when the tests are done. */
export async function createTestPool(): Promise<{ pool: Pool; url: string; close(): Promise<void> }> {
  const database = await createTestDatabase();
  const pool = createPool(database.url, { max: 10, name: 'test' });
  return {
    pool,
    url: database.url,
    async close() {
      await pool.end();
      await database.drop();
    },
  };
}

/** Creates a merchant with one customer and one contract in phase `normal`. Each call creates another merchant. */
export async function createBooks(pool: Pool, options: BooksOptions = {}): Promise<Books> {
  const { now = '2024-06-01T00:00:00.000Z', token = 'card', zone = 'UTC' } = options;
  const merchant_id = newId('merchant');
  const at = now ?? '2024-01-01T00:00:00.000Z';
  const [clock, customer, contract, method] = [
    newId('clock'),
    newId('customer'),
    newId('contract'),
    newId('paymentMethod'),
  ];
  const account = newId('account');
  const clock_id = now === null ? null : clock;
  const own = (id: string) => ({ merchant_id, id });
  const subject = { subject_id: 'sub_1', subject_version: 1 };
  await rows(pool, 'insert into merchants (id, name) values ($1, $2)', [merchant_id, 'Wolkenwerk']);
  await rows(pool, `insert into vault_subjects (merchant_id, id) values ($1, 'sub_1')`, [merchant_id]);
  await rows(
    pool,
    `insert into vault_records (merchant_id, subject_id, version, sealed) values ($1, 'sub_1', 1, '')`,
    [merchant_id],
  );
  await writeRows(pool, 'createBooks', {
    test_clocks:
      now === null ? [] : [{ ...own(clock), name: 'clock', now_at: at, started_at: at, status: 'ready' }],
    issuers: [{ ...own('iss_1'), name: 'Wolkenwerk GmbH', country: 'DE', time_zone: zone, ...subject }],
    tax_policies: [{ ...own('tax_1'), name: 'Software' }],
    plan_groups: [
      { ...own('grp_1'), name: 'Cloud EUR', currency: 'EUR', tax_policy_id: 'tax_1', issuer_id: 'iss_1' },
    ],
    plans: [{ ...own('pln_1'), plan_group_id: 'grp_1', name: 'Basic' }],
    variants: [{ ...own('var_1'), plan_id: 'pln_1' }],
    variant_versions: [
      {
        ...own('vav_1'),
        variant_id: 'var_1',
        version: 1,
        name: 'Basic monthly',
        fee: '29.00',
        fee_interval_unit: 'month',
        fee_interval_count: 1,
        billing_interval_unit: 'month',
        billing_interval_count: 1,
      },
    ],
    customers: [{ ...own(customer), clock_id, country: 'DE', time_zone: zone, ...subject }],
    payment_methods: [{ ...own(method), customer_id: customer, provider: 'sandbox', token }],
    billing_accounts: [
      {
        ...own(account),
        customer_id: customer,
        issuer_id: 'iss_1',
        clock_id,
        currency: 'EUR',
        name: 'default',
        is_default: true,
        payment_method_id: method,
        time_zone: zone,
      },
    ],
    contracts: [
      {
        ...own(contract),
        customer_id: customer,
        account_id: account,
        plan_group_id: 'grp_1',
        clock_id,
        time_zone: zone,
        start_date: '2024-01-01',
        starts_at: '2024-01-01T00:00:00.000Z',
        anchor_date: '2024-01-01',
        term_start: '2024-01-01',
        phase: 'normal',
        variant_version_id: 'vav_1',
        settled_through: '2024-01-01T00:00:00.000Z',
      },
    ],
  });
  return {
    merchant: merchantId(merchant_id),
    clockId: clock_id,
    accountId: account,
    contractId: contract,
    paymentMethodId: method,
  };
}

/** Creates what a bill writes: a receivable, its planned attempt, and collection's agenda row 15 minutes later. */
export async function createReceivable(
  pool: Pool,
  books: Books,
  amountMinor: bigint,
  { at = '2024-06-01T00:00:00.000Z', attempt = true } = {},
): Promise<{ receivableId: string; attemptId: string }> {
  const { merchant: merchant_id, accountId: account_id, contractId: contract_id } = books;
  const [receivableId, attemptId] = [newId('receivable'), newId('attempt')];
  const shared = { merchant_id, account_id, contract_id, currency: 'EUR', effective_at: at };
  await writeRows(pool, 'createReceivable', {
    receivables: [
      {
        ...shared,
        id: receivableId,
        amount_minor: amountMinor,
        open_minor: amountMinor,
        due_date: at.slice(0, 10),
        dunning_level: 0,
      },
    ],
    attempts: attempt
      ? [
          {
            ...shared,
            id: attemptId,
            receivable_id: receivableId,
            payment_method_id: books.paymentMethodId,
            provider: 'sandbox',
            n: 1,
            amount_minor: amountMinor,
            state: 'planned',
            lookups: 0,
          },
        ]
      : [],
    agenda: [
      {
        workflow_id: `collection/${receivableId}`,
        merchant_id,
        kind: 'collection',
        clock_id: books.clockId,
        due_at: new Date(Date.parse(at) + 15 * 60_000).toISOString(),
      },
    ],
  });
  return { receivableId, attemptId };
}

/** Moves the books' test clock. */
export async function setClock(pool: Pool, books: Books, now: string): Promise<void> {
  await rows(pool, 'update test_clocks set now_at = $3 where merchant_id = $1 and id = $2', [
    books.merchant,
    books.clockId,
    now,
  ]);
}
