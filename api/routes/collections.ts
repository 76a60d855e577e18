import { z } from 'zod';
import { getAccount } from '../../db/books/accounts.ts';
import { type CollectionView, getCollection, listCollections } from '../../db/payments/collection-terms.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { requestCollection } from '../../engine/payments/account-collections.ts';
import { type Route, route } from '../route.ts';
import { collectionOut } from '../schemas/accounts.ts';
import { idParams, page, pageQuery } from '../schemas/common.ts';

const tag = 'Billing accounts';

function toWire(row: CollectionView): z.input<typeof collectionOut> {
  const amountOf = (minor: bigint): string => formatMinor(minor, row.currency);
  return {
    id: row.id,
    account: row.account,
    cause: row.cause,
    state: row.state,
    currency: row.currency,
    amount: row.amount_minor === null ? null : amountOf(row.amount_minor),
    threshold: row.threshold_minor === null ? null : amountOf(row.threshold_minor),
    collected: amountOf(row.collected_minor),
    notice_at: row.notice_at,
    noticed_at: row.noticed_at,
    due_at: row.due_at,
    dunning_level: row.dunning_level,
    invoices: row.receivables.map(({ invoice, number, amountMinor, openMinor }) => ({
      invoice,
      number,
      amount: amountOf(amountMinor),
      open: amountOf(openMinor),
    })),
    attempts: [...row.attempts],
    asked_at: row.asked_at,
    ended_at: row.ended_at,
  };
}

export const collectionRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/billing-accounts/{id}/collections',
      tag,
      summary: 'Collect the balance of a billing account',
      description:
        'Collects everything that is open in one payment, at once, or after the notice of the account, if it is more than the ' +
        'threshold. Invoices that wait after a decline or a chargeback are tried again. Read the collection until it has ended. ' +
        'While one that was asked for is under way, the answer is that one.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [202],
      response: collectionOut,
      errors: ['not_collected_by_balance', 'account_deactivated', 'clock_advancing'],
    },
    async ({ params }, { db, merchant }) => {
      const id = await requestCollection(db, merchant, params.id);
      return toWire(found(await getCollection(db, merchant, id), 'collection'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/billing-accounts/{id}/collections',
      tag,
      summary: 'List the collections of a billing account',
      description: 'Collections by balance, with their states, amounts and invoices.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(collectionOut),
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const { id } = found(await getAccount(db, merchant, params.id), 'billing account');
      return mapPage(await listCollections(db, merchant, id, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/collections/{id}',
      tag,
      summary: 'Read a collection of a billing account',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: collectionOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getCollection(db, merchant, params.id), 'collection')),
  ),
];
