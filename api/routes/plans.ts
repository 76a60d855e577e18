import { z } from 'zod';
import {
  type PlanGroupRow,
  type PlanRow,
  createPlan,
  createPlanGroup,
  getPlan,
  getPlanGroup,
  listPlanGroups,
  listPlans,
} from '../../db/catalogue/catalogue.ts';
import { checkIssuer } from '../../engine/parties/trees.ts';
import { found, resolve } from '../../db/platform/refs.ts';
import { mapPage } from '../../db/platform/page.ts';
import { resolveFilter } from '../filters.ts';
import { type Route, route } from '../route.ts';
import { newPlan, newPlanGroup, planGroupOut, planOut } from '../schemas/catalogue.ts';
import { idParams, page, pageQuery, reference } from '../schemas/common.ts';

const tag = 'Catalogue';

function groupToWire(row: PlanGroupRow): z.input<typeof planGroupOut> {
  const { id: groupId, external_id, name, currency, price_mode, tax_policy, issuer, created_at } = row;
  return { id: groupId, external_id, name, currency, price_mode, tax_policy, issuer, created_at };
}

function planToWire(row: PlanRow): z.input<typeof planOut> {
  const { id: planId, external_id, plan_group, name, description, created_at } = row;
  return { id: planId, external_id, plan_group, name, description, created_at };
}

export const planRoutes: readonly Route[] = [
  route(
    {
      method: 'post',
      path: '/v1/plan-groups',
      tag,
      summary: 'Create a plan group',
      description:
        'The plans of a group have the same currency, price mode, tax policy and issuer. A contract may change between them.',
      scope: 'admin',
      effect: 'transaction',
      body: newPlanGroup,
      status: [201],
      response: planGroupOut,
      errors: ['unknown_currency', 'external_id_taken', 'foreign_issuer'],
    },
    async ({ body }, { db, merchant }) => {
      const tax_policy = await resolve(db, merchant, 'taxPolicy', body.tax_policy, 'tax_policy');
      const issuer = await resolve(db, merchant, 'issuer', body.issuer, 'issuer');
      // The plans of a group are sold to all customers.
      await checkIssuer(db, merchant, issuer, { parent: null });
      const groupId = await createPlanGroup(db, merchant, { ...body, tax_policy, issuer });
      return groupToWire(found(await getPlanGroup(db, merchant, groupId), 'plan group'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/plan-groups',
      tag,
      summary: 'List plan groups',
      scope: 'read',
      effect: 'read',
      query: z.strictObject(pageQuery),
      status: [200],
      response: page(planGroupOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => mapPage(await listPlanGroups(db, merchant, query), groupToWire),
  ),
  route(
    {
      method: 'get',
      path: '/v1/plan-groups/{id}',
      tag,
      summary: 'Read a plan group',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: planGroupOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      groupToWire(found(await getPlanGroup(db, merchant, params.id), 'plan group')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/plans',
      tag,
      summary: 'Create a plan',
      scope: 'admin',
      effect: 'transaction',
      body: newPlan,
      status: [201],
      response: planOut,
      errors: ['external_id_taken'],
    },
    async ({ body }, { db, merchant }) => {
      const plan_group = await resolve(db, merchant, 'planGroup', body.plan_group, 'plan_group');
      const planId = await createPlan(db, merchant, { ...body, plan_group });
      return planToWire(found(await getPlan(db, merchant, planId), 'plan'));
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/plans',
      tag,
      summary: 'List plans',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({ ...pageQuery, plan_group: reference.exactOptional() }),
      status: [200],
      response: page(planOut),
      errors: [],
    },
    async ({ query }, { db, merchant }) => {
      const { plan_group } = await resolveFilter(db, merchant, query, { plan_group: 'planGroup' });
      return mapPage(await listPlans(db, merchant, plan_group, query), planToWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/plans/{id}',
      tag,
      summary: 'Read a plan',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: planOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) => planToWire(found(await getPlan(db, merchant, params.id), 'plan')),
  ),
];
