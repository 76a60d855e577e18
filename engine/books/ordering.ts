import type { Terms } from '../../domain/contracts/state.ts';
import { DomainError } from '../../domain/errors.ts';
import { loadCatalogue } from '../../db/contracts/contracts.ts';
import {
  type OrderingCustomer,
  accountOfCustomer,
  defaultAccount,
  groupOfVariant,
} from '../../db/contracts/orders.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { resolve } from '../../db/platform/refs.ts';

/** What an order needs to know of what is sold. */
export interface OrderedVariant {
  readonly terms: Terms;
  readonly planGroupId: string;
  readonly issuerId: string;
  readonly currency: string;
}

/**
 * The variant that an order names, with the plan group that it is sold in.
 * @throws DomainError not_found, variant_not_published
 */
export async function findVariant(db: Db, merchant: MerchantId, reference: string): Promise<OrderedVariant> {
  const id = await resolve(db, merchant, 'variant', reference, 'variant');
  const group = await groupOfVariant(db, merchant, id);
  const { variants } = await loadCatalogue(db, merchant, group.id);
  const terms = variants.find((each) => each.variantId === id);
  if (terms === undefined)
    throw new DomainError('variant_not_published', 'the variant has no published version', {
      field: 'variant',
    });
  return { terms, planGroupId: group.id, issuerId: group.issuer_id, currency: group.currency };
}

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
  const named = await accountOfCustomer(tx, merchant, customer.id, accountId);
  if (named === null)
    throw new DomainError('not_found', 'account names no account of the customer', { field: 'account' });
  if (named.currency !== currency || named.issuer_id !== (issuerId ?? named.issuer_id)) {
    throw new DomainError('currency_mismatch', `the account is not one of that issuer in ${currency}`, {
      field: 'account',
    });
  }
  return accountId;
}
