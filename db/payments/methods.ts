import { instant, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const paymentMethod = {
  id: text,
  customer: text,
  provider: text,
  token: text,
  created_at: instant,
  removed_at: instant.nullable(),
};
export type PaymentMethodRow = RowOf<typeof paymentMethod>;

const insertMethod = statement('insertPaymentMethod', {
  sql: `
    insert into payment_methods (merchant_id, id, customer_id, provider, token)
    values (:merchant, :method, :customer, :provider, :token)`,
  params: { merchant: 'text', method: 'text', customer: 'text', provider: 'text', token: 'text' },
});

/** Stores the provider's token of a card or mandate, never its number. Returns the id of the method. */
export async function createPaymentMethod(
  db: Db,
  merchant: MerchantId,
  {
    customer,
    provider,
    token,
  }: { readonly customer: string; readonly provider: string; readonly token: string },
): Promise<string> {
  const method = newId('paymentMethod');
  await insertMethod.run(db, { merchant, method, customer, provider, token });
  return method;
}

const selectUsable = statement('usablePaymentMethod', {
  sql: `
    select id from payment_methods
    where merchant_id = :merchant and id = :method and customer_id = :customer and removed_at is null`,
  params: { merchant: 'text', method: 'text', customer: 'text' },
  row: { id: text },
});

/**
 * Checks that a customer can pay by a method.
 * @throws DomainError not_found if the customer does not have the method, or if it was removed
 */
export async function checkUsable(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  methodId: string,
): Promise<void> {
  const usable = await selectUsable.maybeRow(db, { merchant, method: methodId, customer: customerId });
  found(usable, 'payment method of the customer', 'payment_method');
}

const updateContract = statement('setContractMethod', {
  sql: 'update contracts set payment_method_id = :method where merchant_id = :merchant and id = :contract',
  params: { merchant: 'text', contract: 'text', method: 'text?' },
});

/** Sets the payment method of a contract; null means that its account's is used. The caller holds the contract's lock. */
export async function storeContractMethod(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  methodId: string | null,
): Promise<void> {
  await updateContract.run(tx, { merchant, contract: contractId, method: methodId });
}

const removeMethod = statement('removePaymentMethod', {
  sql: `
    update payment_methods set removed_at = clock_timestamp()
    where merchant_id = :merchant and id = :method and removed_at is null`,
  params: { merchant: 'text', method: 'text' },
});

/** Marks a method as removed. It is not charged any more. Rows that refer to it stay as they are. */
export async function removePaymentMethod(db: Db, merchant: MerchantId, id: string): Promise<void> {
  await removeMethod.run(db, { merchant, method: id });
}

const METHOD = `
  select m.id, m.customer_id as customer, m.provider, m.token, m.created_at, m.removed_at
  from payment_methods m
  where m.merchant_id = :merchant`;

const selectMethod = statement('paymentMethod', {
  sql: `${METHOD} and m.id = :method`,
  params: { merchant: 'text', method: 'text' },
  row: paymentMethod,
});

const listMethods = listStatement('paymentMethods', {
  sql: `${METHOD} and (:customer is null or m.customer_id = :customer)`,
  params: { merchant: 'text', customer: 'text?' },
  row: paymentMethod,
});

export function getPaymentMethod(db: Db, merchant: MerchantId, id: string): Promise<PaymentMethodRow | null> {
  return selectMethod.maybeRow(db, { merchant, method: id });
}

export function listPaymentMethods(
  db: Db,
  merchant: MerchantId,
  customer: string | undefined,
  page: PageOf,
): Promise<Page<PaymentMethodRow>> {
  return listMethods.page(db, { merchant, customer: customer ?? null }, page);
}
