// Accounts that collect by balance, made and collected by the engine itself.
import { createOneTimeCharge } from '../../engine/books/one-time.ts';
import { openAccount } from '../../engine/books/accounts.ts';
import { requestCollection } from '../../engine/payments/account-collections.ts';
import { chargeOfCollection } from '../../engine/payments/charge.ts';
import { collect } from '../../engine/payments/collect.ts';
import { createCustomer } from '../../engine/parties/customers.ts';
import { createPaymentMethod } from '../../db/payments/methods.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { createSandbox } from '../../psp/sandbox/sandbox.ts';
import { vault } from './merchant.ts';
import { row } from './rows.ts';

/**
 * Invoices amounts on the account of a new customer, and asks for a collection by hand, which is charged if the account gives no
 * notice. Returns the id of the collection.
 */
export async function collectBalance(
  pool: Pool,
  merchant: MerchantId,
  { clock, amounts, noticeDays }: { clock: string; amounts: readonly string[]; noticeDays: number },
): Promise<string> {
  const { id: issuer } = await row<{ id: string }>(pool, 'select id from issuers where merchant_id = $1', [
    merchant,
  ]);
  const { id: tax_policy } = await row<{ id: string }>(
    pool,
    'select id from tax_policies where merchant_id = $1 order by id limit 1',
    [merchant],
  );
  const home = { country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
  const customer = await inTransaction(pool, (tx) =>
    createCustomer(tx, vault, merchant, { party: { name: 'Balance' }, ...home }, 'customer'),
  );
  const method = { customer, provider: 'sandbox', token: 'card' };
  const payment_method = await createPaymentMethod(pool, merchant, method);
  const collection = { by: 'balance', every: null, threshold: '5.00', notice_days: noticeDays } as const;
  const account = await inTransaction(pool, (tx) =>
    openAccount(tx, merchant, { customer, issuer, currency: 'EUR', payment_method, collection }),
  );
  for (const unit_price of amounts) {
    await inTransaction(pool, (tx) =>
      createOneTimeCharge(tx, merchant, newId('oneTime'), {
        customer,
        account,
        text: 'Work',
        quantity: '1',
        unit_price,
        currency: 'EUR',
        price_mode: 'gross',
        tax_policy,
        bill: 'now',
      }),
    );
  }
  const id = await inTransaction(pool, (tx) => requestCollection(tx, merchant, account));
  const sandbox = createSandbox({ pool, webhookUrl: 'http://127.0.0.1:1', webhookSecret: 'x' });
  for (;;) {
    const woken = '1970-01-01T00:00:00.000Z';
    const { attempt } = await collect({ pool, limit: 250 }, { id, unanswered: null, woken });
    if (attempt === null) return id;
    await chargeOfCollection({ pool, providers: { sandbox } }, attempt.attemptId);
  }
}
