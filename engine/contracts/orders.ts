import type { Booking, Catalogue, PendingCommand } from '../../domain/contracts/state.ts';
import { beginningOf } from '../../domain/contracts/order.ts';
import { DomainError } from '../../domain/errors.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { storeCommand } from './store-command.ts';
import { readBooks } from '../../db/books/account-context.ts';
import { loadContract } from '../../db/contracts/contracts.ts';
import { checkUsable, createPaymentMethod } from '../../db/payments/methods.ts';
import { createCustomer } from '../parties/customers.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import { type OrderingCustomer, insertContract, lockOrderingCustomer } from '../../db/contracts/orders.ts';
import type { Tx } from '../../db/platform/pool.ts';
import { externalIdTaken, resolve } from '../../db/platform/refs.ts';
import { withUsage } from '../usage/with-usage.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { Providers } from '../../psp/port.ts';
import { adoptMethod } from '../books/accounts.ts';
import { type OrderedVariant, findVariant } from './ordered-variant.ts';
import { findAccount } from '../books/find-account.ts';
import { checkPaymentMethod } from '../payments/methods.ts';
import { type Preview, previewOf } from './preview.ts';
import type { OrderRequest } from '../requests.ts';

export interface PlacedOrder {
  readonly customerId: string;
  readonly contractId: string;
  readonly commandId: string;
  readonly preview: Preview;
}

interface OrderDeps {
  readonly vault: Vault;
  readonly providers: Providers;
}

/**
 * Places an order in the caller's transaction: customer, account, contract and the command of the order. It is tried
 * out there and then: one that would be refused throws, and with the transaction all of it is gone. A preview of an
 * order is an order whose transaction is rolled back.
 */
export async function placeOrder(
  tx: Tx,
  deps: OrderDeps,
  merchant: MerchantId,
  request: OrderRequest,
  actor: string,
): Promise<PlacedOrder> {
  const customerId =
    typeof request.customer === 'string'
      ? await resolve(tx, merchant, 'customer', request.customer, 'customer')
      : await createCustomer(tx, deps.vault, merchant, request.customer, 'customer');
  const customer = await lockOrderingCustomer(tx, merchant, customerId);
  refuseAdvancing(customer);
  const variant = await findVariant(tx, merchant, request.variant);
  const accountId = await accountOf(tx, merchant, customer, variant, request);
  const paymentMethodId = await methodOf(tx, deps, merchant, customer, request.payment_method);
  const { start = null, anchor = null } = request;
  const beginning = await withinCalendar(request, () =>
    beginningOf(variant.terms, customer.now_at, customer.time_zone, { start, anchor }),
  );
  const contractId = await insertContract(tx, merchant, customer, {
    planGroupId: variant.planGroupId,
    variantVersionId: variant.terms.variantVersionId,
    accountId,
    paymentMethodId,
    externalId: request.external_id ?? null,
    beginning,
  }).catch(externalIdTaken);
  const components = await bookingsOf(tx, merchant, request.components, 'components');
  const body = { kind: 'order' as const, variant: variant.terms.variantId, components };
  const { commandId, askedAt } = await storeCommand(tx, merchant, {
    contractId,
    kind: 'order',
    body,
    effective: 'now',
    actor,
  });
  const command: PendingCommand = { id: commandId, askedAt, effective: 'now', body };
  const preview = await withinCalendar(request, () =>
    tryOut(tx, merchant, contractId, { command, catalogue: variant.catalogue }),
  );
  // Last, as it locks the account (rule 46).
  if (paymentMethodId !== null) await adoptMethod(tx, merchant, accountId, paymentMethodId);
  return { customerId, contractId, commandId, preview };
}

/** An order reaches beyond the calendar by the start that it asks for, or else by the lengths of its variant. */
async function withinCalendar<T>({ start }: OrderRequest, decide: () => T | Promise<T>): Promise<T> {
  try {
    return await decide();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_date' || error.field !== undefined)
      throw error;
    const field = start === undefined ? 'variant' : 'start';
    throw new DomainError(error.code, error.message, { field, details: error.details });
  }
}

/** Decides the order of a contract that has just been made: nothing else is asked of it. */
async function tryOut(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
  { command, catalogue }: { readonly command: PendingCommand; readonly catalogue: Catalogue },
): Promise<Preview> {
  const loaded = await loadContract(tx, merchant, contractId);
  const books = await readBooks(tx, merchant, { accountId: loaded.context.accountId, contractId });
  const alone = { ...loaded, books, creditable: [], state: { ...loaded.state, commands: [] } };
  return withUsage(tx, merchant, (totals) => previewOf(alone, command, { catalogue, newId, totals }));
}

/** Whose account pays, made when missing. */
async function accountOf(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  { issuerId, currency }: OrderedVariant,
  { account, issuer, payment_term_days: days }: OrderRequest,
): Promise<string> {
  return findAccount(tx, merchant, customer, {
    accountId: account ?? null,
    issuerId: issuer === undefined ? issuerId : await resolve(tx, merchant, 'issuer', issuer, 'issuer'),
    currency,
    paymentTermDays: days ?? null,
  });
}

/** What pays: a method that the customer has, or a new one. */
async function methodOf(
  tx: Tx,
  { providers }: OrderDeps,
  merchant: MerchantId,
  customer: OrderingCustomer,
  method: OrderRequest['payment_method'],
): Promise<string | null> {
  if (method === undefined) return null;
  if (typeof method === 'string') {
    await checkUsable(tx, merchant, customer.id, method);
    return method;
  }
  await checkPaymentMethod(tx, merchant, providers, method, 'payment_method');
  return createPaymentMethod(tx, merchant, { customer: customer.id, ...method });
}

/** Bookings with the components' own ids, asked for one after the other: they share a transaction. */
export async function bookingsOf(
  tx: Tx,
  merchant: MerchantId,
  bookings: readonly (Omit<Booking, 'quantity'> & { quantity: string | number })[],
  field: string,
): Promise<Booking[]> {
  const found: Booking[] = [];
  for (const [index, { component, quantity, ...times }] of bookings.entries()) {
    const id = await resolve(tx, merchant, 'component', component, `${field}[${index}].component`);
    found.push({ ...times, component: id, quantity: String(quantity) });
  }
  return found;
}
