import { z } from 'zod';
import type { MerchantId } from '../../db/platform/ids.ts';
import { mapPage } from '../../db/platform/page.ts';
import type { Db } from '../../db/platform/pool.ts';
import {
  type AttemptView,
  type PaymentView,
  getAttempt,
  getPayment,
  listAttempts,
} from '../../db/payments/views.ts';
import { PAYMENT_SORTS, type PaymentFilter, listPayments } from '../../db/payments/list-payments.ts';
import { found } from '../../db/platform/refs.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { printReceipt } from '../../documents/print.ts';
import { loadPrintedReceipt } from '../../engine/books/payment-receipts.ts';
import { resolveFilter } from '../filters.ts';
import { SEARCHES_ON, amountQuery, amountsOf, refuseInverted, sortBy, sortOf } from '../lists.ts';
import { pdfRoute, textRoute } from '../print.ts';
import { type Route, route } from '../route.ts';
import { attemptOut, paymentOut } from '../schemas/accounts.ts';
import { currency, id, idParams, instant, page, pageQuery, reference, text } from '../schemas/common.ts';

const tag = 'Payments';

/** Converts a payment to JSON. */
export function paymentToWire(row: PaymentView): z.input<typeof paymentOut> {
  return {
    id: row.id,
    account: row.account,
    attempt: row.attempt,
    provider: row.provider,
    reference: row.reference,
    currency: row.currency,
    amount: formatMinor(row.amount_minor, row.currency),
    left: formatMinor(row.left_minor, row.currency),
    allocations: row.allocations.map(({ invoice, amount_minor, at }) => ({
      invoice,
      amount: formatMinor(BigInt(amount_minor), row.currency),
      at,
    })),
    at: row.effective_at,
  };
}

function attemptToWire(row: AttemptView): z.input<typeof attemptOut> {
  return {
    id: row.id,
    account: row.account,
    contract: row.contract,
    invoice: row.invoice,
    collection: row.collection,
    payment_method: row.payment_method,
    provider: row.provider,
    n: row.n,
    currency: row.currency,
    amount: formatMinor(row.amount_minor, row.currency),
    state: row.state,
    reason: row.reason,
    action_url: row.action_url,
    at: row.effective_at,
    decided_at: row.decided_at,
  };
}

const paymentQuery = z.strictObject({
  ...pageQuery,
  customer: reference.exactOptional(),
  account: id.exactOptional(),
  contract: reference.exactOptional().meta({
    description: 'Payments that were charged for the contract, or that paid its invoices.',
  }),
  currency: currency.exactOptional(),
  reference: text(200).exactOptional().meta({ description: 'The whole reference of the payment.' }),
  from: instant.exactOptional().meta({ description: 'Payments that count from this instant on.' }),
  before: instant.exactOptional().meta({ description: 'Payments that count before this instant.' }),
  ...amountQuery,
  sort: sortBy(PAYMENT_SORTS, '`amount` needs `currency`.'),
});

async function paymentFilterOf(
  db: Db,
  merchant: MerchantId,
  query: z.output<typeof paymentQuery>,
): Promise<PaymentFilter> {
  refuseInverted(query, ['from', 'before']);
  const kinds = { customer: 'customer', account: 'account', contract: 'contract' } as const;
  const { sort, ...filter } = await resolveFilter(db, merchant, query, kinds);
  return { ...filter, ...amountsOf(query), ...sortOf(sort) };
}

export const paymentRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/payments',
      tag,
      summary: 'List payments',
      description: SEARCHES_ON,
      scope: 'read',
      effect: 'read',
      query: paymentQuery,
      status: [200],
      response: page(paymentOut),
      errors: ['invalid_date', 'invalid_amount', 'unknown_currency'],
    },
    async ({ query }, { db, merchant }) =>
      mapPage(
        await listPayments(db, merchant, await paymentFilterOf(db, merchant, query), query),
        paymentToWire,
      ),
  ),
  route(
    {
      method: 'get',
      path: '/v1/payments/{id}',
      tag,
      summary: 'Read a payment with its allocations',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: paymentOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      paymentToWire(found(await getPayment(db, merchant, params.id), 'payment')),
  ),
  textRoute({
    path: '/v1/payments/{id}/print',
    tag,
    of: 'the receipt of a payment',
    description: 'The invoices that the payment paid at once, 92 characters wide.',
    load: loadPrintedReceipt,
    print: printReceipt,
  }),
  pdfRoute({ path: '/v1/payments/{id}/pdf', tag, kind: 'receipt', of: 'the receipt of a payment' }),
  route(
    {
      method: 'get',
      path: '/v1/attempts',
      tag,
      summary: 'List payment attempts',
      description: 'Newest first.',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, account: id.exactOptional(), invoice: id.exactOptional() }),
      status: [200],
      response: page(attemptOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const filter = await resolveFilter(db, merchant, query, { account: 'account', invoice: 'document' });
      return mapPage(await listAttempts(db, merchant, filter, query), attemptToWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/attempts/{id}',
      tag,
      summary: 'Read a payment attempt',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: attemptOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      attemptToWire(found(await getAttempt(db, merchant, params.id), 'attempt')),
  ),
];
