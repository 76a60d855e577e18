import type { MailPurpose, MailState } from '../../domain/mails/purposes.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Page, PageOf } from '../platform/page.ts';
import type { Pool } from '../platform/pool.ts';
import { type Chosen, type Way, inRange, sortedList } from '../platform/sorted-list.ts';
import { MAIL, type MailRow, mailRow } from './mails.ts';

/** The filters of mails. A range includes its beginning and excludes its end. */
export interface MailFilter {
  readonly customer?: string;
  /** The customers of a mail address. */
  readonly customers?: readonly string[];
  readonly document?: string;
  readonly state?: MailState;
  readonly purpose?: MailPurpose;
  readonly createdFrom?: string;
  readonly createdBefore?: string;
  readonly ascending?: boolean;
}

const way = (where: string): Way => ({
  sort: 'created_at',
  order: { created_at: 'timestamptz' },
  sources: [{ table: 'mails', where }],
  range: inRange('x.created_at', 'created'),
});

const list = sortedList('mails', {
  table: 'mails',
  view: MAIL,
  id: 'm.id',
  row: mailRow,
  params: {
    customer: 'text?',
    customers: 'text[]?',
    document: 'text?',
    state: 'text?',
    purpose: 'text?',
    createdFrom: 'timestamptz?',
    createdBefore: 'timestamptz?',
  },
  conditions: `(:customer is null or d.customer_id = :customer)
    and (:customers is null or d.customer_id = any(:customers)) and (:document is null or d.document_id = :document)
    and (:state is null or d.state = :state) and (:purpose is null or d.purpose = :purpose)`,
  ways: {
    all: way('true'),
    customer: way('x.customer_id = e.value'),
    document: way('x.document_id = e.value'),
    state: way('x.state = e.value'),
    purpose: way('x.purpose = e.value'),
  },
});
type MailWay = Parameters<typeof list.page>[3]['way'];

/** Chooses the way that has the rows of the narrowest filter. */
function choose({
  customer,
  customers,
  document,
  state,
  purpose,
  ascending = false,
}: MailFilter): Chosen<MailWay> {
  if (document !== undefined) return { way: 'document', each: [document], ascending };
  if (customer !== undefined) return { way: 'customer', each: [customer], ascending };
  if (customers !== undefined) return { way: 'customer', each: customers, ascending };
  // Most mails are sent.
  if (state !== undefined && (state !== 'sent' || purpose === undefined)) {
    return { way: 'state', each: [state], ascending };
  }
  if (purpose !== undefined) return { way: 'purpose', each: [purpose], ascending };
  return { way: 'all', each: [''], ascending };
}

/** Lists mails, newest first. */
export function listMails(
  pool: Pool,
  merchant: MerchantId,
  filter: MailFilter,
  page: PageOf,
): Promise<Page<MailRow>> {
  const { customer = null, customers = null, document = null, state = null, purpose = null } = filter;
  const { createdFrom = null, createdBefore = null } = filter;
  const values = { customer, customers, document, state, purpose, createdFrom, createdBefore };
  return list.page(pool, merchant, values, choose(filter), page);
}
