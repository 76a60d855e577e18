import { z } from 'zod';
import { type CustomerRow, getCustomer, lockCustomerRow } from '../../db/parties/customers.ts';
import { listCustomers } from '../../db/parties/list-customers.ts';
import { createCustomer } from '../../engine/parties/customers.ts';
import { moveCustomer } from '../../engine/catalogue/tax-rates.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import { mapPageInTurn } from '../../db/platform/page.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { rarestFirst } from '../../db/parties/search-words.ts';
import { DomainError } from '../../domain/errors.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import { addressBookOf } from '../../engine/parties/mail-data.ts';
import { refuseChanged } from '../etag.ts';
import { resolveFilter } from '../filters.ts';
import { SEARCHES_ON, camelCased, rangeQuery, refuseInverted, sortBy, sortOf } from '../lists.ts';
import { printedParty, withoutPersonal } from '../parties.ts';
import { type Route, route } from '../route.ts';
import { externalId, id, idParams, page, pageQuery, reference, text } from '../schemas/common.ts';
import { mailAddressesOut } from '../schemas/mail-addresses.ts';
import { type Customer, customerOut, customerPatch, newCustomer } from '../schemas/parties.ts';

const tag = 'Customers';

/** The personal fields of a version. Null stands for erased data. */
function personalFields(data: PartyData | null): Pick<Customer, 'party' | 'mail_addresses'> {
  return {
    party: printedParty(data),
    mail_addresses: data === null ? null : mailAddressesOut.parse(addressBookOf(data)),
  };
}

async function toWire(db: Db, vault: Vault, merchant: MerchantId, row: CustomerRow): Promise<Customer> {
  const data = await vault.open(db, merchant, { subjectId: row.subject_id, version: row.version });
  return {
    id: row.id,
    external_id: row.external_id,
    parent: row.parent,
    clock: row.clock,
    country: row.country,
    time_zone: row.time_zone,
    language: row.language,
    payment_term_days: row.payment_term_days,
    invoice_title: row.invoice_title,
    version: row.version,
    ...personalFields(data),
    mail_off: [...row.mail_off],
    created_at: row.created_at,
  };
}

async function read(db: Db, vault: Vault, merchant: MerchantId, customerId: string): Promise<Customer> {
  return toWire(db, vault, merchant, found(await getCustomer(db, merchant, customerId), 'customer'));
}

const personal = withoutPersonal<Customer>(
  personalFields,
  async ({ db, merchant }, customerId) => (await getCustomer(db, merchant, customerId))?.subject_id ?? null,
);

const partyErrors = [
  'invalid_iban',
  'invalid_bic',
  'invalid_vat_id',
  'invalid_tax_number',
  'invalid_title_pattern',
  'external_id_taken',
] as const;

/** The most words of a search. */
const MOST_WORDS = 8;

/** @throws DomainError invalid_request for a text without a word, or with too many */
async function wordsOfSearch(db: Db, vault: Vault, merchant: MerchantId, search: string): Promise<Buffer[]> {
  const hashes = await vault.searched(db, merchant, search);
  if (hashes.length === 0 || hashes.length > MOST_WORDS) {
    throw new DomainError('invalid_request', `a search has 1 to ${MOST_WORDS} words`, { field: 'search' });
  }
  return rarestFirst(db, merchant, hashes);
}

export const customerRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/customers',
      tag,
      summary: 'Create a customer',
      description: 'Names, addresses and tax ids are stored only in the vault, encrypted.',
      scope: 'write',
      effect: 'transaction',
      body: newCustomer,
      status: [201],
      response: customerOut,
      errors: [...partyErrors, 'invalid_time_zone', 'clock_at_root_only', 'tree_too_deep'],
      personal,
    },
    async ({ body }, { db, deps, merchant }) => {
      const id = await createCustomer(db, deps.vault, merchant, body);
      return read(db, deps.vault, merchant, id);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/customers',
      tag,
      summary: 'List customers',
      description: SEARCHES_ON,
      scope: 'read',
      effect: 'read',
      query: z.strictObject({
        ...pageQuery,
        external_id: externalId.exactOptional(),
        parent: reference.exactOptional(),
        clock: id.exactOptional(),
        search: text(200).exactOptional().meta({
          description:
            'Customers with these words in their name (whole words, in any order, without case and accents), or with this mail address.',
          example: 'Müller',
        }),
        ...rangeQuery('created'),
        sort: sortBy(['created_at']),
      }),
      status: [200],
      response: page(customerOut),
      errors: ['invalid_date'],
    },
    async ({ query }, { db, deps, merchant }) => {
      refuseInverted(query, ['created_from', 'created_before']);
      const { external_id, created_from, created_before, sort, search, ...filter } = await resolveFilter(
        db,
        merchant,
        query,
        { parent: 'customer', clock: 'clock' },
      );
      const renamed = camelCased({ external_id, created_from, created_before });
      const { ascending = false } = sortOf(sort);
      const words =
        search === undefined ? {} : { words: await wordsOfSearch(db, deps.vault, merchant, search) };
      return mapPageInTurn(
        await listCustomers(db, merchant, { ...filter, ...renamed, ...words, ascending }, query),
        (row) => toWire(db, deps.vault, merchant, row),
      );
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/customers/{id}',
      tag,
      summary: 'Read a customer',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: customerOut,
      etag: (customer) => customer,
      errors: [],
    },
    ({ params }, { db, deps, merchant }) => read(db, deps.vault, merchant, params.id),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/customers/{id}',
      tag,
      summary: 'Revise a customer',
      description:
        '`party` and `mail_addresses` are each replaced as a whole. Documents keep the version that they print. A country is refused if a contract of ' +
        'the customer has no tax rate there. The problem has the ids of these contracts in `contracts`.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      body: customerPatch,
      status: [200],
      response: customerOut,
      etag: (customer) => customer,
      errors: [...partyErrors, 'erased', 'tax_rate_missing'],
      personal,
    },
    async ({ params, body }, { db, deps, merchant, ifMatch }) => {
      await refuseChanged(ifMatch, async () => {
        await lockCustomerRow(db, merchant, params.id);
        return read(db, deps.vault, merchant, params.id);
      });
      await moveCustomer(db, deps.vault, merchant, params.id, body);
      return read(db, deps.vault, merchant, params.id);
    },
  ),
];
