import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';

export interface NewPlanGroup {
  readonly external_id?: string;
  readonly name: string;
  readonly currency: string;
  readonly price_mode: 'net' | 'gross';
  /** Ids. */
  readonly tax_policy: string;
  readonly issuer: string;
}

export interface PlanGroupRow extends Omit<NewPlanGroup, 'external_id'> {
  readonly id: string;
  readonly external_id: string | null;
  readonly created_at: string;
}

const GROUP = `select g.id as cursor_key, g.id, g.external_id, g.name, g.currency, g.price_mode,
    g.tax_policy_id as tax_policy, g.issuer_id as issuer, g.created_at
  from plan_groups g where g.merchant_id = $1`;

export async function createPlanGroup(db: Db, merchant: MerchantId, group: NewPlanGroup): Promise<string> {
  const id = newId('planGroup');
  await rows(
    db,
    `insert into plan_groups (merchant_id, id, external_id, name, currency, price_mode, tax_policy_id, issuer_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      merchant,
      id,
      group.external_id ?? null,
      group.name,
      group.currency,
      group.price_mode,
      group.tax_policy,
      group.issuer,
    ],
  ).catch(externalIdTaken);
  return id;
}

export function getPlanGroup(db: Db, merchant: MerchantId, id: string): Promise<PlanGroupRow | null> {
  return maybeRow<PlanGroupRow>(db, `${GROUP} and g.id = $2`, [merchant, id]);
}

export function listPlanGroups(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<PlanGroupRow>> {
  return pageOf<PlanGroupRow>(db, GROUP, [merchant], page);
}

export interface NewPlan {
  readonly external_id?: string;
  readonly plan_group: string;
  readonly name: string;
  readonly description: string;
}

export interface PlanRow extends Omit<NewPlan, 'external_id'> {
  readonly id: string;
  readonly external_id: string | null;
  readonly created_at: string;
}

const PLAN = `select p.id as cursor_key, p.id, p.external_id, p.plan_group_id as plan_group, p.name, p.description, p.created_at
  from plans p where p.merchant_id = $1`;

export async function createPlan(db: Db, merchant: MerchantId, plan: NewPlan): Promise<string> {
  const id = newId('plan');
  await rows(
    db,
    `insert into plans (merchant_id, id, external_id, plan_group_id, name, description)
     values ($1, $2, $3, $4, $5, $6)`,
    [merchant, id, plan.external_id ?? null, plan.plan_group, plan.name, plan.description],
  ).catch(externalIdTaken);
  return id;
}

export function getPlan(db: Db, merchant: MerchantId, id: string): Promise<PlanRow | null> {
  return maybeRow<PlanRow>(db, `${PLAN} and p.id = $2`, [merchant, id]);
}

export function listPlans(
  db: Db,
  merchant: MerchantId,
  planGroup: string | undefined,
  page: PageOf,
): Promise<Page<PlanRow>> {
  return pageOf<PlanRow>(
    db,
    `${PLAN} and ($2::text is null or p.plan_group_id = $2)`,
    [merchant, planGroup ?? null],
    page,
  );
}
