import { z } from 'zod';
import type { Interval } from '../../domain/arithmetic/calendar.ts';
import type { Aggregation, PaymentMode } from '../../domain/contracts/state.ts';
import type { BillingTerms } from '../../domain/catalogue/line-count.ts';
import type { PriceModel } from '../../domain/catalogue/pricing.ts';
import { decimal, instant, int, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';
import { aggregation, componentKind, interval, paymentMode, priceModel } from './terms-schema.ts';

/** The terms of a component's version. Decimals are text. */
export interface ComponentTermsInput {
  readonly name: string;
  readonly description: string;
  readonly price: PriceModel;
  readonly included?: string;
  readonly cap?: string;
  readonly interval: Interval;
  readonly payment_mode: PaymentMode;
  readonly standalone: boolean;
  /** Null unless metered. */
  readonly aggregation: Aggregation | null;
}

const componentVersion = z.strictObject({
  id: text,
  version: int,
  name: text,
  description: text,
  price: priceModel,
  included: decimal.nullable(),
  cap: decimal.nullable(),
  interval,
  payment_mode: paymentMode,
  standalone: truth,
  /** Null unless metered. */
  aggregation: aggregation.nullable(),
  published_at: instant,
});

const componentColumns = {
  id: text,
  external_id: text.nullable(),
  plan_group: text,
  kind: componentKind,
  tax_policy: text.nullable(),
  created_at: instant,
  /** The newest version. */
  version: componentVersion,
};
export type ComponentRow = RowOf<typeof componentColumns>;

/** The fields of a new component. Plan group and tax policy are ids. */
export interface NewComponent {
  readonly external_id?: string;
  readonly plan_group: string;
  readonly kind: ComponentRow['kind'];
  readonly tax_policy?: string;
}

const COMPONENT = sqlFile(import.meta.url, 'component.sql');

const selectComponent = statement('component', {
  sql: `${COMPONENT} and c.id = :component`,
  params: { merchant: 'text', component: 'text' },
  row: componentColumns,
});

const listComponentsOf = listStatement('components', {
  sql: `${COMPONENT} and (:planGroup is null or c.plan_group_id = :planGroup)`,
  params: { merchant: 'text', planGroup: 'text?' },
  row: componentColumns,
});

/** Stores a component without a version and returns its id. @throws DomainError external_id_taken */
export async function insertComponent(
  db: Db,
  merchant: MerchantId,
  component: NewComponent,
): Promise<string> {
  const id = newId('component');
  const row = {
    merchant_id: merchant,
    id,
    external_id: component.external_id ?? null,
    plan_group_id: component.plan_group,
    kind: component.kind,
    tax_policy_id: component.tax_policy ?? null,
  };
  await writeRows(db, 'insertComponent', { components: [row] }).catch(externalIdTaken);
  return id;
}

const selectListingTerms = statement('termsThatListComponent', {
  sql: `
    select distinct
      interval_of(v.fee_interval_unit, v.fee_interval_count)::jsonb as "feeInterval",
      interval_of(v.billing_interval_unit, v.billing_interval_count)::jsonb as "billingInterval"
    from variant_components c
    join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
    where c.merchant_id = :merchant and c.component_id = :component`,
  params: { merchant: 'text', component: 'text' },
  row: { feeInterval: interval, billingInterval: interval },
});

/** The distinct pairs of intervals of all variant versions that list a component. */
export function listingTerms(db: Db, merchant: MerchantId, componentId: string): Promise<BillingTerms[]> {
  return selectListingTerms.rows(db, { merchant, component: componentId });
}

const lock = statement('lockComponent', {
  sql: `
    select g.currency
    from components c
    join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
    where c.merchant_id = :merchant and c.id = :component for no key update of c`,
  params: { merchant: 'text', component: 'text' },
  row: { currency: text },
});

/** Locks a component, so that two publications at once get different version numbers. Returns its currency. */
export async function lockComponent(db: Db, merchant: MerchantId, componentId: string): Promise<string> {
  const { currency } = await lock.row(db, { merchant, component: componentId });
  return currency;
}

const insertVersion = statement('insertComponentVersion', {
  sql: `
    insert into component_versions (merchant_id, id, component_id, version, name, description, price_model, included,
      cap, interval_unit, interval_count, payment_mode, standalone, aggregation)
    values (:merchant, :version, :component,
      (select coalesce(max(version), 0) + 1 from component_versions
        where merchant_id = :merchant and component_id = :component),
      :name, :description, :price, :included, :cap, :unit, :count, :mode, :standalone, :aggregation)`,
  params: {
    merchant: 'text',
    version: 'text',
    component: 'text',
    name: 'text',
    description: 'text',
    price: 'jsonb',
    included: 'numeric?',
    cap: 'numeric?',
    unit: 'text',
    count: 'int',
    mode: 'text',
    standalone: 'boolean',
    aggregation: 'text?',
  },
});

/** Stores the next version of a component. The caller holds its lock. */
export async function insertComponentVersion(
  db: Db,
  merchant: MerchantId,
  componentId: string,
  terms: ComponentTermsInput,
): Promise<void> {
  await insertVersion.run(db, {
    merchant,
    version: newId('componentVersion'),
    component: componentId,
    name: terms.name,
    description: terms.description,
    price: terms.price,
    included: terms.included ?? null,
    cap: terms.cap ?? null,
    ...terms.interval,
    mode: terms.payment_mode,
    standalone: terms.standalone,
    aggregation: terms.aggregation,
  });
}

export function getComponent(db: Db, merchant: MerchantId, id: string): Promise<ComponentRow | null> {
  return selectComponent.maybeRow(db, { merchant, component: id });
}

export function listComponents(
  db: Db,
  merchant: MerchantId,
  planGroup: string | undefined,
  page: PageOf,
): Promise<Page<ComponentRow>> {
  return listComponentsOf.page(db, { merchant, planGroup: planGroup ?? null }, page);
}
