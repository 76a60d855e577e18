import { DomainError } from '../../domain/errors.ts';
import {
  type ExistingAccount,
  type OrderingCustomer,
  accountOfCustomer,
  defaultAccount,
} from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { checkIssuer } from '../parties/trees.ts';

/** Why a deactivated account refuses orders, charges and runs. */
export const DEACTIVATED = 'the account is deactivated: activate it first';

/** The account that an order or a charge is billed to. */
interface WantedAccount {
  readonly accountId: string | null;
  /** Null: the issuer of the named account. */
  readonly issuerId: string | null;
  readonly currency: string;
  /** Null: the customer's payment term. */
  readonly paymentTermDays: number | null;
}

/**
 * Finds the customer's account with an issuer and a currency: the named one, or the default one, which is created if it is
 * missing. The caller holds the customer's lock, which guards the creation of accounts. The account itself is not locked.
 * @throws DomainError not_found, currency_mismatch, foreign_issuer
 */
export async function findAccount(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  { accountId, issuerId, currency, paymentTermDays }: WantedAccount,
): Promise<ExistingAccount> {
  if (accountId === null) {
    if (issuerId !== null) await checkIssuer(tx, merchant, issuerId, { customer: customer.id });
    const days = paymentTermDays ?? customer.payment_term_days ?? 0;
    return defaultAccount(tx, merchant, customer, { issuerId, currency, paymentTermDays: days });
  }
  return namedAccount(tx, merchant, customer.id, accountId, { issuerId, currency });
}

/**
 * Finds the customer's account with an id. It locks nothing.
 * @throws DomainError not_found, currency_mismatch
 */
export async function namedAccount(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  accountId: string,
  { issuerId, currency }: Pick<WantedAccount, 'issuerId' | 'currency'>,
): Promise<ExistingAccount> {
  const named = await accountOfCustomer(db, merchant, customerId, accountId);
  if (named === null)
    throw new DomainError('not_found', 'the customer has no such billing account', { field: 'account' });
  if (named.currency !== currency || named.issuer_id !== (issuerId ?? named.issuer_id)) {
    throw new DomainError('currency_mismatch', `the account has another issuer, or is not in ${currency}`, {
      field: 'account',
    });
  }
  return named;
}

/**
 * Refuses a contract or a waiting charge whose prices have another mode than a collective account.
 * @throws DomainError price_mode_mismatch
 */
export function refuseOtherMode(
  { price_mode: mode }: Pick<ExistingAccount, 'price_mode'>,
  wanted: 'net' | 'gross',
  field: string,
): void {
  if (mode === null || mode === wanted) return;
  throw new DomainError('price_mode_mismatch', `the collective account has ${mode} prices`, { field });
}

/** Refuses a new contract or charge of a deactivated account. @throws DomainError account_deactivated */
export function refuseDeactivated(
  { deactivated }: Pick<ExistingAccount, 'deactivated'>,
  field: string,
): void {
  if (deactivated) throw new DomainError('account_deactivated', DEACTIVATED, { field });
}
