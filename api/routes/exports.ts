import { csvRoute } from '../csv.ts';
import type { Route } from '../route.ts';

/** The lists that are also answered as CSV, with their columns. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  '/v1/invoices': [
    'number',
    'kind',
    'title',
    'issue_date',
    'due_date',
    'service_from',
    'service_to',
    'currency',
    'net',
    'tax',
    'gross',
    'open',
    'state',
    'paid_at',
    'customer',
    'account',
    'contract',
    'issuer',
    'id',
    'at',
  ],
  '/v1/payments': ['at', 'provider', 'reference', 'currency', 'amount', 'left', 'account', 'attempt', 'id'],
  '/v1/billing-accounts/{id}/entries': [
    'date',
    'text',
    'reference',
    'amount',
    'balance',
    'invoice',
    'at',
    'id',
  ],
  '/v1/contracts': [
    'id',
    'external_id',
    'customer',
    'account',
    'plan_group',
    'variant.id',
    'variant.name',
    'phase',
    'currency',
    'start',
    'trial_ends_at',
    'next_due_at',
    'ended_at',
    'balance',
    'payment_method',
    'created_at',
  ],
  '/v1/customers': [
    'id',
    'external_id',
    'party.name',
    'party.contact',
    'party.email',
    'party.phone',
    'party.address.line1',
    'party.address.line2',
    'party.address.postal_code',
    'party.address.city',
    'party.vat_id',
    'country',
    'language',
    'time_zone',
    'payment_term_days',
    'parent',
    'created_at',
  ],
  '/v1/incidents': [
    'id',
    'state',
    'step',
    'contract',
    'receivable',
    'clock',
    'code',
    'reason',
    'opened_at',
    'closed_at',
  ],
};

/** The routes that answer lists as CSV. */
export function exportRoutes(routes: readonly Route[]): Route[] {
  return routes.flatMap((each) => {
    const columns = each.spec.method === 'get' ? EXPORTS[each.spec.path] : undefined;
    return columns === undefined ? [] : [csvRoute(each, columns)];
  });
}
