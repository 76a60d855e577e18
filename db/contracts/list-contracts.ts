import { PREFIX } from '../../temporal/ids.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Page, PageOf } from '../platform/page.ts';
import type { Pool } from '../platform/pool.ts';
import { type Chosen, type Way, inRange, sortedList } from '../platform/sorted-list.ts';
import { CONTRACT_VIEW, type ContractView, contractView } from './views.ts';

/** The columns by which contracts are sorted. */
export const CONTRACT_SORTS = ['created_at', 'next_due_at'] as const;

/** The filters of contracts. Ranges include their beginning and exclude their end. */
export interface ContractFilter {
  readonly customer?: string;
  readonly account?: string;
  readonly phase?: string;
  readonly currency?: string;
  readonly externalId?: string;
  readonly dueBefore?: string;
  readonly createdFrom?: string;
  readonly createdBefore?: string;
  readonly sort?: (typeof CONTRACT_SORTS)[number];
  readonly ascending?: boolean;
}

const CREATED = {
  sort: 'created_at',
  order: { created_at: 'timestamptz' },
  range: inRange('x.created_at', 'created'),
} as const;
const contracts = (where: string): Pick<Way, 'sources'> => ({ sources: [{ table: 'contracts', where }] });

const list = sortedList('contracts', {
  table: 'contracts',
  view: CONTRACT_VIEW,
  id: 'c.id',
  row: contractView,
  params: {
    customer: 'text?',
    account: 'text?',
    phase: 'text?',
    currency: 'text?',
    externalId: 'text?',
    dueBefore: 'timestamptz?',
    createdFrom: 'timestamptz?',
    createdBefore: 'timestamptz?',
  },
  conditions: `(:customer is null or d.customer_id = :customer) and (:account is null or d.account_id = :account)
    and (:phase is null or d.phase = :phase) and (:externalId is null or d.external_id = :externalId)
    and (:currency is null or :currency = (
      select a.currency from billing_accounts a where a.merchant_id = d.merchant_id and a.id = d.account_id))
    and ${inRange('d.created_at', 'created')}
    and (:dueBefore is null or (
      select g.due_at from agenda g where g.workflow_id = '${PREFIX.contract}' || d.id) < :dueBefore)`,
  ways: {
    time: { ...CREATED, ...contracts(`e.value = ''`) },
    customer: { ...CREATED, ...contracts('x.customer_id = e.value') },
    account: { ...CREATED, ...contracts('x.account_id = e.value') },
    phase: { ...CREATED, ...contracts('x.phase = e.value') },
    externalId: {
      ...CREATED,
      sources: [{ table: 'contracts', where: 'x.external_id = e.value', few: true }],
    },
    due: {
      sort: 'next_due_at',
      order: { due_at: 'timestamptz' },
      sources: [
        {
          table: 'agenda',
          where: `x.kind = 'contract' and e.value = ''`,
          id: 'workflow_id',
          rowId: `split_part(w.list_id, '/', 2)`,
        },
      ],
      range: '(:dueBefore is null or x.due_at < :dueBefore)',
    },
  },
});
type ContractWay = Parameters<typeof list.page>[3]['way'];

function choose(filter: ContractFilter): Chosen<ContractWay> {
  const { customer, account, phase, externalId, dueBefore, ascending = false } = filter;
  const sort = filter.sort ?? (dueBefore === undefined ? 'created_at' : 'next_due_at');
  if (sort === 'next_due_at') return { way: 'due', each: [''], ascending };
  if (externalId !== undefined) return { way: 'externalId', each: [externalId], ascending };
  if (account !== undefined) return { way: 'account', each: [account], ascending };
  if (customer !== undefined) return { way: 'customer', each: [customer], ascending };
  if (phase !== undefined) return { way: 'phase', each: [phase], ascending };
  return { way: 'time', each: [''], ascending };
}

/** Lists contracts, newest first. Those that are due before an instant are sorted by it, unless the filter has a sort. */
export function listContracts(
  pool: Pool,
  merchant: MerchantId,
  filter: ContractFilter,
  page: PageOf,
): Promise<Page<ContractView>> {
  const { customer = null, account = null, phase = null, currency = null } = filter;
  const { externalId = null, dueBefore = null } = filter;
  const { createdFrom = null, createdBefore = null } = filter;
  const values = { customer, account, phase, currency, externalId, dueBefore, createdFrom, createdBefore };
  return list.page(pool, merchant, values, choose(filter), page);
}
