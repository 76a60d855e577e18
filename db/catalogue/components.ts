import type { Interval } from '../../domain/arithmetic/calendar.ts';
import type { Aggregation, PaymentMode } from '../../domain/contracts/state.ts';
import type { BillingTerms } from '../../domain/catalogue/line-count.ts';
import type { PriceModel } from '../../domain/catalogue/pricing.ts';
import { interval } from './fragments.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, row, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';

type ComponentKind = 'bookable' | 'on_off' | 'metered';

/** What a version of a component fixes; decimals as text. */
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

interface ComponentVersionRow extends Omit<ComponentTermsInput, 'included' | 'cap'> {
  readonly id: string;
  readonly version: number;
  readonly included: string | null;
  readonly cap: string | null;
  readonly published_at: string;
}

export interface ComponentRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly plan_group: string;
  readonly kind: ComponentKind;
  readonly tax_policy: string | null;
  readonly created_at: string;
  /** The newest. */
  readonly version: ComponentVersionRow;
}

const VERSION = `jsonb_build_object('id', v.id, 'version', v.version, 'name', v.name, 'description', v.description,
  'price', v.price_model, 'included', v.included::text, 'cap', v.cap::text,
  'interval', jsonb_build_object('unit', v.interval_unit, 'count', v.interval_count), 'payment_mode', v.payment_mode,
  'standalone', v.standalone, 'aggregation', v.aggregation, 'published_at', iso(v.published_at))`;

/** A component to make, with the ids of its plan group and tax policy. */
export interface NewComponent {
  readonly external_id?: string;
  readonly plan_group: string;
  readonly kind: ComponentKind;
  readonly tax_policy?: string;
}

const SELECT = `select c.id as cursor_key, c.id, c.external_id, c.plan_group_id as plan_group, c.kind,
    c.tax_policy_id as tax_policy, c.created_at, ${VERSION} as version
  from components c join lateral (select * from component_versions v where v.merchant_id = c.merchant_id
    and v.component_id = c.id order by version desc limit 1) v on true
  where c.merchant_id = $1`;

/** @throws DomainError external_id_taken */
export async function insertComponent(
  db: Db,
  merchant: MerchantId,
  component: NewComponent,
): Promise<string> {
  const id = newId('component');
  await rows(
    db,
    `insert into components (merchant_id, id, external_id, plan_group_id, kind, tax_policy_id)
     values ($1, $2, $3, $4, $5, $6)`,
    [
      merchant,
      id,
      component.external_id ?? null,
      component.plan_group,
      component.kind,
      component.tax_policy ?? null,
    ],
  ).catch(externalIdTaken);
  return id;
}

/** The intervals, each once, of all versions of variants that list a component. */
export function listingTerms(db: Db, merchant: MerchantId, componentId: string): Promise<BillingTerms[]> {
  return rows<BillingTerms>(
    db,
    `select distinct ${interval('v', 'fee_interval')}::jsonb as "feeInterval", ${interval('v', 'billing_interval')}::jsonb as "billingInterval"
     from variant_components c join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
     where c.merchant_id = $1 and c.component_id = $2`,
    [merchant, componentId],
  );
}

/** Locks a component, so that two publications number themselves one after the other; answers its currency. */
export async function lockComponent(db: Db, merchant: MerchantId, componentId: string): Promise<string> {
  const { currency } = await row<{ currency: string }>(
    db,
    `select g.currency from components c join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
     where c.merchant_id = $1 and c.id = $2 for no key update of c`,
    [merchant, componentId],
  );
  return currency;
}

/** Stores the next version of a component; the caller holds its lock. */
export async function insertComponentVersion(
  db: Db,
  merchant: MerchantId,
  componentId: string,
  terms: ComponentTermsInput,
): Promise<void> {
  await rows(
    db,
    `insert into component_versions (merchant_id, id, component_id, version, name, description, price_model, included,
       cap, interval_unit, interval_count, payment_mode, standalone, aggregation)
     values ($1, $2, $3, (select coalesce(max(version), 0) + 1 from component_versions
       where merchant_id = $1 and component_id = $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      merchant,
      newId('componentVersion'),
      componentId,
      terms.name,
      terms.description,
      JSON.stringify(terms.price),
      terms.included ?? null,
      terms.cap ?? null,
      terms.interval.unit,
      terms.interval.count,
      terms.payment_mode,
      terms.standalone,
      terms.aggregation,
    ],
  );
}

export function getComponent(db: Db, merchant: MerchantId, id: string): Promise<ComponentRow | null> {
  return maybeRow<ComponentRow>(db, `${SELECT} and c.id = $2`, [merchant, id]);
}

export function listComponents(
  db: Db,
  merchant: MerchantId,
  planGroup: string | undefined,
  page: PageOf,
): Promise<Page<ComponentRow>> {
  return pageOf<ComponentRow>(
    db,
    `${SELECT} and ($2::text is null or c.plan_group_id = $2)`,
    [merchant, planGroup ?? null],
    page,
  );
}
