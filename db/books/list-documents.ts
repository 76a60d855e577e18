import { type LocalDate, startOfDay } from '../../domain/arithmetic/calendar.ts';
import { DomainError } from '../../domain/errors.ts';
import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Page, PageOf } from '../platform/page.ts';
import type { Db, Pool } from '../platform/pool.ts';
import { type Chosen, type Way, inRange, sortedList } from '../platform/sorted-list.ts';
import { statement } from '../platform/statement.ts';
import { accountsOf } from './accounts.ts';
import { DOCUMENT_VIEW, type DocumentView, documentView } from './documents.ts';

/** The columns by which documents are sorted. */
export const DOCUMENT_SORTS = ['at', 'due_date', 'amount'] as const;
type DocumentSort = (typeof DOCUMENT_SORTS)[number];

/** The filters of documents. Ranges include their beginning and exclude their end; amounts include both. */
export interface DocumentFilter {
  readonly customer?: string;
  readonly account?: string;
  readonly contract?: string;
  readonly kind?: 'invoice' | 'credit_note';
  readonly number?: string;
  readonly state?: 'open' | 'paid' | 'used';
  readonly currency?: string;
  readonly issuedFrom?: LocalDate;
  readonly issuedBefore?: LocalDate;
  /** Invoices alone are due. */
  readonly dueFrom?: LocalDate;
  readonly dueBefore?: LocalDate;
  /** The gross total, in the currency of the filter. */
  readonly amountMin?: bigint;
  readonly amountMax?: bigint;
  /** The values of a search (`valuesOfSearch`). */
  readonly search?: readonly string[];
  readonly sort?: DocumentSort;
  readonly ascending?: boolean;
}

const AT = {
  sort: 'at',
  order: { effective_at: 'timestamptz' },
  range: inRange('x.effective_at', 'at'),
} as const;

const documents = (where: string): Pick<Way, 'sources'> => ({ sources: [{ table: 'documents', where }] });
const receivables = {
  table: 'receivables',
  where: 'x.document_id is not null and (x.open_minor > 0) = e.value::boolean',
  id: 'document_id',
} as const;
const credits = {
  table: 'credits',
  where: 'x.document_id is not null and (x.left_minor > 0) = e.value::boolean',
  id: 'document_id',
} as const;

/** A collective document has lines of several contracts. */
const OF_CONTRACT = `(:contract is null or d.contract_id = :contract or (select true from document_contracts k
  where k.merchant_id = d.merchant_id and k.document_id = d.id and k.contract_id = :contract))`;

const list = sortedList('documents', {
  table: 'documents',
  view: DOCUMENT_VIEW,
  id: 'd.id',
  row: documentView,
  params: {
    accounts: 'text[]?',
    contract: 'text?',
    kind: 'text?',
    number: 'text?',
    state: 'text?',
    currency: 'text?',
    issuedFrom: 'date?',
    issuedBefore: 'date?',
    atFrom: 'timestamptz?',
    atBefore: 'timestamptz?',
    dueFrom: 'date?',
    dueBefore: 'date?',
    amountMin: 'bigint?',
    amountMax: 'bigint?',
  },
  conditions: `(:accounts is null or d.account_id = any(:accounts)) and ${OF_CONTRACT}
    and (:kind is null or d.kind = :kind) and (:number is null or d.number = :number)
    and (:currency is null or d.currency = :currency)
    and ${inRange('d.effective_at', 'at')}
    and ${inRange('d.issue_date', 'issued')}
    and (:dueFrom is null or d.kind = 'invoice' and d.due_date >= :dueFrom)
    and (:dueBefore is null or d.kind = 'invoice' and d.due_date < :dueBefore)
    and (:amountMin is null or d.gross_minor >= :amountMin) and (:amountMax is null or d.gross_minor <= :amountMax)
    and (:state is null or :state = case d.kind
      when 'invoice' then (select case when r.open_minor > 0 then 'open' else 'paid' end from receivables r
        where r.merchant_id = d.merchant_id and r.document_id = d.id)
      else (select case when c.left_minor > 0 then 'open' else 'used' end from credits c
        where c.merchant_id = d.merchant_id and c.document_id = d.id) end)`,
  ways: {
    kind: { ...AT, ...documents('x.kind = e.value') },
    currency: { ...AT, ...documents('x.currency = e.value') },
    number: { ...AT, ...documents('x.number = e.value') },
    account: { ...AT, ...documents('x.account_id = e.value') },
    contract: {
      ...AT,
      sources: [
        { table: 'documents', where: 'x.contract_id = e.value' },
        { table: 'document_contracts', where: 'x.contract_id = e.value', id: 'document_id' },
      ],
    },
    exactAmount: {
      ...AT,
      ...documents(
        `x.currency = split_part(e.value, ' ', 1) and x.gross_minor = split_part(e.value, ' ', 2)::bigint`,
      ),
    },
    search: {
      ...AT,
      sources: [
        { table: 'documents', where: `e.value like 'number %' and x.number = substr(e.value, 8)` },
        {
          table: 'documents',
          where: `e.value like 'digits %' and regexp_replace(x.number, '[^0-9]', '', 'g') = substr(e.value, 8)`,
        },
        {
          table: 'documents',
          where: `e.value like 'amount %' and x.currency = split_part(e.value, ' ', 2)
            and x.gross_minor = (case when e.value like 'amount %' then split_part(e.value, ' ', 3) end)::bigint`,
        },
        { table: 'documents', where: `e.value like 'account %' and x.account_id = substr(e.value, 9)` },
      ],
    },
    open: { ...AT, sources: [receivables, credits] },
    invoiceState: { ...AT, sources: [receivables] },
    creditNoteState: { ...AT, sources: [credits] },
    due: {
      sort: 'due_date',
      order: { due_date: 'date' },
      sources: [receivables],
      range: inRange('x.due_date', 'due'),
    },
    amount: {
      sort: 'amount',
      order: { gross_minor: 'bigint', effective_at: 'timestamptz' },
      ...documents('x.currency = e.value'),
      range: `(:amountMin is null or x.gross_minor >= :amountMin) and (:amountMax is null or x.gross_minor <= :amountMax)`,
    },
  },
});
type DocumentWay = Parameters<typeof list.page>[3]['way'];

