import { type Beginning, beginningOf, orderedState } from '../../domain/contracts/order.ts';
import type { UsageTotals } from '../../domain/billing/metered.ts';
import type { BilledAccount } from '../../domain/books/bill.ts';
import type { Booking, Catalogue, PendingCommand, TaxRate } from '../../domain/contracts/state.ts';
import { refuseAdvancing } from '../../domain/clocks/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import { readBooks } from '../../db/books/account-context.ts';
import { readClock } from '../../db/clocks/clocks.ts';
import { loadRatesAndWaiting } from '../../db/contracts/contracts.ts';
import {
  type ExistingAccount,
  type OrderingCustomer,
  findDefaultAccount,
  readOrderingCustomer,
  zoneOfIssuer,
} from '../../db/contracts/orders.ts';
import { checkUsable } from '../../db/payments/methods.ts';
import { type MerchantId, newId } from '../../db/platform/ids.ts';
import type { Db, Pool } from '../../db/platform/pool.ts';
import { refuseTakenId, resolve } from '../../db/platform/refs.ts';
import { namedAccount, refuseDeactivated, refuseOtherMode } from '../books/find-account.ts';
import { placeInTree } from '../parties/customers.ts';
import { checkIssuer } from '../parties/trees.ts';
import type { OrderRequest } from '../requests.ts';
import { onSnapshot } from '../usage/with-usage.ts';
import { type OrderedVariant, findVariant } from './ordered-variant.ts';
import { type Preview, previewOf } from './preview.ts';

/** An order with everything that its decision depends on. */
interface OrderDraft {
  /** Decides the order. */
  readonly preview: (totals: UsageTotals) => Preview;
  /** Names the versions and tax rates that the decision depends on. If they change, the order must be tried out again. */
  readonly basis: string;
}

/**
 * Computes what an order would do, on a contract that does not exist yet. It writes nothing and locks nothing.
 * @throws DomainError the code under which the order would be refused
 */
export function previewOrder(reads: Pool, merchant: MerchantId, request: OrderRequest): Promise<Preview> {
  return onSnapshot(reads, merchant, async (db) => {
    const { customer, external_id: externalId } = request;
    if (typeof customer !== 'string') await refuseTakenId(db, merchant, 'customer', customer.external_id);
    await refuseTakenId(db, merchant, 'contract', externalId);
    return (await draft(db, merchant, request)).preview;
  });
}

/**
 * Tries out an order before it is placed, and returns the basis of the decision. It does not check whether an external id is
 * taken, because the same request may have placed the order just now. Placing it checks that.
 * @throws DomainError the code under which the order would be refused
 */
export function tryOrder(reads: Pool, merchant: MerchantId, request: OrderRequest): Promise<string> {
  return onSnapshot(reads, merchant, async (db) => {
    const { preview, basis } = await draft(db, merchant, request);
    return (totals) => {
      preview(totals);
      return basis;
    };
  });
}

async function draft(db: Db, merchant: MerchantId, request: OrderRequest): Promise<OrderDraft> {
  const customer = await customerOf(db, merchant, request);
  refuseAdvancing(customer);
  const variant = await findVariant(db, merchant, request.variant);
  const { terms, catalogue, currency, priceMode } = variant;
  const { existing, billed } = await accountOf(db, merchant, customer, variant, request);
  if (typeof request.payment_method === 'string')
    await checkUsable(db, merchant, customer.id ?? '', request.payment_method);
  const { now_at: now, country, time_zone: zone } = customer;
  const beginning = beginningOfOrder(request, variant, customer);
  const components = await bookingsOf(db, merchant, request.components, 'components');
  const ratesAndWaiting = await loadRatesAndWaiting(db, merchant, {
    country,
    accountId: existing?.id ?? null,
    priceMode,
  });
  const ordered = { contractId: newId('contract'), zone, country, currency, priceMode, ...ratesAndWaiting };
  const state = orderedState(ordered, terms, beginning, now);
  const body = { kind: 'order' as const, variant: terms.variantId, components };
  const waitsForRun = existing !== null && existing.price_mode !== null; // it is collective
  const order: PendingCommand = { id: 'preview', askedAt: now, effective: 'now', body };
  return {
    preview: (totals) =>
      withinCalendar(request, () =>
        previewOf({ state, account: billed, creditable: [], elsewhere: new Map(), waitsForRun }, order, {
          catalogue,
          newId,
          totals,
        }),
      ),
    basis: basisOf(variant, ratesAndWaiting.taxRates),
  };
}

