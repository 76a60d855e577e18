import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { Beginning } from '../../domain/contracts/order.ts';
import { holdClock, readClock } from '../clocks/clocks.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { lockCustomer } from '../parties/customers.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';

/** Where a variant is sold. */
export interface SellingGroup {
  readonly id: string;
  readonly issuer_id: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
}

/** The plan group that a variant is sold in. */
export function groupOfVariant(db: Db, merchant: MerchantId, variantId: string): Promise<SellingGroup> {
  return row<SellingGroup>(
    db,
    `select g.id, g.issuer_id, g.currency, g.price_mode from variants v
     join plans p on p.merchant_id = v.merchant_id and p.id = v.plan_id
     join plan_groups g on g.merchant_id = p.merchant_id and g.id = p.plan_group_id
     where v.merchant_id = $1 and v.id = $2`,
    [merchant, variantId],
  );
}

/** The customer that a contract is for, as its row is. */
interface CustomerTerms {
  readonly id: string;
  readonly clock_id: string | null;
  readonly time_zone: string;
  readonly country: string;
  readonly language: string;
  readonly invoice_title: string | null;
  /** The default of the accounts that are made for it. */
  readonly payment_term_days: number | null;
}

/** The same, with the time that it is there. */
export interface OrderingCustomer extends CustomerTerms {
  readonly now_at: Instant;
  /** Whether its test clock is on its way: what comes from outside waits. */
  readonly advancing: boolean;
}

async function customerTerms(db: Db, merchant: MerchantId, customerId: string): Promise<CustomerTerms> {
  const customer = await maybeRow<CustomerTerms>(
    db,
    `select id, clock_id, time_zone, country, language, invoice_title, payment_term_days
     from customers where merchant_id = $1 and id = $2`,
    [merchant, customerId],
  );
  return found(customer, 'customer', 'customer');
}

/** A customer as it is now; nothing is locked. */
export async function readOrderingCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
): Promise<OrderingCustomer> {
  const customer = await customerTerms(db, merchant, customerId);
  return { ...customer, ...(await readClock(db, merchant, customer.clock_id)) };
}

/**
 * Locks a customer, and the clock (shared) before: the clock does not move under what is made, and nobody else makes
 * accounts or contracts for the customer meanwhile.
 */
export async function lockOrderingCustomer(
  tx: Tx,
  merchant: MerchantId,
  customerId: string,
): Promise<OrderingCustomer> {
  const customer = await customerTerms(tx, merchant, customerId);
  const { clock_id } = customer;
  const clock = clock_id === null ? null : await holdClock(tx, merchant, clock_id, 'customer');
  const wallTime = await lockCustomer(tx, merchant, customerId);
  return { ...customer, now_at: clock?.now_at ?? wallTime, advancing: clock?.status === 'advancing' };
}

/** An account that an order or a charge may go to. */
export interface KnownAccount {
  readonly id: string;
  readonly currency: string;
  readonly issuer_id: string;
  readonly payment_term_days: number;
}

const ACCOUNT =
  'select id, currency, issuer_id, payment_term_days from billing_accounts where merchant_id = $1 and customer_id = $2';

/** An account of a customer by its id; null where the customer has no such account. */
export function accountOfCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  accountId: string,
): Promise<KnownAccount | null> {
  return maybeRow(db, `${ACCOUNT} and id = $3`, [merchant, customerId, accountId]);
}

/** The default account of a customer with an issuer in a currency; null where it has none yet. */
export function findDefaultAccount(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  { issuerId, currency }: { readonly issuerId: string | null; readonly currency: string },
): Promise<KnownAccount | null> {
  return maybeRow(db, `${ACCOUNT} and issuer_id = $3 and currency = $4 and is_default`, [
    merchant,
    customerId,
    issuerId,
    currency,
  ]);
}

/** The time zone in which an issuer dates its documents. */
export async function zoneOfIssuer(db: Db, merchant: MerchantId, issuerId: string): Promise<string> {
  const { time_zone } = await row<{ time_zone: string }>(
    db,
    'select time_zone from issuers where merchant_id = $1 and id = $2',
    [merchant, issuerId],
  );
  return time_zone;
}

/**
 * The default account of a customer with an issuer in a currency, made when missing. The caller holds the customer's
 * lock, under which accounts are made; the account's own is not taken.
 */
export async function defaultAccount(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  made: { readonly issuerId: string | null; readonly currency: string; readonly paymentTermDays: number },
): Promise<string> {
  await rows(
    tx,
    `insert into billing_accounts (merchant_id, id, customer_id, issuer_id, clock_id, currency, name, is_default, payment_term_days, time_zone)
     values ($1, $2, $3, $4, $5, $6, 'default', true, $7, $8)
     on conflict (merchant_id, customer_id, issuer_id, currency) where is_default do nothing`,
    [
      merchant,
      newId('account'),
      customer.id,
      made.issuerId,
      customer.clock_id,
      made.currency,
      made.paymentTermDays,
      customer.time_zone,
    ],
  );
  const account = await findDefaultAccount(tx, merchant, customer.id, made);
  if (account === null) throw new Error(`${customer.id} has no default account`);
  return account.id;
}

/** Stores the contract of an order, before the order itself is decided. */
export async function insertContract(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  ordered: {
    planGroupId: string;
    variantVersionId: string;
    accountId: string;
    paymentMethodId: string | null;
    externalId: string | null;
    beginning: Beginning;
  },
): Promise<string> {
  const id = newId('contract');
  const { beginning } = ordered;
  await rows(
    tx,
    `insert into contracts (merchant_id, id, external_id, customer_id, account_id, plan_group_id, clock_id, time_zone, payment_method_id,
       start_date, starts_at, anchor_date, trial_ends_at, term_start, phase, variant_version_id, settled_through, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 'ordered', $15, $16, $16)`,
    [
      merchant,
      id,
      ordered.externalId,
      customer.id,
      ordered.accountId,
      ordered.planGroupId,
      customer.clock_id,
      customer.time_zone,
      ordered.paymentMethodId,
      beginning.startDate,
      beginning.startsAt,
      beginning.anchor,
      beginning.trialEndsAt,
      beginning.termStart,
      ordered.variantVersionId,
      customer.now_at,
    ],
  );
  return id;
}
