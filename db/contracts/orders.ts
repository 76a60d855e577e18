import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { Beginning } from '../../domain/contracts/order.ts';
import { holdClock } from '../clocks/clocks.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { lockCustomer } from '../parties/customers.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';

/** Where a variant is sold. */
export interface SellingGroup {
  readonly id: string;
  readonly issuer_id: string;
  readonly currency: string;
}

/** The plan group that a variant is sold in. */
export function groupOfVariant(db: Db, merchant: MerchantId, variantId: string): Promise<SellingGroup> {
  return row<SellingGroup>(
    db,
    `select g.id, g.issuer_id, g.currency from variants v
     join plans p on p.merchant_id = v.merchant_id and p.id = v.plan_id
     join plan_groups g on g.merchant_id = p.merchant_id and g.id = p.plan_group_id
     where v.merchant_id = $1 and v.id = $2`,
    [merchant, variantId],
  );
}

/** The customer that a contract is for, with the time that it is there. */
export interface OrderingCustomer {
  readonly id: string;
  readonly clock_id: string | null;
  readonly time_zone: string;
  /** The default of the accounts that are made for it. */
  readonly payment_term_days: number | null;
  readonly now_at: Instant;
  /** Whether its test clock is on its way: what comes from outside waits. */
  readonly advancing: boolean;
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
  const customer = found(
    await maybeRow<Omit<OrderingCustomer, 'now_at' | 'advancing'>>(
      tx,
      'select id, clock_id, time_zone, payment_term_days from customers where merchant_id = $1 and id = $2',
      [merchant, customerId],
    ),
    'customer',
    'customer',
  );
  const { clock_id } = customer;
  const clock = clock_id === null ? null : await holdClock(tx, merchant, clock_id, 'customer');
  const wallTime = await lockCustomer(tx, merchant, customerId);
  return { ...customer, now_at: clock?.now_at ?? wallTime, advancing: clock?.status === 'advancing' };
}

/** An account of a customer by its id; null where the customer has no such account. */
export function accountOfCustomer(
  tx: Tx,
  merchant: MerchantId,
  customerId: string,
  accountId: string,
): Promise<{ readonly currency: string; readonly issuer_id: string } | null> {
  return maybeRow(
    tx,
    'select currency, issuer_id from billing_accounts where merchant_id = $1 and id = $2 and customer_id = $3',
    [merchant, accountId, customerId],
  );
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
  const { id } = await row<{ id: string }>(
    tx,
    `select id from billing_accounts where merchant_id = $1 and customer_id = $2 and issuer_id = $3 and currency = $4 and is_default`,
    [merchant, customer.id, made.issuerId, made.currency],
  );
  return id;
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
