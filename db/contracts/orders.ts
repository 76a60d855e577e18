import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { Beginning } from '../../domain/contracts/order.ts';
import { holdClock, readClock } from '../clocks/clocks.ts';
import { accountKind } from '../books/accounts.ts';
import { priceMode } from '../catalogue/terms-schema.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { lockCustomer } from '../parties/customers.ts';
import { int, text, truth } from '../platform/columns.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { found } from '../platform/refs.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

const sellingGroup = { id: text, issuer_id: text, currency: text, price_mode: priceMode };

/** The plan group in which a variant is sold. */
export type SellingGroup = RowOf<typeof sellingGroup>;

const selectGroup = statement('groupOfVariant', {
  sql: `
    select g.id, g.issuer_id, g.currency, g.price_mode
    from variants v
    join plans p on p.merchant_id = v.merchant_id and p.id = v.plan_id
    join plan_groups g on g.merchant_id = p.merchant_id and g.id = p.plan_group_id
    where v.merchant_id = :merchant and v.id = :variant`,
  params: { merchant: 'text', variant: 'text' },
  row: sellingGroup,
});

/** Loads the plan group in which a variant is sold. */
export function groupOfVariant(db: Db, merchant: MerchantId, variantId: string): Promise<SellingGroup> {
  return selectGroup.row(db, { merchant, variant: variantId });
}

const customerTerms = {
  id: text,
  clock_id: text.nullable(),
  time_zone: text,
  country: text,
  language: text,
  invoice_title: text.nullable(),
  /** The default for new billing accounts of the customer. */
  payment_term_days: int.nullable(),
};

/** The fields of a customer that an order needs. */
type CustomerTerms = RowOf<typeof customerTerms>;

const selectCustomer = statement('orderingCustomer', {
  sql: `
    select id, clock_id, time_zone, country, language, invoice_title, payment_term_days
    from customers where merchant_id = :merchant and id = :customer`,
  params: { merchant: 'text', customer: 'text' },
  row: customerTerms,
});

/** A customer who orders, with the customer's now. */
export interface OrderingCustomer extends CustomerTerms {
  readonly now_at: Instant;
  /** Whether the customer's test clock is advancing. Requests from outside wait then. */
  readonly advancing: boolean;
}

async function termsOf(db: Db, merchant: MerchantId, customerId: string): Promise<CustomerTerms> {
  const customer = await selectCustomer.maybeRow(db, { merchant, customer: customerId });
  return found(customer, 'customer', 'customer');
}

/** Reads a customer without a lock. */
export async function readOrderingCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
): Promise<OrderingCustomer> {
  const customer = await termsOf(db, merchant, customerId);
  return { ...customer, ...(await readClock(db, merchant, customer.clock_id)) };
}

/**
 * Locks a customer, and before it the customer's clock (shared). The clock then does not move while the caller makes something, and
 * no other transaction makes accounts or contracts for the customer.
 */
export async function lockOrderingCustomer(
  tx: Tx,
  merchant: MerchantId,
  customerId: string,
): Promise<OrderingCustomer> {
  const customer = await termsOf(tx, merchant, customerId);
  const { clock_id } = customer;
  const clock = clock_id === null ? null : await holdClock(tx, merchant, clock_id, 'customer');
  const wallTime = await lockCustomer(tx, merchant, customerId);
  return { ...customer, now_at: clock?.now_at ?? wallTime, advancing: clock?.status === 'advancing' };
}

const knownAccount = {
  id: text,
  currency: text,
  issuer_id: text,
  payment_term_days: int,
  kind: accountKind,
  /** The only mode of a collective account; null for an immediate one. */
  price_mode: priceMode.nullable(),
  /** A deactivated account takes no orders and no charges. */
  deactivated: truth,
};

/** An account that an order or a charge may go to. */
export type ExistingAccount = RowOf<typeof knownAccount>;

const ACCOUNT = `
  select id, currency, issuer_id, payment_term_days, kind, price_mode, deactivated_at is not null as deactivated
  from billing_accounts where merchant_id = :merchant and customer_id = :customer`;

