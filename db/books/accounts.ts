import { lockCustomer } from '../parties/customers.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, rows } from '../platform/pool.ts';

export interface AccountRow {
  readonly id: string;
  readonly customer: string;
  readonly issuer: string;
  readonly clock: string | null;
  readonly currency: string;
  readonly name: string;
  readonly kind: 'immediate' | 'collective';
  readonly is_default: boolean;
  readonly payment_term_days: number;
  readonly payment_method: string | null;
  readonly time_zone: string;
  /** As the customer sees it: a debt is negative. */
  readonly balance_minor: bigint;
  readonly created_at: string;
}

const BALANCE = `(select coalesce(-sum(p.amount_minor), 0)::bigint from postings p where p.merchant_id = a.merchant_id
    and p.account_id = a.id and p.ledger_account = 'receivable')`;
const SELECT = `select a.id as cursor_key, a.id, a.customer_id as customer, a.issuer_id as issuer, a.clock_id as clock, a.currency,
    a.name, a.kind, a.is_default, a.payment_term_days, a.payment_method_id as payment_method, a.time_zone,
    ${BALANCE} as balance_minor, a.created_at
  from billing_accounts a where a.merchant_id = $1`;

export interface NewAccount {
  /** Ids. */
  readonly customer: string;
  readonly issuer: string;
  readonly currency: string;
  readonly name?: string;
  readonly payment_term_days?: number;
  readonly payment_method?: string;
}

/** Makes an account beside those that there are; the first of its customer, issuer and currency is the default. */
export async function createAccount(tx: Tx, merchant: MerchantId, account: NewAccount): Promise<string> {
  // Two first accounts at once would both be the default: the customer's row puts them in order.
  await lockCustomer(tx, merchant, account.customer);
  const id = newId('account');
  await rows(
    tx,
    `insert into billing_accounts (merchant_id, id, customer_id, issuer_id, clock_id, currency, name, is_default,
       payment_term_days, payment_method_id, time_zone)
     select c.merchant_id, $3, c.id, $4, c.clock_id, $5, $6,
       not exists (select from billing_accounts b where b.merchant_id = c.merchant_id and b.customer_id = c.id
         and b.issuer_id = $4 and b.currency = $5 and b.is_default), coalesce($7, c.payment_term_days, 0), $8, c.time_zone
     from customers c where c.merchant_id = $1 and c.id = $2`,
    [
      merchant,
      account.customer,
      id,
      account.issuer,
      account.currency,
      account.name ?? account.currency,
      account.payment_term_days ?? null,
      account.payment_method ?? null,
    ],
  );
  return id;
}

export interface AccountRevision {
  readonly name?: string;
  readonly payment_term_days?: number;
  readonly payment_method?: string | null;
}

/** Changes what the next document goes by; the caller holds the account's lock. */
export async function storeRevision(
  tx: Tx,
  merchant: MerchantId,
  id: string,
  revision: AccountRevision,
): Promise<void> {
  await rows(
    tx,
    `update billing_accounts set name = coalesce($3, name), payment_term_days = coalesce($4, payment_term_days),
       payment_method_id = case when $5 then $6 else payment_method_id end
     where merchant_id = $1 and id = $2`,
    [
      merchant,
      id,
      revision.name ?? null,
      revision.payment_term_days ?? null,
      revision.payment_method !== undefined,
      revision.payment_method ?? null,
    ],
  );
}

/** Gives an account that has no payment method this one; answers whether it took it. */
export async function takeMethod(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
  methodId: string,
): Promise<boolean> {
  const taken = await maybeRow(
    tx,
    `update billing_accounts set payment_method_id = $3 where merchant_id = $1 and id = $2 and payment_method_id is null
     returning id`,
    [merchant, accountId, methodId],
  );
  return taken !== null;
}

/** The currency of an account; null when there is none. */
export async function currencyOfAccount(
  db: Db,
  merchant: MerchantId,
  accountId: string,
): Promise<string | null> {
  const found = await maybeRow<{ currency: string }>(
    db,
    'select currency from billing_accounts where merchant_id = $1 and id = $2',
    [merchant, accountId],
  );
  return found?.currency ?? null;
}

export function getAccount(db: Db, merchant: MerchantId, id: string): Promise<AccountRow | null> {
  return maybeRow<AccountRow>(db, `${SELECT} and a.id = $2`, [merchant, id]);
}

export function listAccounts(
  db: Db,
  merchant: MerchantId,
  customer: string | undefined,
  page: PageOf,
): Promise<Page<AccountRow>> {
  return pageOf<AccountRow>(
    db,
    `${SELECT} and ($2::text is null or a.customer_id = $2)`,
    [merchant, customer ?? null],
    page,
  );
}
