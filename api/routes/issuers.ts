import { z } from 'zod';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type IssuerRow, getIssuer, listIssuers } from '../../db/parties/issuers.ts';
import { createIssuer, reviseIssuer } from '../../engine/parties/issuers.ts';
import { mapPageInTurn } from '../../db/platform/page.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import type { Vault } from '../../db/parties/vault.ts';
import { partyOf, withoutParty } from '../parties.ts';
import { type Route, route } from '../route.ts';
import { issuerOut, issuerPatch, newIssuer } from '../schemas/catalogue.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

type Issuer = z.output<typeof issuerOut>;

async function toWire(db: Db, vault: Vault, merchant: MerchantId, row: IssuerRow): Promise<Issuer> {
  const party = await partyOf(db, vault, merchant, { subjectId: row.subject_id, version: row.version });
  const { id, external_id, country, time_zone, version, series, created_at } = row;
  return { id, external_id, country, time_zone, version, party, series, created_at };
}

async function read(db: Db, vault: Vault, merchant: MerchantId, id: string): Promise<Issuer> {
  return toWire(db, vault, merchant, found(await getIssuer(db, merchant, id), 'issuer'));
}

const personal = withoutParty<Issuer>(
  async ({ db, merchant }, id) => (await getIssuer(db, merchant, id))?.subject_id ?? null,
);

const tag = 'Issuers';

export const issuerRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/issuers',
      tag,
      summary: 'Create an issuer',
      description:
        'An issuer is a legal entity with two number series, for invoices and for credit notes. Numbers are gapless in each ' +
        'series.',
      scope: 'admin',
      effect: 'transaction',
      body: newIssuer,
      status: [201],
      response: issuerOut,
      errors: [
        'invalid_number_pattern',
        'series_not_distinct',
        'external_id_taken',
        'invalid_iban',
        'invalid_bic',
        'invalid_vat_id',
        'invalid_tax_number',
        'invalid_time_zone',
      ],
      personal,
    },
    async ({ body }, { db, deps, merchant }) =>
      read(db, deps.vault, merchant, await createIssuer(db, deps.vault, merchant, body)),
  ),
  route(
    {
      method: 'get',
      path: '/v1/issuers',
      tag,
      summary: 'List issuers',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(issuerOut),
      errors: [],
    },
    async ({ query }, { db, deps, merchant }) =>
      mapPageInTurn(await listIssuers(db, merchant, query), (row) => toWire(db, deps.vault, merchant, row)),
  ),
  route(
    {
      method: 'get',
      path: '/v1/issuers/{id}',
      tag,
      summary: 'Read an issuer',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: issuerOut,
      errors: [],
    },
    ({ params }, { db, deps, merchant }) => read(db, deps.vault, merchant, params.id),
  ),
  route(
    {
      method: 'patch',
      path: '/v1/issuers/{id}',
      tag,
      summary: "Replace an issuer's names and addresses",
      description:
        'The new data is printed from the next document on. Existing documents keep the version that they print.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: issuerPatch,
      status: [200],
      response: issuerOut,
      errors: ['invalid_iban', 'invalid_bic', 'invalid_vat_id', 'invalid_tax_number'],
      personal,
    },
    async ({ params, body }, { db, deps, merchant }) => {
      await reviseIssuer(db, deps.vault, merchant, params.id, body.party);
      return read(db, deps.vault, merchant, params.id);
    },
  ),
];
