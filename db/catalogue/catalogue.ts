import { priceMode } from './terms-schema.ts';
import { instant, text } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

export interface NewPlanGroup {
  readonly external_id?: string;
  readonly name: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  /** The id of a tax policy. */
  readonly tax_policy: string;
  /** The id of an issuer. */
  readonly issuer: string;
}

const groupColumns = {
  id: text,
  external_id: text.nullable(),
  name: text,
  currency: text,
  price_mode: priceMode,
  tax_policy: text,
  issuer: text,
  created_at: instant,
};
export type PlanGroupRow = RowOf<typeof groupColumns>;

const GROUP = `
  select g.id, g.external_id, g.name, g.currency, g.price_mode, g.tax_policy_id as tax_policy, g.issuer_id as issuer,
    g.created_at
  from plan_groups g where g.merchant_id = :merchant`;

const selectGroup = statement('planGroup', {
  sql: `${GROUP} and g.id = :group`,
  params: { merchant: 'text', group: 'text' },
  row: groupColumns,
});

const listGroups = listStatement('planGroups', {
  sql: GROUP,
  params: { merchant: 'text' },
  row: groupColumns,
});

/** Stores a plan group and returns its id. @throws DomainError external_id_taken */
export async function createPlanGroup(db: Db, merchant: MerchantId, group: NewPlanGroup): Promise<string> {
  const id = newId('planGroup');
  const row = {
    merchant_id: merchant,
    id,
    external_id: group.external_id ?? null,
    name: group.name,
    currency: group.currency,
    price_mode: group.price_mode,
    tax_policy_id: group.tax_policy,
    issuer_id: group.issuer,
  };
  await writeRows(db, 'createPlanGroup', { plan_groups: [row] }).catch(externalIdTaken);
  return id;
}

export function getPlanGroup(db: Db, merchant: MerchantId, id: string): Promise<PlanGroupRow | null> {
  return selectGroup.maybeRow(db, { merchant, group: id });
}

export function listPlanGroups(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<PlanGroupRow>> {
  return listGroups.page(db, { merchant }, page);
}

export interface NewPlan {
  readonly external_id?: string;
  readonly plan_group: string;
  readonly name: string;
  readonly description: string;
}

const planColumns = {
  id: text,
  external_id: text.nullable(),
  plan_group: text,
  name: text,
  description: text,
  created_at: instant,
};
export type PlanRow = RowOf<typeof planColumns>;

const PLAN = `
  select p.id, p.external_id, p.plan_group_id as plan_group, p.name, p.description, p.created_at
  from plans p where p.merchant_id = :merchant`;

const selectPlan = statement('plan', {
  sql: `${PLAN} and p.id = :plan`,
  params: { merchant: 'text', plan: 'text' },
  row: planColumns,
});

const listPlansOf = listStatement('plans', {
  sql: `${PLAN} and (:planGroup is null or p.plan_group_id = :planGroup)`,
  params: { merchant: 'text', planGroup: 'text?' },
  row: planColumns,
});

/** Stores a plan and returns its id. @throws DomainError external_id_taken */
export async function createPlan(db: Db, merchant: MerchantId, plan: NewPlan): Promise<string> {
  const id = newId('plan');
  const row = {
    merchant_id: merchant,
    id,
    external_id: plan.external_id ?? null,
    plan_group_id: plan.plan_group,
    name: plan.name,
    description: plan.description,
  };
  await writeRows(db, 'createPlan', { plans: [row] }).catch(externalIdTaken);
  return id;
}

export function getPlan(db: Db, merchant: MerchantId, id: string): Promise<PlanRow | null> {
  return selectPlan.maybeRow(db, { merchant, plan: id });
}

export function listPlans(
  db: Db,
  merchant: MerchantId,
  planGroup: string | undefined,
  page: PageOf,
): Promise<Page<PlanRow>> {
  return listPlansOf.page(db, { merchant, planGroup: planGroup ?? null }, page);
}