/** The order of a list: as asked for, or that of the range by which it is filtered. */
function sortOf(filter: DocumentFilter): DocumentSort {
  if (filter.sort !== undefined) return filter.sort;
  if (filter.dueFrom !== undefined || filter.dueBefore !== undefined) return 'due_date';
  const { amountMin, amountMax } = filter;
  return amountMin !== amountMax ? 'amount' : 'at';
}

/**
 * Chooses the way that has the rows of the narrowest filter in the order of the list.
 * @throws DomainError invalid_request for an amount without its currency
 */
function choose(filter: DocumentFilter, accounts: readonly string[] | null): Chosen<DocumentWay> {
  if (filter.search !== undefined)
    return { way: 'search', each: filter.search, ascending: filter.ascending ?? false };
  const sort = sortOf(filter);
  const { ascending = false, kind, state, currency, amountMin, amountMax } = filter;
  if (sort === 'amount') {
    if (currency !== undefined) return { way: 'amount', each: [currency], ascending };
    throw new DomainError('invalid_request', 'amounts can be sorted only in one currency', {
      field: 'currency',
    });
  }
  if (sort === 'due_date') return { way: 'due', each: paidOrOpen(state), ascending };
  if (filter.number !== undefined) return { way: 'number', each: [filter.number], ascending };
  if (filter.contract !== undefined) return { way: 'contract', each: [filter.contract], ascending };
  if (accounts !== null) return { way: 'account', each: accounts, ascending };
  if (amountMin !== undefined && amountMin === amountMax) {
    return { way: 'exactAmount', each: [`${currency ?? ''} ${amountMin}`], ascending };
  }
  if (state === 'open') return { way: openWay(kind), each: ['true'], ascending };
  if (state !== undefined) {
    return { way: state === 'paid' ? 'invoiceState' : 'creditNoteState', each: ['false'], ascending };
  }
  if (currency !== undefined) return { way: 'currency', each: [currency], ascending };
  return { way: 'kind', each: kind === undefined ? ['invoice', 'credit_note'] : [kind], ascending };
}

const OPEN_WAYS = { invoice: 'invoiceState', credit_note: 'creditNoteState' } as const;
const openWay = (kind: DocumentFilter['kind']): DocumentWay =>
  kind === undefined ? 'open' : OPEN_WAYS[kind];

function paidOrOpen(state: DocumentFilter['state']): string[] {
  if (state === undefined) return ['true', 'false'];
  return state === 'open' ? ['true'] : ['false'];
}

const selectZones = statement('zonesOfIssuers', {
  sql: 'select distinct time_zone from issuers where merchant_id = :merchant',
  params: { merchant: 'text' },
  row: { time_zone: text },
});

/** The instants between which all days of a range of issue dates lie. The day of a document begins in the zone of its issuer. */
async function instantsOf(
  db: Db,
  merchant: MerchantId,
  { issuedFrom, issuedBefore }: DocumentFilter,
): Promise<{ atFrom: string | null; atBefore: string | null }> {
  if (issuedFrom === undefined && issuedBefore === undefined) return { atFrom: null, atBefore: null };
  const zones = (await selectZones.rows(db, { merchant })).map(({ time_zone }) => time_zone);
  const starts = (date: LocalDate | undefined): string[] =>
    date === undefined ? [] : zones.map((zone) => startOfDay(date, zone)).toSorted();
  return { atFrom: starts(issuedFrom).at(0) ?? null, atBefore: starts(issuedBefore).at(-1) ?? null };
}

/**
 * Lists documents, newest first. A range of due dates or amounts is sorted by these, unless the filter has a sort.
 * @throws DomainError invalid_request for a sort by amount without a currency
 */
export async function listDocuments(
  pool: Pool,
  merchant: MerchantId,
  filter: DocumentFilter,
  page: PageOf,
): Promise<Page<DocumentView>> {
  const accounts = await accountsOf(pool, merchant, filter);
  const chosen = choose(filter, accounts);
  const { contract = null, kind = null, number = null, state = null, currency = null } = filter;
  const { issuedFrom = null, issuedBefore = null, dueFrom = null, dueBefore = null } = filter;
  const { amountMin = null, amountMax = null } = filter;
  const instants = await instantsOf(pool, merchant, filter);
  const named = { accounts, contract, kind, number, state, currency };
  const ranges = { issuedFrom, issuedBefore, dueFrom, dueBefore, amountMin, amountMax };
  return list.page(pool, merchant, { ...named, ...ranges, ...instants }, chosen, page);
}
