import type { Interval } from '../../domain/arithmetic/calendar.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, row, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';

/** What a version of a variant fixes; decimals as text. */
export interface VariantTermsInput {
  readonly name: string;
  readonly description: string;
  /** Null: no fee, nothing is ever due for it. */
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
  /** By id or external id; what is not listed is not allowed. */
  readonly components: readonly {
    readonly component: string;
    readonly rule: 'included' | 'optional';
    readonly quantity: string;
    readonly included?: string;
    readonly least?: string;
    readonly most?: string;
  }[];
}

interface VariantVersionRow extends Omit<
  VariantTermsInput,
  'trial' | 'setup_fee' | 'term' | 'renewal' | 'notice' | 'components'
> {
  readonly id: string;
  readonly version: number;
  readonly trial: Interval | null;
  readonly setup_fee: string | null;
  readonly term: Interval | null;
  readonly renewal: Interval | null;
  readonly notice: Interval | null;
  readonly components: readonly {
    readonly component: string;
    readonly rule: 'included' | 'optional';
    readonly quantity: string;
    readonly included: string | null;
    readonly least: string | null;
    readonly most: string | null;
  }[];
  readonly published_at: string;
}

export interface VariantRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly plan: string;
  readonly created_at: string;
  /** The newest. */
  readonly version: VariantVersionRow;
}

const interval = (prefix: string): string =>
  `jsonb_build_object('unit', v.${prefix}_unit, 'count', v.${prefix}_count)`;
const optional = (prefix: string): string =>
  `case when v.${prefix}_unit is not null then ${interval(prefix)} end`;
const SELECT = `select a.id as cursor_key, a.id, a.external_id, a.plan_id as plan, a.created_at,
    jsonb_build_object('id', v.id, 'version', v.version, 'name', v.name, 'description', v.description, 'fee', v.fee::text,
      'fee_interval', ${interval('fee_interval')}, 'billing_interval', ${interval('billing_interval')},
      'setup_fee', v.setup_fee::text, 'trial', ${optional('trial')}, 'term', ${optional('term')},
      'renewal', ${optional('renewal')}, 'notice', ${optional('notice')}, 'proration', v.proration,
      'credit_on_pause', v.credit_on_pause, 'credit_on_cancel', v.credit_on_cancel,
      'components', (select coalesce(jsonb_agg(jsonb_build_object('component', component_id, 'rule', rule,
         'quantity', quantity::text, 'included', included::text, 'least', least::text, 'most', most::text)
         order by component_id), '[]')
         from variant_components vc where vc.merchant_id = v.merchant_id and vc.variant_version_id = v.id),
      'published_at', iso(v.published_at)) as version
  from variants a join lateral (select * from variant_versions v where v.merchant_id = a.merchant_id
    and v.variant_id = a.id order by version desc limit 1) v on true
  where a.merchant_id = $1`;

/** @throws DomainError external_id_taken */
export async function insertVariant(
  db: Db,
  merchant: MerchantId,
  variant: { readonly external_id?: string; readonly plan: string },
): Promise<string> {
  const id = newId('variant');
  await rows(db, 'insert into variants (merchant_id, id, external_id, plan_id) values ($1, $2, $3, $4)', [
    merchant,
    id,
    variant.external_id ?? null,
    variant.plan,
  ]).catch(externalIdTaken);
  return id;
}

/** Locks a variant, so that two publications number themselves one after the other; answers where it is sold. */
export function lockVariant(
  db: Db,
  merchant: MerchantId,
  variantId: string,
): Promise<{ readonly plan_group_id: string; readonly currency: string }> {
  return row(
    db,
    `select p.plan_group_id, g.currency from variants a
     join plans p on p.merchant_id = a.merchant_id and p.id = a.plan_id
     join plan_groups g on g.merchant_id = p.merchant_id and g.id = p.plan_group_id
     where a.merchant_id = $1 and a.id = $2 for no key update of a`,
    [merchant, variantId],
  );
}

/** Stores the next version of a variant, with the components that it lists, by their ids; the caller holds its lock. */
export async function insertVariantVersion(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  terms: VariantTermsInput,
): Promise<void> {
  const versionId = newId('variantVersion');
  await insertVersion(db, merchant, variantId, versionId, terms);
  for (const { component, rule, quantity, included, least, most } of terms.components) {
    await rows(
      db,
      `insert into variant_components (merchant_id, variant_version_id, component_id, rule, quantity, included, least, most)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [merchant, versionId, component, rule, quantity, included ?? null, least ?? null, most ?? null],
    );
  }
}

async function insertVersion(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  versionId: string,
  terms: VariantTermsInput,
): Promise<void> {
  const interval = (of: Interval | undefined): [string | null, number | null] => [
    of?.unit ?? null,
    of?.count ?? null,
  ];
  await rows(
    db,
    `insert into variant_versions (merchant_id, id, variant_id, version, name, description, fee, setup_fee, fee_interval_unit,
       fee_interval_count, billing_interval_unit, billing_interval_count, trial_unit, trial_count, term_unit, term_count,
       renewal_unit, renewal_count, notice_unit, notice_count, proration, credit_on_pause, credit_on_cancel)
     values ($1, $2, $3, (select coalesce(max(version), 0) + 1 from variant_versions
       where merchant_id = $1 and variant_id = $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
       $19, $20, $21, $22)`,
    [
      merchant,
      versionId,
      variantId,
      terms.name,
      terms.description,
      terms.fee,
      terms.setup_fee ?? null,
      ...interval(terms.fee_interval),
      ...interval(terms.billing_interval),
      ...interval(terms.trial),
      ...interval(terms.term),
      ...interval(terms.renewal),
      ...interval(terms.notice),
      terms.proration,
      terms.credit_on_pause,
      terms.credit_on_cancel,
    ],
  );
}

export function getVariant(db: Db, merchant: MerchantId, id: string): Promise<VariantRow | null> {
  return maybeRow<VariantRow>(db, `${SELECT} and a.id = $2`, [merchant, id]);
}

export function listVariants(
  db: Db,
  merchant: MerchantId,
  plan: string | undefined,
  page: PageOf,
): Promise<Page<VariantRow>> {
  return pageOf<VariantRow>(
    db,
    `${SELECT} and ($2::text is null or a.plan_id = $2)`,
    [merchant, plan ?? null],
    page,
  );
}
