import { z } from 'zod';
import type { Interval } from '../../domain/arithmetic/calendar.ts';
import { decimal, instant, int, list, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { mutation, writeRows } from '../platform/write.ts';
import { interval, listingRule, proration } from './terms-schema.ts';

/** The terms of a variant's version. Decimals are text. */
export interface VariantTermsInput {
  readonly name: string;
  readonly description: string;
  /** Null for a variant without a fee. */
  readonly fee: string | null;
  readonly fee_interval: Interval;
  readonly billing_interval: Interval;
  readonly trial?: Interval;
  readonly setup_fee?: string;
  readonly term?: Interval;
  readonly renewal?: Interval;
  readonly notice?: Interval;
  readonly proration: 'days' | 'seconds' | 'none';
  readonly credit_on_pause: boolean;
  readonly credit_on_cancel: boolean;
  /** The components that may be booked, by id or external id. */
  readonly components: readonly {
    readonly component: string;
    readonly rule: 'included' | 'optional';
    readonly quantity: string;
    readonly included?: string;
    readonly least?: string;
    readonly most?: string;
  }[];
}

const variantVersion = z.strictObject({
  id: text,
  version: int,
  name: text,
  description: text,
  fee: decimal.nullable(),
  fee_interval: interval,
  billing_interval: interval,
  trial: interval.nullable(),
  setup_fee: decimal.nullable(),
  term: interval.nullable(),
  renewal: interval.nullable(),
  notice: interval.nullable(),
  proration,
  credit_on_pause: truth,
  credit_on_cancel: truth,
  components: list(
    z.strictObject({
      component: text,
      rule: listingRule,
      quantity: decimal,
      included: decimal.nullable(),
      least: decimal.nullable(),
      most: decimal.nullable(),
    }),
  ),
  published_at: instant,
});

const variantColumns = {
  id: text,
  external_id: text.nullable(),
  plan: text,
  created_at: instant,
  /** The newest version. */
  version: variantVersion,
};
export type VariantRow = RowOf<typeof variantColumns>;

const VARIANT = sqlFile(import.meta.url, 'variant.sql');

const selectVariant = statement('variant', {
  sql: `${VARIANT} and a.id = :variant`,
  params: { merchant: 'text', variant: 'text' },
  row: variantColumns,
});

const listVariantsOf = listStatement('variants', {
  sql: `${VARIANT} and (:plan is null or a.plan_id = :plan)`,
  params: { merchant: 'text', plan: 'text?' },
  row: variantColumns,
});

/** Stores a variant without a version and returns its id. @throws DomainError external_id_taken */
export async function insertVariant(
  db: Db,
  merchant: MerchantId,
  variant: { readonly external_id?: string; readonly plan: string },
): Promise<string> {
  const id = newId('variant');
  const row = { merchant_id: merchant, id, external_id: variant.external_id ?? null, plan_id: variant.plan };
  await writeRows(db, 'insertVariant', { variants: [row] }).catch(externalIdTaken);
  return id;
}

const selling = { plan_group_id: text, currency: text };

const lock = statement('lockVariant', {
  sql: `
    select p.plan_group_id, g.currency
    from variants a
    join plans p on p.merchant_id = a.merchant_id and p.id = a.plan_id
    join plan_groups g on g.merchant_id = p.merchant_id and g.id = p.plan_group_id
    where a.merchant_id = :merchant and a.id = :variant for no key update of a`,
  params: { merchant: 'text', variant: 'text' },
  row: selling,
});

/** Locks a variant, so that two publications at once get different version numbers. Returns its plan group and currency. */
export function lockVariant(db: Db, merchant: MerchantId, variantId: string): Promise<RowOf<typeof selling>> {
  return lock.row(db, { merchant, variant: variantId });
}

const insertVersion = mutation('insert_variant_version', {
  sql: `
    insert into variant_versions (merchant_id, id, variant_id, version, name, description, fee, setup_fee,
      fee_interval_unit, fee_interval_count, billing_interval_unit, billing_interval_count, trial_unit, trial_count,
      term_unit, term_count, renewal_unit, renewal_count, notice_unit, notice_count,
      proration, credit_on_pause, credit_on_cancel)
    values (:merchant, :version, :variant,
      (select coalesce(max(version), 0) + 1 from variant_versions
        where merchant_id = :merchant and variant_id = :variant),
      :name, :description, :fee, :setupFee, :feeUnit, :feeCount, :billingUnit, :billingCount, :trialUnit, :trialCount,
      :termUnit, :termCount, :renewalUnit, :renewalCount, :noticeUnit, :noticeCount,
      :proration, :creditOnPause, :creditOnCancel)`,
  params: {
    merchant: 'text',
    version: 'text',
    variant: 'text',
    name: 'text',
    description: 'text',
    fee: 'numeric?',
    setupFee: 'numeric?',
    feeUnit: 'text',
    feeCount: 'int',
    billingUnit: 'text',
    billingCount: 'int',
    trialUnit: 'text?',
    trialCount: 'int?',
    termUnit: 'text?',
    termCount: 'int?',
    renewalUnit: 'text?',
    renewalCount: 'int?',
    noticeUnit: 'text?',
    noticeCount: 'int?',
    proration: 'text',
    creditOnPause: 'boolean',
    creditOnCancel: 'boolean',
  },
});

/** Stores the next version of a variant with the components that it lists, given by id. The caller holds the variant's lock. */
export async function insertVariantVersion(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  terms: VariantTermsInput,
): Promise<void> {
  const version = newId('variantVersion');
  const listed = terms.components.map((each) => ({
    merchant_id: merchant,
    variant_version_id: version,
    component_id: each.component,
    rule: each.rule,
    quantity: each.quantity,
    included: each.included ?? null,
    least: each.least ?? null,
    most: each.most ?? null,
  }));
  await writeRows(db, 'insertVariantVersion', { variant_components: listed }, [
    insertVersion({
      merchant,
      version,
      variant: variantId,
      name: terms.name,
      description: terms.description,
      fee: terms.fee,
      setupFee: terms.setup_fee ?? null,
      feeUnit: terms.fee_interval.unit,
      feeCount: terms.fee_interval.count,
      billingUnit: terms.billing_interval.unit,
      billingCount: terms.billing_interval.count,
      trialUnit: terms.trial?.unit ?? null,
      trialCount: terms.trial?.count ?? null,
      termUnit: terms.term?.unit ?? null,
      termCount: terms.term?.count ?? null,
      renewalUnit: terms.renewal?.unit ?? null,
      renewalCount: terms.renewal?.count ?? null,
      noticeUnit: terms.notice?.unit ?? null,
      noticeCount: terms.notice?.count ?? null,
      proration: terms.proration,
      creditOnPause: terms.credit_on_pause,
      creditOnCancel: terms.credit_on_cancel,
    }),
  ]);
}

export function getVariant(db: Db, merchant: MerchantId, id: string): Promise<VariantRow | null> {
  return selectVariant.maybeRow(db, { merchant, variant: id });
}

export function listVariants(
  db: Db,
  merchant: MerchantId,
  plan: string | undefined,
  page: PageOf,
): Promise<Page<VariantRow>> {
  return listVariantsOf.page(db, { merchant, plan: plan ?? null }, page);
}