/** Everything that may change the decision about an order, except the customer's time: versions of prices, and tax rates. */
export function basisOf({ terms, catalogue }: OrderedVariant, taxRates: readonly TaxRate[]): string {
  const rates = taxRates.map((rate) => JSON.stringify(rate)).toSorted();
  return [terms.variantVersionId, ...versionsOf(catalogue), ...rates].join('\n');
}

function versionsOf({ components }: Catalogue): string[] {
  return components.map(({ pricing }) => pricing.componentVersionId ?? '').toSorted();
}

/** The start and the anchor of an order's contract. */
export function beginningOfOrder(
  request: OrderRequest,
  { terms }: OrderedVariant,
  { now_at: now, time_zone: zone }: Pick<OrderingCustomer, 'now_at' | 'time_zone'>,
): Beginning {
  const { start = null, anchor = null } = request;
  return withinCalendar(request, () => beginningOf(terms, now, zone, { start, anchor }));
}

/** Names the field that caused an order to exceed the calendar: its start, or else the variant, by its intervals. */
function withinCalendar<T>({ start }: OrderRequest, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'invalid_date' || error.field !== undefined)
      throw error;
    const field = start === undefined ? 'variant' : 'start';
    throw new DomainError(error.code, error.message, { field, details: error.details });
  }
}

/** Replaces references to components by ids, one after the other, as the statements share a transaction. */
export async function bookingsOf(
  db: Db,
  merchant: MerchantId,
  bookings: readonly (Omit<Booking, 'quantity'> & { quantity: string | number })[],
  field: string,
): Promise<Booking[]> {
  const found: Booking[] = [];
  for (const [index, { component, quantity, ...times }] of bookings.entries()) {
    const id = await resolve(db, merchant, 'component', component, `${field}[${index}].component`);
    found.push({ ...times, component: id, quantity: String(quantity) });
  }
  return found;
}

/** The ordering customer. A customer that the order creates has no id yet. */
type DraftedCustomer = Omit<OrderingCustomer, 'id'> &
  ({ readonly id: string } | { readonly id: null; readonly parentId: string | null });

async function customerOf(
  db: Db,
  merchant: MerchantId,
  { customer }: OrderRequest,
): Promise<DraftedCustomer> {
  if (typeof customer === 'string') {
    return readOrderingCustomer(db, merchant, await resolve(db, merchant, 'customer', customer, 'customer'));
  }
  const { parentId, clockId } = await placeInTree(db, merchant, customer, 'customer');
  return {
    id: null,
    parentId,
    clock_id: clockId,
    time_zone: customer.time_zone,
    country: customer.country,
    language: customer.language,
    invoice_title: customer.invoice_title ?? null,
    payment_term_days: customer.payment_term_days ?? null,
    ...(await readClock(db, merchant, clockId)),
  };
}

/** The account to bill: the named one, or the default one. `existing` is null if the order would create it. */
async function accountOf(
  db: Db,
  merchant: MerchantId,
  customer: DraftedCustomer,
  variant: OrderedVariant,
  request: OrderRequest,
): Promise<{ existing: ExistingAccount | null; billed: BilledAccount }> {
  const { currency } = variant;
  const issuerId =
    request.issuer === undefined
      ? variant.issuerId
      : await resolve(db, merchant, 'issuer', request.issuer, 'issuer');
  const terms = {
    issuer: { zone: await zoneOfIssuer(db, merchant, issuerId) },
    language: customer.language,
    invoiceTitle: customer.invoice_title,
  };
  const of = { issuerId, currency };
  const existing =
    request.account !== undefined
      ? await namedAccount(db, merchant, customer.id ?? '', request.account, of)
      : customer.id === null
        ? null
        : await findDefaultAccount(db, merchant, customer.id, of);
  if (existing === null) {
    const billedTo = customer.id === null ? { parent: customer.parentId } : { customer: customer.id };
    await checkIssuer(db, merchant, issuerId, billedTo);
    const paymentTermDays = request.payment_term_days ?? customer.payment_term_days ?? 0;
    return { existing, billed: { ...terms, paymentTermDays, ...NO_BOOKS } };
  }
  refuseOtherMode(existing, variant.priceMode, 'account');
  refuseDeactivated(existing, 'account');
  const books = await readBooks(db, merchant, { accountId: existing.id, contractId: null });
  return { existing, billed: { ...terms, paymentTermDays: existing.payment_term_days, ...books } };
}

/** The books of a new account. */
const NO_BOOKS = { credits: [], openReceivables: [], credited: [], paymentMethod: null } as const;
