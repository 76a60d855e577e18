import { DomainError } from '../../domain/errors.ts';
import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Page, PageOf } from '../platform/page.ts';
import type { Db, Pool } from '../platform/pool.ts';
import { type Chosen, type Way, inRange, sortedList } from '../platform/sorted-list.ts';
import { statement } from '../platform/statement.ts';
import { CUSTOMER_VIEW, type CustomerRow, customerColumns } from './customers.ts';
import type { Vault } from './vault.ts';

/** The filters of customers. The range includes its beginning and excludes its end. */
export interface CustomerFilter {
  readonly externalId?: string;
  readonly parent?: string;
  readonly clock?: string;
  /** The hashes of words that a customer must have, the rarest first. */
  readonly words?: readonly Buffer[];
  readonly createdFrom?: string;
  readonly createdBefore?: string;
  readonly ascending?: boolean;
}

const CREATED = {
  sort: 'created_at',
  order: { created_at: 'timestamptz' },
  range: inRange('x.created_at', 'created'),
} as const;
const customers = (where: string): Pick<Way, 'sources'> => ({ sources: [{ table: 'customers', where }] });

const list = sortedList('customers', {
  table: 'customers',
  view: CUSTOMER_VIEW,
  id: 'c.id',
  row: customerColumns,
  params: {
    externalId: 'text?',
    parent: 'text?',
    clock: 'text?',
    words: 'bytea[]?',
    createdFrom: 'timestamptz?',
    createdBefore: 'timestamptz?',
  },
  conditions: `(:externalId is null or d.external_id = :externalId) and (:parent is null or d.parent_id = :parent)
    and (:clock is null or d.clock_id = :clock) and ${inRange('d.created_at', 'created')}
    and (:words is null or not exists (select from unnest(:words) as q (hash) where not exists (
      select from vault_words v where v.merchant_id = d.merchant_id and v.hash = q.hash and v.subject_id = d.subject_id)))`,
  ways: {
    time: { ...CREATED, ...customers(`e.value = ''`) },
    externalId: {
      ...CREATED,
      sources: [{ table: 'customers', where: 'x.external_id = e.value', few: true }],
    },
    parent: { ...CREATED, ...customers('x.parent_id = e.value') },
    clock: { ...CREATED, ...customers('x.clock_id = e.value') },
    // In the order of subjects, which is that of the customers.
    word: {
      sort: 'found',
      order: {},
      mostScanned: 800,
      sources: [
        {
          table: 'vault_words',
          where: `x.hash = decode(e.value, 'hex')`,
          id: 'subject_id',
          rowId:
            '(select c.id from customers c where c.merchant_id = :merchant and c.subject_id = w.list_id limit 1)',
        },
      ],
    },
  },
});
type CustomerWay = Parameters<typeof list.page>[3]['way'];

function choose({
  externalId,
  parent,
  clock,
  words,
  ascending = false,
}: CustomerFilter): Chosen<CustomerWay> {
  if (externalId !== undefined) return { way: 'externalId', each: [externalId], ascending };
  const [rarest] = words ?? [];
  if (rarest !== undefined) return { way: 'word', each: [rarest.toString('hex')], ascending };
  if (parent !== undefined) return { way: 'parent', each: [parent], ascending };
  if (clock !== undefined) return { way: 'clock', each: [clock], ascending };
  return { way: 'time', each: [''], ascending };
}

/** Lists customers, newest first. */
export function listCustomers(
  pool: Pool,
  merchant: MerchantId,
  filter: CustomerFilter,
  page: PageOf,
): Promise<Page<CustomerRow>> {
  const { externalId = null, parent = null, clock = null, words = null } = filter;
  const { createdFrom = null, createdBefore = null } = filter;
  const values = { externalId, parent, clock, words, createdFrom, createdBefore };
  return list.page(pool, merchant, values, choose(filter), page);
}

/** The most customers of one mail address. */
const MOST_CUSTOMERS = 100;

const selectOfAddress = statement('customersOfAddress', {
  sql: `
    select c.id
    from vault_words v
    cross join lateral (select c.id from customers c where c.merchant_id = :merchant and c.subject_id = v.subject_id limit 1) c
    where v.merchant_id = :merchant and v.hash = :hash
    limit :limit`,
  params: { merchant: 'text', hash: 'bytea', limit: 'int' },
  row: { id: text },
});

/**
 * The customers who have, or had, a mail address.
 * @throws DomainError search_too_wide for more than 100
 */
export async function customersOfAddress(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  address: string,
): Promise<string[]> {
  const [hash] = await vault.searched(db, merchant, address);
  if (hash === undefined) return [];
  const found = await selectOfAddress.rows(db, { merchant, hash, limit: MOST_CUSTOMERS + 1 });
  if (found.length <= MOST_CUSTOMERS) return found.map(({ id }) => id);
  throw new DomainError('search_too_wide', 'too many customers have this address; name the customer', {
    field: 'address',
  });
}
