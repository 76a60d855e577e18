import { replyWithDecision } from '../commands.ts';
import { checkPaymentMethod } from '../../engine/payments/methods.ts';
import { type Route, Written, route } from '../route.ts';
import { orderOut, orderRequest } from '../schemas/orders.ts';
import { preview } from '../schemas/previews.ts';

const tag = 'Orders';
const orderErrors = [
  'external_id_taken',
  'date_in_the_past',
  'variant_not_published',
  'currency_mismatch',
  'price_mode_mismatch',
  'account_deactivated',
  'foreign_issuer',
  'tree_too_deep',
  'provider_not_available',
  'invalid_token',
  'component_unknown',
  'component_not_allowed',
  'already_booked',
  'too_many_components',
  'too_many_lines',
  'quantity_out_of_bounds',
  'invalid_date',
  'invalid_quantity',
  'invalid_amount',
  'invalid_iban',
  'invalid_bic',
  'invalid_vat_id',
  'invalid_tax_number',
  'invalid_title_pattern',
  'invalid_time_zone',
  'clock_at_root_only',
  'clock_advancing',
  'tax_rate_missing',
] as const;

export const orderRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/orders',
      tag,
      summary: 'Order a contract',
      description:
        'Creates the contract, and the customer, the billing account and the payment method if they are new, in one ' +
        'transaction. Then the contract decides the order. The answer is 201 if the order is applied, and 202 if it is not ' +
        'decided after five seconds.',
      scope: 'write',
      effect: 'engine',
      body: orderRequest,
      status: [201, 202],
      response: orderOut,
      errors: orderErrors,
    },
    async ({ body }, context) => {
      const { deps, merchant, resume, actor, claim } = context;
      const { contractId, commandId, customerId } =
        begunOrder(resume) ?? (await deps.engine.order(merchant, body, { actor, claim }));
      return replyWithDecision(
        context,
        { contractId, commandId },
        { applied: 201, toBody: (command) => ({ contract: contractId, customer: customerId, command }) },
      );
    },
  ),
  route(
    {
      method: 'post',
      path: '/v1/orders/preview',
      tag,
      summary: 'Preview an order',
      description:
        'Computes what the order would bill, with the same code as the order itself. Nothing is stored. ' +
        'Four previews of a merchant are computed at once, and twelve more wait. Others are refused with 429.',
      scope: 'read',
      effect: 'read',
      previews: true,
      body: orderRequest,
      status: [200],
      response: preview,
      errors: [...orderErrors, 'too_many_requests'],
    },
    async ({ body }, { deps, db, merchant }) => {
      const { payment_method: method } = body;
      if (typeof method === 'object')
        await checkPaymentMethod(db, merchant, deps.providers, method, 'payment_method');
      return new Written(await deps.calculator.previewOrder(merchant, body));
    },
  ),
];

/** The ids that an earlier request with the same Idempotency-Key has stored, before its process died. */
function begunOrder(
  resume: Readonly<Record<string, string>> | null,
): { contractId: string; commandId: string; customerId: string } | null {
  const { contractId, commandId, customerId } = resume ?? {};
  if (contractId === undefined || commandId === undefined || customerId === undefined) return null;
  return { contractId, commandId, customerId };
}
