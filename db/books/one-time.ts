import type { OneTimeState } from '../../domain/contracts/state.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';

/** A one-time charge, and where it was billed. */
export interface OneTimeView {
  readonly id: string;
  readonly kind: 'charge' | 'setup';
  readonly customer: string;
  readonly account: string;
  readonly contract: string | null;
  readonly application: string | null;
  readonly text: string;
  readonly reference: string | null;
  readonly service_date: string;
  readonly quantity: string;
  readonly unit_price: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  readonly tax_policy: string;
  readonly state: OneTimeState;
  readonly invoice: string | null;
  readonly created_at: string;
}

const SELECT = `select o.id as cursor_key, o.id, o.kind, a.customer_id as customer, o.account_id as account, o.contract_id as contract,
    o.application, o.text, o.reference, o.service_date, o.quantity, o.unit_price, o.currency, o.price_mode,
    o.tax_policy_id as tax_policy, o.state, l.document_id as invoice, o.created_at
  from one_time_charges o
  join billing_accounts a on a.merchant_id = o.merchant_id and a.id = o.account_id
  left join charges c on c.merchant_id = o.merchant_id and c.one_time_id = o.id
  left join document_lines l on l.merchant_id = c.merchant_id and l.charge_id = c.id
  where o.merchant_id = $1`;

export function getOneTime(db: Db, merchant: MerchantId, id: string): Promise<OneTimeView | null> {
  return maybeRow<OneTimeView>(db, `${SELECT} and o.id = $2`, [merchant, id]);
}

export function listOneTime(
  db: Db,
  merchant: MerchantId,
  filter: { customer?: string; account?: string; contract?: string; state?: OneTimeState },
  page: PageOf,
): Promise<Page<OneTimeView>> {
  return pageOf<OneTimeView>(
    db,
    `${SELECT} and ($2::text is null or a.customer_id = $2) and ($3::text is null or o.account_id = $3)
       and ($4::text is null or o.contract_id = $4) and ($5::text is null or o.state = $5)`,
    [
      merchant,
      filter.customer ?? null,
      filter.account ?? null,
      filter.contract ?? null,
      filter.state ?? null,
    ],
    page,
  );
}

/** How much waits on an account: how many one-time charges, and what they come to, credits counted as charges. */
export function waitingOn(
  tx: Tx,
  merchant: MerchantId,
  accountId: string,
): Promise<{ waiting: number; size: string }> {
  return row<{ waiting: number; size: string }>(
    tx,
    `select count(*)::int as waiting, round(sum(abs(quantity * unit_price)), 6) as size from one_time_charges
     where merchant_id = $1 and account_id = $2 and state = 'waiting'`,
    [merchant, accountId],
  );
}

export async function oneTimeState(tx: Tx, merchant: MerchantId, id: string): Promise<OneTimeState> {
  const found = await row<{ state: OneTimeState }>(
    tx,
    'select state from one_time_charges where merchant_id = $1 and id = $2',
    [merchant, id],
  );
  return found.state;
}

export async function storeWithdrawn(tx: Tx, merchant: MerchantId, id: string): Promise<void> {
  await rows(tx, `update one_time_charges set state = 'withdrawn' where merchant_id = $1 and id = $2`, [
    merchant,
    id,
  ]);
}
