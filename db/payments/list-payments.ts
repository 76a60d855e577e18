import { accountsOf } from '../books/accounts.ts';
import { DomainError } from '../../domain/errors.ts';
import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Page, PageOf } from '../platform/page.ts';
import type { Db, Pool } from '../platform/pool.ts';
import { type Chosen, type Way, sortedList } from '../platform/sorted-list.ts';
import { statement } from '../platform/statement.ts';
import { PAYMENT_VIEW, type PaymentView, paymentView } from './views.ts';

/** The columns by which payments are sorted. */
export const PAYMENT_SORTS = ['at', 'amount'] as const;

/** The filters of payments. The range includes its beginning and excludes its end; amounts include both bounds. */
export interface PaymentFilter {
  readonly customer?: string;
  readonly account?: string;
  readonly contract?: string;
  readonly currency?: string;
  readonly reference?: string;
  readonly from?: string;
  readonly before?: string;
  readonly amountMin?: bigint;
  readonly amountMax?: bigint;
  readonly sort?: (typeof PAYMENT_SORTS)[number];
  readonly ascending?: boolean;
}

const AT = {
  sort: 'at',
  order: { effective_at: 'timestamptz' },
  range: '(:from is null or x.effective_at >= :from) and (:before is null or x.effective_at < :before)',
} as const;
const payments = (where: string): Pick<Way, 'sources'> => ({ sources: [{ table: 'payments', where }] });

const list = sortedList('payments', {
  table: 'payments',
  view: PAYMENT_VIEW,
  id: 'p.id',
  row: paymentView,
  params: {
    accounts: 'text[]?',
    contract: 'text?',
    currency: 'text?',
    reference: 'text?',
    from: 'timestamptz?',
    before: 'timestamptz?',
    amountMin: 'bigint?',
    amountMax: 'bigint?',
  },
  conditions: `(:accounts is null or d.account_id = any(:accounts)) and (:currency is null or d.currency = :currency)
    and (:reference is null or d.reference = :reference)
    and (:contract is null
      or :contract = (select t.contract_id from attempts t where t.merchant_id = d.merchant_id and t.id = d.attempt_id)
      or (select true from credits c
        join allocations a on a.merchant_id = c.merchant_id and a.credit_id = c.id
        join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
        where c.merchant_id = d.merchant_id and c.payment_id = d.id and (r.contract_id = :contract or (select true from document_contracts k
          where k.merchant_id = r.merchant_id and k.document_id = r.document_id and k.contract_id = :contract))
        limit 1))
    and (:from is null or d.effective_at >= :from) and (:before is null or d.effective_at < :before)
    and (:amountMin is null or d.amount_minor >= :amountMin) and (:amountMax is null or d.amount_minor <= :amountMax)`,
  ways: {
    time: { ...AT, ...payments(`e.value = ''`) },
    account: { ...AT, ...payments('x.account_id = e.value') },
    // The payments of its accounts. Whether they are the contract's, needs several rows for each.
    contract: { ...AT, ...payments('x.account_id = e.value'), mostScanned: 800 },
    currency: { ...AT, ...payments('x.currency = e.value') },
    reference: { ...AT, ...payments('x.reference = e.value') },
    exactAmount: {
      ...AT,
      ...payments(
        `x.currency = split_part(e.value, ' ', 1) and x.amount_minor = split_part(e.value, ' ', 2)::bigint`,
      ),
    },
    amount: {
      sort: 'amount',
      order: { amount_minor: 'bigint', effective_at: 'timestamptz' },
      ...payments('x.currency = e.value'),
      range: `(:amountMin is null or x.amount_minor >= :amountMin) and (:amountMax is null or x.amount_minor <= :amountMax)`,
    },
  },
});
type PaymentWay = Parameters<typeof list.page>[3]['way'];

/** @throws DomainError invalid_request for a sort by amount without a currency */
function choose(filter: PaymentFilter, accounts: readonly string[] | null): Chosen<PaymentWay> {
  const { reference, currency, amountMin, amountMax, ascending = false } = filter;
  const sort = filter.sort ?? (amountMin === amountMax ? 'at' : 'amount');
  if (sort === 'amount') {
    if (currency !== undefined) return { way: 'amount', each: [currency], ascending };
    throw new DomainError('invalid_request', 'amounts can be sorted only in one currency', {
      field: 'currency',
    });
  }
  if (filter.contract !== undefined) return { way: 'contract', each: accounts ?? [], ascending };
  if (reference !== undefined) return { way: 'reference', each: [reference], ascending };
  if (accounts !== null) return { way: 'account', each: accounts, ascending };
  if (amountMin !== undefined && amountMin === amountMax) {
    return { way: 'exactAmount', each: [`${currency ?? ''} ${amountMin}`], ascending };
  }
  if (currency !== undefined) return { way: 'currency', each: [currency], ascending };
  return { way: 'time', each: [''], ascending };
}

/** The present account of a contract, and those of its newest documents, because it may have moved. */
const selectAccounts = statement('accountsOfContract', {
  sql: `
    select account_id as id from contracts where merchant_id = :merchant and id = :contract
    union
    select account_id from (
      select account_id from documents where merchant_id = :merchant and contract_id = :contract
      order by effective_at desc limit 1000) own
    union
    select d.account_id
    from (select document_id from document_contracts where merchant_id = :merchant and contract_id = :contract
      order by effective_at desc limit 1000) k
    join documents d on d.merchant_id = :merchant and d.id = k.document_id`,
  params: { merchant: 'text', contract: 'text' },
  row: { id: text },
});

/** The accounts whose payments a filter may find; null for all. */
async function accountsOfFilter(
  db: Db,
  merchant: MerchantId,
  filter: PaymentFilter,
): Promise<readonly string[] | null> {
  const accounts = await accountsOf(db, merchant, filter);
  if (filter.contract === undefined) return accounts;
  const found = await selectAccounts.rows(db, { merchant, contract: filter.contract });
  return found.map(({ id }) => id).filter((id) => accounts === null || accounts.includes(id));
}

/**
 * Lists payments, newest first. A range of amounts is sorted by amount, unless the filter has a sort.
 * @throws DomainError invalid_request for a sort by amount without a currency
 */
export async function listPayments(
  pool: Pool,
  merchant: MerchantId,
  filter: PaymentFilter,
  page: PageOf,
): Promise<Page<PaymentView>> {
  const accounts = await accountsOfFilter(pool, merchant, filter);
  const { contract = null } = filter;
  const { currency = null, reference = null, from = null, before = null } = filter;
  const { amountMin = null, amountMax = null } = filter;
  const values = { accounts, contract, currency, reference, from, before, amountMin, amountMax };
  return list.page(pool, merchant, values, choose(filter, accounts), page);
}
