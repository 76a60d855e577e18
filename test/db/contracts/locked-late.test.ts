// An invoice that takes nothing from its account is written before the account is locked. Changes in between count (rule 46).
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AT_REST, audit } from '../../../db/audit/audit.ts';
import { lockAccount } from '../../../db/books/account-context.ts';
import { createPaymentMethod } from '../../../db/payments/methods.ts';
import type { MerchantId } from '../../../db/platform/ids.ts';
import { type Pool, type Tx, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { reviseAccount } from '../../../engine/books/accounts.ts';
import { recordReceipt } from '../../../engine/payments/receipts.ts';
import { createTestPool } from '../../support/fixtures.ts';
import { createClock, createSampleMerchant, moveClock, order, settle } from '../../support/merchant.ts';

let database: Awaited<ReturnType<typeof createTestPool>>;
let pool: Pool;
let merchant: MerchantId;

beforeAll(async () => {
  database = await createTestPool();
  pool = database.pool;
});
beforeEach(async () => {
  merchant = await createSampleMerchant(pool);
});
afterAll(() => database.close());

interface SharedAccount {
  readonly clock: string;
  readonly customer: string;
  readonly account: string;
  readonly contracts: readonly string[];
}

/** Orders contracts for Pro at 99.00, 117.81 with tax, on one account. Each has its invoice of January; that of February is due. */
async function orderUntilFebruary(count: number): Promise<SharedAccount> {
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const party = { party: { name: 'N' }, country: 'DE', time_zone: 'Europe/Berlin', language: 'de' };
  const contracts: string[] = [];
  let customer: string | undefined;
  let account = '';
  for (let n = 0; n < count; n++) {
    const { contractId } = await order(pool, merchant, {
      customer: customer ?? { ...party, clock },
      variant: 'pro',
      components: [],
    });
    ({ customer, account } = await row<{ customer: string; account: string }>(
      pool,
      'select customer_id as customer, account_id as account from contracts where id = $1',
      [contractId],
    ));
    await settle(pool, contractId);
    contracts.push(contractId);
  }
  await moveClock(pool, clock, '2024-02-01T08:00:00.000Z');
  return { clock, customer: customer ?? '', account, contracts };
}

/** Renews a contract while its account is locked, and runs `act` on the account before the lock is released. */
async function renewDuring(
  { account, contracts }: SharedAccount,
  act: (tx: Tx) => Promise<unknown>,
): Promise<void> {
  let renewal: Promise<unknown> = Promise.resolve();
  await inTransaction(pool, async (tx) => {
    await lockAccount(tx, merchant, account);
    renewal = settle(pool, contracts[0]!);
    await expect
      .poll(() => rows(pool, `select query from pg_stat_activity where wait_event_type = 'Lock'`), {
        interval: 5,
      })
      .toEqual([{ query: expect.stringContaining('lock_unchanged_account') }]);
    await act(tx);
  });
  await renewal;
}

const receipt = (tx: Tx, { account }: SharedAccount, amountMinor: bigint, reference: string) =>
  recordReceipt(tx, merchant, { accountId: account, amountMinor, currency: 'EUR', reference });

function money({ account }: SharedAccount): Promise<unknown> {
  return row(
    pool,
    `select (select count(*)::int from documents where account_id = $1) as documents,
       (select coalesce(sum(open_minor), 0)::bigint from receivables where account_id = $1) as open,
       (select coalesce(sum(left_minor), 0)::bigint from credits where account_id = $1) as waits`,
    [account],
  );
}

describe('while an invoice is written', () => {
  it('a receipt pays the earlier invoice, and its rest pays this one (rules 31, 46)', async () => {
    const shared = await orderUntilFebruary(1);
    // January's 117.81, and 100.00 more.
    await renewDuring(shared, (tx) => receipt(tx, shared, 21781n, 'R1'));
    expect(await money(shared)).toEqual({ documents: 2, open: 1781n, waits: 0n });
  });

  it('a new payment method of the account is charged for it (rule 46)', async () => {
    const shared = await orderUntilFebruary(1);
    const method = await createPaymentMethod(pool, merchant, {
      customer: shared.customer,
      provider: 'sandbox',
      token: 'card',
    });
    await renewDuring(shared, (tx) =>
      reviseAccount(tx, merchant, shared.account, { payment_method: method }),
    );
    expect(
      await rows(
        pool,
        `select t.payment_method_id, t.amount_minor from attempts t join receivables r on r.id = t.receivable_id
         join documents d on d.id = r.document_id where d.contract_id = $1 and d.issue_date = '2024-02-01'`,
        [shared.contracts[0]],
      ),
    ).toEqual([{ payment_method_id: method, amount_minor: 11781n }]);
  });

  it('a receipt that leaves no credit does not change it (rule 46)', async () => {
    const shared = await orderUntilFebruary(1);
    await renewDuring(shared, (tx) => receipt(tx, shared, 11781n, 'R1'));
    expect(await money(shared)).toEqual({ documents: 2, open: 11781n, waits: 0n });
  });
});

it('twelve contracts of an account renew while receipts arrive, and nothing stays open or unspent (rules 31, 46)', async () => {
  const shared = await orderUntilFebruary(12);
  const receipts = Array.from({ length: 24 }, (_, n) =>
    inTransaction(pool, (tx) => receipt(tx, shared, 11781n, `R${n}`)),
  );
  await Promise.all([...shared.contracts.map((contract) => settle(pool, contract)), ...receipts]);
  expect(await money(shared)).toEqual({ documents: 24, open: 0n, waits: 0n });
  expect(await audit(pool, { ...AT_REST, attemptSeconds: 86_400 * 10_000 })).toEqual([]);
});
