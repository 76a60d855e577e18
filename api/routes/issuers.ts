import { z } from 'zod';
import type { MerchantId } from '../../db/platform/ids.ts';
import { type IssuerRow, getIssuer, listIssuers, lockIssuer } from '../../db/parties/issuers.ts';
import { createIssuer, reviseIssuer } from '../../engine/parties/issuers.ts';
import { readIssuerLogo } from '../../engine/parties/logos.ts';
import { mapPageInTurn } from '../../db/platform/page.ts';
import type { Db } from '../../db/platform/pool.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import type { PartyData, Vault } from '../../db/parties/vault.ts';
import { senderOf } from '../../engine/parties/mail-data.ts';
import { printedParty, withoutPersonal } from '../parties.ts';
import { refuseChanged } from '../etag.ts';
import { FileAnswer, type Route, route } from '../route.ts';
import { issuerOut, issuerPatch, logoOut, newIssuer } from '../schemas/catalogue.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

type Issuer = z.output<typeof issuerOut>;

/** The personal fields of a version. Null stands for erased data. */
function personalFields(data: PartyData | null): Pick<Issuer, 'party' | 'mail_from' | 'mail_reply_to'> {
  const { from = null, reply_to = null } = data === null ? {} : senderOf(data);
  return { party: printedParty(data), mail_from: from, mail_reply_to: reply_to };
}

async function toWire(db: Db, vault: Vault, merchant: MerchantId, row: IssuerRow): Promise<Issuer> {
  const { id, external_id, customer, country, time_zone, version, series, mail_enabled, created_at } = row;
  const data = await vault.open(db, merchant, { subjectId: row.subject_id, version });
  const personal = personalFields(data);
  const logo = logoOut.nullable().parse(data?.['logo'] ?? null);
  return {
    id,
    external_id,
    customer,
    country,
    time_zone,
    version,
    logo,
    series,
    mail_enabled,
    created_at,
    ...personal,
  };
}

async function read(db: Db, vault: Vault, merchant: MerchantId, id: string): Promise<Issuer> {
  return toWire(db, vault, merchant, found(await getIssuer(db, merchant, id), 'issuer'));
}

const personal = withoutPersonal<Issuer>(
  personalFields,
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
      bodyLimit: '300kb',
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
        'mail_sender_missing',
        'invalid_logo',
      ],
      personal,
    },
    async ({ body: { logo, customer, ...issuer } }, { db, deps, merchant }) => {
      const owner =
        customer === undefined
          ? {}
          : { customer: await resolve(db, merchant, 'customer', customer, 'customer') };
      const picture = logo === undefined ? {} : { logo: Buffer.from(logo, 'base64') };
      const id = await createIssuer(db, deps.vault, merchant, { ...issuer, ...owner, ...picture });
      return read(db, deps.vault, merchant, id);
    },
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
      etag: (issuer) => issuer,
      errors: [],
    },
    ({ params }, { db, deps, merchant }) => read(db, deps.vault, merchant, params.id),
  ),
  route(
    {
      method: 'get',
      path: '/v1/issuers/{id}/logo',
      tag,
      summary: 'Read the picture of the logo',
      description: 'The PNG or JPEG as it was sent. Its `ETag` is its SHA-256.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      produces: 'image/*',
      response: z.string().meta({ format: 'binary' }),
      errors: [],
    },
    async ({ params }, { db, deps, merchant }) => {
      const { mediaType, ...logo } = await readIssuerLogo(db, deps.vault, merchant, params.id);
      return new FileAnswer(mediaType, { ...logo, filename: mediaType.replace('image/', 'logo.') });
    },
  ),
  route(
    {
      method: 'patch',
      path: '/v1/issuers/{id}',
      tag,
      summary: "Change an issuer's names, addresses, logo and mails",
      description:
        'A `party` is replaced as a whole, and printed from the next document on. Existing documents keep the version that they ' +
        'print. With `mail_enabled`, customers of the issuer get mails from `mail_from`.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: issuerPatch,
      bodyLimit: '300kb',
      status: [200],
      response: issuerOut,
      etag: (issuer) => issuer,
      errors: [
        'invalid_iban',
        'invalid_bic',
        'invalid_vat_id',
        'invalid_tax_number',
        'invalid_logo',
        'mail_sender_missing',
      ],
      personal,
    },
    async ({ params, body: { logo, ...body } }, { db, deps, merchant, ifMatch }) => {
      await refuseChanged(ifMatch, async () => {
        await lockIssuer(db, merchant, params.id);
        return read(db, deps.vault, merchant, params.id);
      });
      const picture = logo === undefined ? {} : { logo: logo === null ? null : Buffer.from(logo, 'base64') };
      await reviseIssuer(db, deps.vault, merchant, params.id, { ...body, ...picture });
      return read(db, deps.vault, merchant, params.id);
    },
  ),
];
