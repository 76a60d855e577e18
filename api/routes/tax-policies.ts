import { z } from 'zod';
import { mapPage } from '../../db/platform/page.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { type TaxPolicyRow, getTaxPolicy, listTaxPolicies } from '../../db/catalogue/tax.ts';
import { addTaxRate, createTaxPolicy, removeTaxRate } from '../../engine/catalogue/tax-rates.ts';
import { type Route, route } from '../route.ts';
import { newTaxPolicy, newTaxRate, taxPolicyOut } from '../schemas/catalogue.ts';
import { date, idParams, page, pageQuery } from '../schemas/common.ts';
import { country } from '../schemas/parties.ts';

const tag = 'Tax policies';

function toWire({ id, external_id, name, rates, created_at }: TaxPolicyRow): z.input<typeof taxPolicyOut> {
  return { id, external_id, name, rates: [...rates], created_at };
}

export const taxPolicyRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/tax-policies',
      tag,
      summary: 'Create a tax policy',
      description:
        'A tax policy has rates by country. Each applies from its first day until the next rate. A line has the rate of its ' +
        'service date.',
      scope: 'admin',
      effect: 'transaction',
      body: newTaxPolicy,
      status: [201],
      response: taxPolicyOut,
      errors: [
        'invalid_tax_rate',
        'invalid_quantity',
        'invalid_date',
        'tax_rate_exists',
        'external_id_taken',
      ],
    },
    async ({ body }, { db, merchant }) => {
      const id = await createTaxPolicy(db, merchant, body);
      return toWire(found(await getTaxPolicy(db, merchant, id), 'tax policy'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/tax-policies',
      tag,
      summary: 'List tax policies',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(taxPolicyOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => mapPage(await listTaxPolicies(db, merchant, query), toWire),
  ),
  route(
    {
      method: 'get',
      path: '/v1/tax-policies/{id}',
      tag,
      summary: 'Read a tax policy',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: taxPolicyOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getTaxPolicy(db, merchant, params.id), 'tax policy')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/tax-policies/{id}/rates',
      tag,
      summary: 'Add a rate',
      description:
        'A rate that is in force never changes. A new rate applies from its first day on. Existing lines keep their rates.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: newTaxRate,
      status: [201],
      response: taxPolicyOut,
      errors: ['invalid_tax_rate', 'invalid_quantity', 'invalid_date', 'tax_rate_exists'],
    },
    async ({ params, body }, { db, merchant }) => {
      const id = await resolve(db, merchant, 'taxPolicy', params.id);
      await addTaxRate(db, merchant, id, body);
      return toWire(found(await getTaxPolicy(db, merchant, id), 'tax policy'));
    },
  ),
  route(
    {
      method: 'delete',
      path: '/v1/tax-policies/{id}/rates/{country}/{valid_from}',
      tag,
      summary: 'Remove a rate',
      description:
        'A mistyped rate can be removed and added again. It can be removed only before its first day, by wall time and on ' +
        'every test clock, and only if no line is billed at it. It cannot be removed if a contract would be without a rate; ' +
        'the problem has the ids of these contracts in `contracts`.',
      scope: 'admin',
      effect: 'transaction',
      params: z.strictObject({ ...idParams.shape, country, valid_from: date }),
      status: [200],
      response: taxPolicyOut,
      errors: ['tax_rate_in_force', 'tax_rate_used', 'tax_rate_missing', 'invalid_date'],
    },
    async ({ params }, { db, merchant }) => {
      const taxPolicyId = await resolve(db, merchant, 'taxPolicy', params.id);
      await removeTaxRate(db, merchant, {
        taxPolicyId,
        country: params.country,
        validFrom: params.valid_from,
      });
      return toWire(found(await getTaxPolicy(db, merchant, taxPolicyId), 'tax policy'));
    },
  ),
];
