import { z } from 'zod';
import { priceMode } from '../catalogue/terms-schema.ts';
import type { OneTimeState } from '../../domain/contracts/state.ts';
import { date, decimal, instant, int, schemaOf, text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, statement } from '../platform/statement.ts';

const state = schemaOf<OneTimeState>()(z.enum(['waiting', 'billed', 'withdrawn']));

const oneTimeView = {
  id: text,
  kind: z.enum(['charge', 'setup']),
  customer: text,
  account: text,
  contract: text.nullable(),
  application: text.nullable(),
  text,
  reference: text.nullable(),
  service_date: date,
  quantity: decimal,
  unit_price: decimal,
  currency: text,
  price_mode: priceMode,
  tax_policy: text,
  state,
  invoice: text.nullable(),
  created_at: instant,
};

/** A one-time charge, and the invoice that billed it. */
export type OneTimeView = RowOf<typeof oneTimeView>;

const VIEW = `
  select o.id, o.kind, a.customer_id as customer, o.account_id as account, o.contract_id as contract, o.application,
    o.text, o.reference, o.service_date, o.quantity, o.unit_price, o.currency, o.price_mode,
    o.tax_policy_id as tax_policy, o.state, l.document_id as invoice, o.created_at
  from one_time_charges o
  join billing_accounts a on a.merchant_id = o.merchant_id and a.id = o.account_id
  left join charges c on c.merchant_id = o.merchant_id and c.one_time_id = o.id
  left join document_lines l on l.merchant_id = c.merchant_id and l.charge_id = c.id
  where o.merchant_id = :merchant`;

const selectView = statement('oneTimeView', {
  sql: `${VIEW} and o.id = :charge`,
  params: { merchant: 'text', charge: 'text' },
  row: oneTimeView,
});

const listViews = listStatement('oneTimeViews', {
  sql: `${VIEW} and (:customer is null or a.customer_id = :customer) and (:account is null or o.account_id = :account)
    and (:contract is null or o.contract_id = :contract) and (:state is null or o.state = :state)`,
  params: { merchant: 'text', customer: 'text?', account: 'text?', contract: 'text?', state: 'text?' },
  row: oneTimeView,
});

export function getOneTime(db: Db, merchant: MerchantId, id: string): Promise<OneTimeView | null> {
  return selectView.maybeRow(db, { merchant, charge: id });
}

export function listOneTime(
  db: Db,
  merchant: MerchantId,
  filter: { customer?: string; account?: string; contract?: string; state?: OneTimeState },
  page: PageOf,
): Promise<Page<OneTimeView>> {
  const { customer = null, account = null, contract = null, state = null } = filter;
  return listViews.page(db, { merchant, customer, account, contract, state }, page);
}

const countWaiting = statement('oneTimeWaitingOnAccount', {
  sql: `
    select count(*)::int as waiting, coalesce(round(sum(abs(quantity * unit_price)), 6), 0) as size
    from one_time_charges
    where merchant_id = :merchant and account_id = :account and state = 'waiting'`,
  params: { merchant: 'text', account: 'text' },
  row: { waiting: int, size: decimal },
});

/** How many one-time charges wait on an account, and the sum of their amounts without their signs. */
export function waitingOn(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
): Promise<{ readonly waiting: number; readonly size: string }> {
  return countWaiting.row(tx, { merchant, account: accountId });
}

const selectState = statement('oneTimeState', {
  sql: 'select state from one_time_charges where merchant_id = :merchant and id = :charge',
  params: { merchant: 'text', charge: 'text' },
  row: { state },
});

export async function oneTimeState(tx: Tx, merchant: MerchantId, id: string): Promise<OneTimeState> {
  const found = await selectState.row(tx, { merchant, charge: id });
  return found.state;
}

const withdraw = statement('withdrawOneTime', {
  sql: `update one_time_charges set state = 'withdrawn' where merchant_id = :merchant and id = :charge`,
  params: { merchant: 'text', charge: 'text' },
});

export async function storeWithdrawn(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  await withdraw.run(tx, { merchant, charge: id });
}
