import { z } from 'zod';
import { mapPage } from '../../db/platform/page.ts';
import {
  type PaymentMethodRow,
  createPaymentMethod,
  getPaymentMethod,
  listPaymentMethods,
  removePaymentMethod,
} from '../../db/payments/methods.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { checkPaymentMethod } from '../../engine/payments/methods.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { newPaymentMethodOf, paymentMethodOut } from '../schemas/accounts.ts';
import { idParams, page, pageQuery, reference } from '../schemas/common.ts';

const tag = 'Payment methods';

function toWire(row: PaymentMethodRow): z.input<typeof paymentMethodOut> {
  const { id, customer, provider, token, created_at, removed_at } = row;
  return { id, customer, provider, token, created_at, removed_at };
}

export const paymentMethodRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/payment-methods',
      tag,
      summary: 'Add a payment method to a customer',
      description:
        "A payment method is the provider's token for a card or a mandate. Card numbers are never sent to Tenor.",
      scope: 'write',
      effect: 'transaction',
      body: newPaymentMethodOf,
      status: [201],
      response: paymentMethodOut,
      errors: ['provider_not_available', 'invalid_token'],
    },
    async ({ body }, { db, deps, merchant }) => {
      const customer = await resolve(db, merchant, 'customer', body.customer, 'customer');
      await checkPaymentMethod(db, merchant, deps.providers, body);
      const id = await createPaymentMethod(db, merchant, { ...body, customer });
      return toWire(found(await getPaymentMethod(db, merchant, id), 'payment method'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/payment-methods',
      tag,
      summary: 'List payment methods',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, customer: reference.exactOptional() }),
      status: [200],
      response: page(paymentMethodOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const { customer } = await resolveFilter(db, merchant, query, { customer: 'customer' });
      return mapPage(await listPaymentMethods(db, merchant, customer, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/payment-methods/{id}',
      tag,
      summary: 'Read a payment method',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: paymentMethodOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getPaymentMethod(db, merchant, params.id), 'payment method')),
  ),
  route(
    {
      method: 'delete',
      path: '/v1/payment-methods/{id}',
      tag,
      summary: 'Remove a payment method',
      description: 'The payment method is no longer charged. Attempts that are under way continue.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [200],
      response: paymentMethodOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => {
      const id = await resolve(db, merchant, 'paymentMethod', params.id);
      await removePaymentMethod(db, merchant, id);
      return toWire(found(await getPaymentMethod(db, merchant, id), 'payment method'));
    },
  ),
];
