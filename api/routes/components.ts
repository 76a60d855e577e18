import { z } from 'zod';
import {
  type ComponentRow,
  type ComponentTermsInput,
  getComponent,
  listComponents,
} from '../../db/catalogue/components.ts';
import { createComponent, publishComponent } from '../../engine/catalogue/publish.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { componentPayment } from '../../domain/catalogue/sellable.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import {
  type NewComponentVersion,
  componentOut,
  newComponent,
  newComponentVersion,
} from '../schemas/components.ts';
import { idParams, page, pageQuery, reference } from '../schemas/common.ts';
import { priceModelFromWire, priceModelToWire } from '../wire.ts';

const tag = 'Catalogue';

/** Reads the terms of a version. It refuses a price model without a price for every quantity. */
function termsOf(kind: ComponentRow['kind'], body: NewComponentVersion): ComponentTermsInput {
  const price = priceModelFromWire(body.price, 'price');
  const { name, description, included, cap, interval, standalone } = body;
  return {
    name,
    description,
    price,
    interval,
    standalone,
    ...componentPayment(kind, body),
    ...(included === undefined ? {} : { included }),
    ...(cap === undefined ? {} : { cap }),
  };
}

function toWire(row: ComponentRow): z.input<typeof componentOut> {
  const { id, external_id, plan_group, kind, tax_policy, version, created_at } = row;
  return {
    id,
    external_id,
    plan_group,
    kind,
    tax_policy,
    created_at,
    version: { ...version, price: priceModelToWire(version.price) },
  };
}

const priceErrors = ['invalid_price', 'invalid_quantity', 'tiers_out_of_order', 'tiers_not_open'] as const;

export const componentRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/components',
      tag,
      summary: 'Create a component with its first version',
      scope: 'admin',
      effect: 'transaction',
      body: newComponent,
      status: [201],
      response: componentOut,
      errors: [...priceErrors, 'invalid_component', 'external_id_taken'],
    },
    async ({ body }, { db, merchant }) => {
      const { external_id, kind, tax_policy } = body;
      const terms = termsOf(kind, body);
      const plan_group = await resolve(db, merchant, 'planGroup', body.plan_group, 'plan_group');
      const policy =
        tax_policy === undefined
          ? {}
          : { tax_policy: await resolve(db, merchant, 'taxPolicy', tax_policy, 'tax_policy') };
      const named = external_id === undefined ? {} : { external_id };
      const id = await createComponent(db, merchant, { plan_group, kind, ...policy, ...named }, terms);
      return toWire(found(await getComponent(db, merchant, id), 'component'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/components',
      tag,
      summary: 'List components',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, plan_group: reference.exactOptional() }),
      status: [200],
      response: page(componentOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const { plan_group } = await resolveFilter(db, merchant, query, { plan_group: 'planGroup' });
      return mapPage(await listComponents(db, merchant, plan_group, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/components/{id}',
      tag,
      summary: 'Read a component',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: componentOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getComponent(db, merchant, params.id), 'component')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/components/{id}/versions',
      tag,
      summary: 'Publish another version of a component',
      description: 'Versions are immutable. Contracts keep the version that they booked.',
      scope: 'admin',
      effect: 'transaction',
      params: idParams,
      body: newComponentVersion,
      status: [201],
      response: componentOut,
      errors: [...priceErrors, 'invalid_component', 'interval_mismatch', 'too_many_lines'],
    },
    async ({ params, body }, { db, merchant }) => {
      const component = found(await getComponent(db, merchant, params.id), 'component');
      await publishComponent(db, merchant, component, termsOf(component.kind, body));
      return toWire(found(await getComponent(db, merchant, params.id), 'component'));
    },
  ),
];
