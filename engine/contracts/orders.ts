import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import type { TaxRate } from '../../domain/contracts/state.ts';
import { storeCommand } from './store-command.ts';
import { loadRatesAndWaiting } from '../../db/contracts/contracts.ts';
import { checkUsable, createPaymentMethod } from '../../db/payments/methods.ts';
import { createCustomer } from '../parties/customers.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type OrderingCustomer, insertContract, lockOrderingCustomer } from '../../db/contracts/orders.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { externalIdTaken, resolve } from '../../db/platform/refs.ts';
import { Busy } from '../../db/platform/transient.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { Providers } from '../../psp/port.ts';
import { adoptMethod } from '../books/accounts.ts';
import { type OrderedVariant, findVariant } from './ordered-variant.ts';
import { findAccount, refuseDeactivated, refuseOtherMode } from '../books/find-account.ts';
import { checkPaymentMethod } from '../payments/methods.ts';
import { basisOf, beginningOfOrder, bookingsOf } from './order-draft.ts';
import type { OrderRequest } from '../requests.ts';

export interface PlacedOrder {
  readonly customerId: string;
  readonly contractId: string;
  readonly commandId: string;
}

export interface OrderDeps {
  readonly pool: Pool;
  readonly vault: Vault;
  readonly providers: Providers;
  /** `tryOrder` of `order-draft.ts`, in this thread or in another one. */
  readonly tryOrder: (merchant: MerchantId, request: OrderRequest) => Promise<string>;
}

/** Further work in the transaction of an order. */
interface OrderHooks {
  before(tx: Tx): Promise<void>;
  after(tx: Tx, placed: PlacedOrder): Promise<void>;
}

const MOST_TRIES = 3;

/**
 * Tries an order out, which may take long and holds no locks. Then it places the order in one short transaction, which stores
 * customer, account, contract and the order's command. If versions of prices or tax rates have changed in between, the order
 * is tried out again.
 * @throws DomainError the code under which the order is refused
 * @throws Busy if prices or tax rates change each time
 */
export async function order(
  deps: OrderDeps,
  merchant: MerchantId,
  request: OrderRequest,
  actor: string,
  hooks: OrderHooks = { before: () => Promise.resolve(), after: () => Promise.resolve() },
): Promise<PlacedOrder> {
  for (let tries = 1; ; tries++) {
    const basis = await deps.tryOrder(merchant, request);
    try {
      return await inTransaction(deps.pool, async (tx) => {
        await hooks.before(tx);
        const placed = await placeOrder(tx, deps, merchant, request, { actor, basis });
        await hooks.after(tx, placed);
        return placed;
      });
    } catch (error) {
      if (!(error instanceof BasisChanged) || tries >= MOST_TRIES) throw error;
    }
  }
}

/** Prices or tax rates have changed since the order was tried out. */
class BasisChanged extends Busy {
  constructor() {
    super('prices or tax rates changed while an order was tried out');
  }
}

/** Places an order that was tried out, in the caller's transaction. */
async function placeOrder(
  tx: Tx,
  deps: Pick<OrderDeps, 'vault' | 'providers'>,
  merchant: MerchantId,
  request: OrderRequest,
  { actor, basis }: { readonly actor: string; readonly basis: string },
): Promise<PlacedOrder> {
  const customerId =
    typeof request.customer === 'string'
      ? await resolve(tx, merchant, 'customer', request.customer, 'customer')
      : await createCustomer(tx, deps.vault, merchant, request.customer, 'customer');
  const customer = await lockOrderingCustomer(tx, merchant, customerId);
  refuseAdvancing(customer);
  const variant = await findVariant(tx, merchant, request.variant);
  if (basisOf(variant, await taxRatesFor(tx, merchant, customer, variant)) !== basis)
    throw new BasisChanged();
  const accountId = await accountOf(tx, merchant, customer, variant, request);
  const paymentMethodId = await methodOf(tx, deps, merchant, customer, request.payment_method);
  const contractId = await insertContract(tx, merchant, customer, {
    planGroupId: variant.planGroupId,
    variantVersionId: variant.terms.variantVersionId,
    accountId,
    paymentMethodId,
    externalId: request.external_id ?? null,
    beginning: beginningOfOrder(request, variant, customer),
  }).catch(externalIdTaken);
  const components = await bookingsOf(tx, merchant, request.components, 'components');
  const { commandId } = await storeCommand(tx, merchant, {
    contractId,
    kind: 'order',
    body: { kind: 'order', variant: variant.terms.variantId, components },
    effective: 'now',
    actor,
  });
  // This comes last, as it locks the account (rule 46).
  if (paymentMethodId !== null) await adoptMethod(tx, merchant, accountId, paymentMethodId);
  return { customerId, contractId, commandId };
}

async function taxRatesFor(
  tx: Tx,
  merchant: MerchantId,
  { country }: OrderingCustomer,
  { priceMode }: OrderedVariant,
): Promise<readonly TaxRate[]> {
  return (await loadRatesAndWaiting(tx, merchant, { country, accountId: null, priceMode })).taxRates;
}

/** The account to bill. It is created if it is missing. */
async function accountOf(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  { issuerId, currency, priceMode }: OrderedVariant,
  { account, issuer, payment_term_days: days }: OrderRequest,
): Promise<string> {
  const found = await findAccount(tx, merchant, customer, {
    accountId: account ?? null,
    issuerId: issuer === undefined ? issuerId : await resolve(tx, merchant, 'issuer', issuer, 'issuer'),
    currency,
    paymentTermDays: days ?? null,
  });
  refuseOtherMode(found, priceMode, 'account');
  refuseDeactivated(found, 'account');
  return found.id;
}

/** The order's payment method: one that the customer has, or a new one. Null if the order names none. */
async function methodOf(
  tx: Tx,
  { providers }: Pick<OrderDeps, 'providers'>,
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
