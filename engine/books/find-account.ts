import { DomainError } from '../../domain/errors.ts';
import {
  type KnownAccount,
  type OrderingCustomer,
  accountOfCustomer,
  defaultAccount,
} from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';

/** Which account an order or a charge goes to. */
interface WantedAccount {
  readonly accountId: string | null;
  /** Null: that of the account that is named. */
  readonly issuerId: string | null;
  readonly currency: string;
  /** Null: the customer's. */
  readonly paymentTermDays: number | null;
}

/**
 * The customer's account with that issuer and currency: the one that is named, or the default one, made when missing.
 * The caller holds the customer's lock, under which accounts are made; the account's own is not taken.
 * @throws DomainError not_found, currency_mismatch
 */
export async function findAccount(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  { accountId, issuerId, currency, paymentTermDays }: WantedAccount,
): Promise<string> {
  if (accountId === null) {
    const days = paymentTermDays ?? customer.payment_term_days ?? 0;
    return defaultAccount(tx, merchant, customer, { issuerId, currency, paymentTermDays: days });
  }
  return (await namedAccount(tx, merchant, customer.id, accountId, { issuerId, currency })).id;
}

/**
 * The customer's account of that id; nothing is locked.
 * @throws DomainError not_found, currency_mismatch
 */
export async function namedAccount(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  accountId: string,
  { issuerId, currency }: Pick<WantedAccount, 'issuerId' | 'currency'>,
): Promise<KnownAccount> {
  const named = await accountOfCustomer(db, merchant, customerId, accountId);
  if (named === null)
    throw new DomainError('not_found', 'account names no account of the customer', { field: 'account' });
  if (named.currency !== currency || named.issuer_id !== (issuerId ?? named.issuer_id)) {
    throw new DomainError('currency_mismatch', `the account is not one of that issuer in ${currency}`, {
      field: 'account',
    });
  }
  return named;
}
