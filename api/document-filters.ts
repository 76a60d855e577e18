import { z } from 'zod';
import { DOCUMENT_SORTS, type DocumentFilter } from '../db/books/list-documents.ts';
import type { MerchantId } from '../db/platform/ids.ts';
import { valuesOfSearch } from '../db/books/search.ts';
import type { Vault } from '../db/parties/vault.ts';
import { DomainError } from '../domain/errors.ts';
import type { Db } from '../db/platform/pool.ts';
import { resolveFilter } from './filters.ts';
import { amountQuery, amountsOf, camelCased, refuseInverted, sortBy, sortOf } from './lists.ts';
import { currency, date, id, pageQuery, reference, text } from './schemas/common.ts';
import { documentState } from './schemas/documents.ts';

const documentFilters = {
  search: text(200)
    .exactOptional()
    .meta({
      description:
        'Documents with this number (whole, or its digits), amount, customer name (whole words, in any order, without case and ' +
        'accents) or mail address. They are sorted by `at`.',
      example: 'Müller',
    }),
  customer: reference.exactOptional(),
  account: id.exactOptional(),
  contract: reference.exactOptional(),
  kind: z.enum(['invoice', 'credit_note']).exactOptional(),
  number: text(100).exactOptional(),
  state: documentState.exactOptional(),
  currency: currency.exactOptional(),
  issued_from: date.exactOptional().meta({ description: 'Documents of this day or later.' }),
  issued_before: date.exactOptional().meta({ description: 'Documents of earlier days.' }),
  due_from: date.exactOptional().meta({ description: 'Only invoices that are due on this day or later.' }),
  due_before: date.exactOptional().meta({ description: 'Only invoices that are due earlier.' }),
  ...amountQuery,
  sort: sortBy(
    DOCUMENT_SORTS,
    '`due_date` lists only invoices, and is the default for `due_from` and `due_before`. `amount` is the gross total, and ' +
      'needs `currency`.',
  ),
};
/** The query of a list of documents. */
export const documentQuery = z.strictObject({ ...pageQuery, ...documentFilters });

/** Reads the filters of a query. @throws DomainError not_found, invalid_amount, invalid_request */
export async function documentFilterOf(
  db: Db,
  vault: Vault,
  merchant: MerchantId,
  query: z.output<typeof documentQuery>,
): Promise<DocumentFilter> {
  refuseInverted(query, ['issued_from', 'issued_before'], ['due_from', 'due_before']);
  const kinds = { customer: 'customer', account: 'account', contract: 'contract' } as const;
  const { issued_from, issued_before, due_from, due_before, sort, search, ...found } = await resolveFilter(
    db,
    merchant,
    query,
    kinds,
  );
  if (search !== undefined && sort !== undefined && !sort.endsWith('at')) {
    throw new DomainError('invalid_request', 'a search is sorted by `at`', { field: 'sort' });
  }
  return {
    ...found,
    ...camelCased({ issued_from, issued_before, due_from, due_before }),
    ...(search === undefined ? {} : { search: await valuesOfSearch(db, vault, merchant, search) }),
    ...amountsOf(query),
    ...sortOf(sort),
  };
}
