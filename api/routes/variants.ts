import { z } from 'zod';
import { mapPage } from '../../db/platform/page.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import {
  type VariantRow,
  type VariantTermsInput,
  getVariant,
  listVariants,
} from '../../db/catalogue/variants.ts';
import { createVariant, publishVariant } from '../../engine/catalogue/publish.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { type NewVariantVersion, newVariant, newVariantVersion, variantOut } from '../schemas/variants.ts';
import { idParams, page, pageQuery, reference } from '../schemas/common.ts';

const tag = 'Catalogue';

function termsOf(body: NewVariantVersion): VariantTermsInput {
  return { ...body, billing_interval: body.billing_interval ?? body.fee_interval };
}

function toWire(row: VariantRow): z.input<typeof variantOut> {
  const { id, external_id, plan, version, created_at } = row;
  const components = version.components.map((each) => ({ ...each }));
  return { id, external_id, plan, version: { ...version, components }, created_at };
}

const publishErrors = [
  'interval_mismatch',
  'invalid_term',
  'component_of_other_plan_group',
  'invalid_price',
  'invalid_quantity',
  'too_many_lines',
] as const;

export const variantRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/variants',
      tag,
      summary: 'Create a variant with its first version',
      description:
        'A variant is a way to buy a plan. It has the fee, the intervals, the trial, and the components that may be booked.',
      scope: 'admin',
      effect: 'transaction',
      body: newVariant,
      status: [201],
      response: variantOut,
      errors: [...publishErrors, 'external_id_taken'],
    },
    async ({ body }, { db, merchant }) => {
      const { external_id, plan, ...terms } = body;
      const planId = await resolve(db, merchant, 'plan', plan, 'plan');
      const named = external_id === undefined ? {} : { external_id };
      const id = await createVariant(db, merchant, { plan: planId, ...named }, termsOf(terms));
      return toWire(found(await getVariant(db, merchant, id), 'variant'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/variants',
      tag,
      summary: 'List variants',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, plan: reference.exactOptional() }),
      status: [200],
      response: page(variantOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const { plan } = await resolveFilter(db, merchant, query, { plan: 'plan' });
      return mapPage(await listVariants(db, merchant, plan, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/variants/{id}',
      tag,
      summary: 'Read a variant',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: variantOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getVariant(db, merchant, params.id), 'variant')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/variants/{id}/versions',
      tag,
      summary: 'Publish another version of a variant',
      description: 'Versions are immutable. Contracts keep the version that they booked.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: newVariantVersion,
      status: [201],
      response: variantOut,
      errors: publishErrors,
    },
    async ({ params, body }, { db, merchant }) => {
      found(await getVariant(db, merchant, params.id), 'variant');
      await publishVariant(db, merchant, params.id, termsOf(body));
      return toWire(found(await getVariant(db, merchant, params.id), 'variant'));
    },
  ),
];
