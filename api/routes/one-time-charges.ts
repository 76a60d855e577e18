import { z } from 'zod';
import { type OneTimeView, getOneTime, listOneTime } from '../../db/books/one-time.ts';
import { withdrawOneTime } from '../../engine/books/waiting-charges.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { oneTimeMinor } from '../../domain/books/one-time.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { id, idParams, page, pageQuery, reference } from '../schemas/common.ts';
import { newOneTime, oneTimeOut, oneTimeState } from '../schemas/one-time-charges.ts';

const tag = 'One-time charges';

function toWire(row: OneTimeView): z.input<typeof oneTimeOut> {
  const { unit_price, quantity, currency } = row;
  const minor = oneTimeMinor({ quantity, unitPrice: unit_price }, currency);
  return {
    id: row.id,
    kind: row.kind,
    customer: row.customer,
    account: row.account,
    contract: row.contract,
    application: row.application,
    text: row.text,
    reference: row.reference,
    service_date: row.service_date,
    quantity,
    unit_price,
    amount: formatMinor(minor, currency),
    currency,
    price_mode: row.price_mode,
    tax_policy: row.tax_policy,
    state: row.state,
    invoice: row.invoice,
    created_at: row.created_at,
  };
}

export const oneTimeRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/one-time-charges',
      tag,
      summary: 'Create a one-time charge or credit',
      description:
        'The charge is billed at once on a document of its own, or with the next invoice. A price below zero makes a credit.',
      scope: 'write',
      effect: 'engine',
      body: newOneTime,
      status: [201],
      response: oneTimeOut,
      errors: [
        'contract_ended',
        'currency_mismatch',
        'foreign_issuer',
        'price_mode_mismatch',
        'account_deactivated',
        'no_next_invoice',
        'too_many_waiting',
        'invalid_amount',
        'invalid_date',
        'invalid_quantity',
        'invalid_price',
        'unknown_currency',
        'tax_rate_missing',
        'clock_advancing',
      ],
    },
    async ({ body }, { deps, merchant, db, actor, claim, resume }) => {
      const oneTimeId =
        resume?.['oneTimeId'] ??
        (await deps.engine.createOneTimeCharge(merchant, body, { actor, claim })).oneTimeId;
      return toWire(found(await getOneTime(db, merchant, oneTimeId), 'one-time charge'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/one-time-charges',
      tag,
      summary: 'List one-time charges',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({
        ...pageQuery,
        customer: reference.exactOptional(),
        account: id.exactOptional(),
        contract: reference.exactOptional(),
        state: oneTimeState.exactOptional(),
      }),
      status: [200],
      response: page(oneTimeOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const kinds = { customer: 'customer', account: 'account', contract: 'contract' } as const;
      return mapPage(
        await listOneTime(db, merchant, await resolveFilter(db, merchant, query, kinds), query),
        toWire,
      );
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/one-time-charges/{id}',
      tag,
      summary: 'Read a one-time charge',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: oneTimeOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getOneTime(db, merchant, params.id), 'one-time charge')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/one-time-charges/{id}/withdraw',
      tag,
      summary: 'Withdraw a one-time charge that waits',
      description:
        'A charge can be withdrawn until it is billed. The set-up fee of a contract in its trial can be withdrawn, too.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [200],
      response: oneTimeOut,
      errors: ['already_billed', 'clock_advancing'],
    },
    async ({ params }, { db, merchant }) => {
      await withdrawOneTime(db, merchant, params.id);
      return toWire(found(await getOneTime(db, merchant, params.id), 'one-time charge'));
    },
  ),
];