const selectAccount = statement('accountOfCustomer', {
  sql: `${ACCOUNT} and id = :account`,
  params: { merchant: 'text', customer: 'text', account: 'text' },
  row: knownAccount,
});

const selectDefault = statement('defaultAccountOfCustomer', {
  sql: `${ACCOUNT} and issuer_id = :issuer and currency = :currency and is_default`,
  params: { merchant: 'text', customer: 'text', issuer: 'text?', currency: 'text' },
  row: knownAccount,
});

/** An account of a customer by its id; null if the customer has no such account. */
export function accountOfCustomer(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  accountId: string,
): Promise<ExistingAccount | null> {
  return selectAccount.maybeRow(db, { merchant, customer: customerId, account: accountId });
}

/** The default account of a customer with an issuer in a currency; null if there is none yet. */
export function findDefaultAccount(
  db: Db,
  merchant: MerchantId,
  customerId: string,
  { issuerId, currency }: { readonly issuerId: string | null; readonly currency: string },
): Promise<ExistingAccount | null> {
  return selectDefault.maybeRow(db, { merchant, customer: customerId, issuer: issuerId, currency });
}

const selectZone = statement('zoneOfIssuer', {
  sql: 'select time_zone from issuers where merchant_id = :merchant and id = :issuer',
  params: { merchant: 'text', issuer: 'text' },
  row: { time_zone: text },
});

/** The time zone in which an issuer dates its documents. */
export async function zoneOfIssuer(db: Db, merchant: MerchantId, issuerId: string): Promise<string> {
  const { time_zone } = await selectZone.row(db, { merchant, issuer: issuerId });
  return time_zone;
}

const insertDefault = statement('insertDefaultAccount', {
  sql: `
    insert into billing_accounts (merchant_id, id, customer_id, issuer_id, clock_id, currency, name, is_default,
      payment_term_days, time_zone)
    values (:merchant, :account, :customer, :issuer, :clock, :currency, 'default', true, :paymentTermDays, :zone)
    on conflict (merchant_id, customer_id, issuer_id, currency) where is_default do nothing`,
  params: {
    merchant: 'text',
    account: 'text',
    customer: 'text',
    issuer: 'text?',
    clock: 'text?',
    currency: 'text',
    paymentTermDays: 'int',
    zone: 'text',
  },
});

/**
 * The default account of a customer with an issuer in a currency. A missing account is made. The caller holds the
 * customer's lock, under which accounts are made. The account itself is not locked.
 */
export async function defaultAccount(
  tx: Tx,
  merchant: MerchantId,
  customer: OrderingCustomer,
  made: { readonly issuerId: string | null; readonly currency: string; readonly paymentTermDays: number },
): Promise<ExistingAccount> {
  await insertDefault.run(tx, {
    merchant,
    account: newId('account'),
    customer: customer.id,
    issuer: made.issuerId,
    clock: customer.clock_id,
    currency: made.currency,
    paymentTermDays: made.paymentTermDays,
    zone: customer.time_zone,
  });
  const account = await findDefaultAccount(tx, merchant, customer.id, made);
  if (account === null) throw new Error(`${customer.id} has no default account`);
  return account;
}

/** Stores the contract of an order, before the order itself is decided, and returns its id. */
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
  const row = {
    merchant_id: merchant,
    id,
    external_id: ordered.externalId,
    customer_id: customer.id,
    account_id: ordered.accountId,
    plan_group_id: ordered.planGroupId,
    clock_id: customer.clock_id,
    time_zone: customer.time_zone,
    payment_method_id: ordered.paymentMethodId,
    start_date: beginning.startDate,
    starts_at: beginning.startsAt,
    anchor_date: beginning.anchor,
    trial_ends_at: beginning.trialEndsAt,
    term_start: beginning.termStart,
    phase: 'ordered',
    variant_version_id: ordered.variantVersionId,
    settled_through: customer.now_at,
    created_at: customer.now_at,
  };
  await writeRows(tx, 'insertContract', { contracts: [row] });
  return id;
}
