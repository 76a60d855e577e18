import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, rows } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';

export interface PaymentMethodRow {
  readonly id: string;
  readonly customer: string;
  readonly provider: string;
  readonly token: string;
  readonly created_at: string;
  readonly removed_at: string | null;
}

const SELECT = `select m.id as cursor_key, m.id, m.customer_id as customer, m.provider, m.token, m.created_at, m.removed_at
  from payment_methods m where m.merchant_id = $1`;

/** Keeps the provider's name for a card or mandate, never its number. */
export async function createPaymentMethod(
  db: Db,
  merchant: MerchantId,
  method: { readonly customer: string; readonly provider: string; readonly token: string },
): Promise<string> {
  const id = newId('paymentMethod');
  await rows(
    db,
    'insert into payment_methods (merchant_id, id, customer_id, provider, token) values ($1, $2, $3, $4, $5)',
    [merchant, id, method.customer, method.provider, method.token],
  );
  return id;
}

/**
 * @throws DomainError not_found unless the customer has the method and it was not removed: another customer's is as
 * good as none
 */
export async function checkUsable(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  methodId: string,
): Promise<void> {
  const usable = await maybeRow(
    db,
    'select 1 from payment_methods where merchant_id = $1 and id = $2 and customer_id = $3 and removed_at is null',
    [merchant, methodId, customerId],
  );
  found(usable, 'payment method of the customer', 'payment_method');
}

/** Gives a contract a method of its own (null: its account's); the caller holds the contract's lock. */
export async function storeContractMethod(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  methodId: string | null,
): Promise<void> {
  await rows(tx, 'update contracts set payment_method_id = $3 where merchant_id = $1 and id = $2', [
    merchant,
    contractId,
    methodId,
  ]);
}

/** Nothing is charged to it any more; what names it is not touched. */
export async function removePaymentMethod(db: Db, merchant: MerchantId, id: string): Promise<void> {
  await rows(
    db,
    'update payment_methods set removed_at = clock_timestamp() where merchant_id = $1 and id = $2 and removed_at is null',
    [merchant, id],
  );
}

export function getPaymentMethod(db: Db, merchant: MerchantId, id: string): Promise<PaymentMethodRow | null> {
  return maybeRow<PaymentMethodRow>(db, `${SELECT} and m.id = $2`, [merchant, id]);
}

export function listPaymentMethods(
  db: Db,
  merchant: MerchantId,
  customer: string | undefined,
  page: PageOf,
): Promise<Page<PaymentMethodRow>> {
  return pageOf<PaymentMethodRow>(
    db,
    `${SELECT} and ($2::text is null or m.customer_id = $2)`,
    [merchant, customer ?? null],
    page,
  );
}
