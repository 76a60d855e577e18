import { DomainError } from '../domain/errors.ts';
import { type Interval, divides } from '../domain/calendar.ts';
import { cmp, dec } from '../domain/money.ts';
import { type ComponentRow, getComponent } from './components.ts';
import { type MerchantId, newId } from './ids.ts';
import { type Page, type PageOf, pageOf } from './page.ts';
import { type Db, maybeRow, row, rows } from './pool.ts';
import { externalIdTaken, found, resolve } from './refs.ts';

/** What a version of a variant fixes; decimals as text. */
export interface VariantTermsInput {
  readonly name: string;
  readonly description: string;
  /** Null: no fee, nothing is ever due for it. */
  readonly fee: string | null;
  readonly fee_interval: Interval;
  readonly billing_interval: Interval;
  readonly trial?: Interval;
  readonly proration: 'days' | 'seconds' | 'none';
  readonly credit_on_pause: boolean;
  readonly credit_on_cancel: boolean;
  /** By id or external id; what is not listed is not allowed. */
  readonly components: readonly {
    readonly component: string;
    readonly rule: 'included' | 'optional';
    readonly quantity: string;
  }[];
}

interface VariantVersionRow extends Omit<VariantTermsInput, 'trial'> {
  readonly id: string;
  readonly version: number;
  readonly trial: Interval | null;
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
const SELECT = `select a.id as cursor_key, a.id, a.external_id, a.plan_id as plan, a.created_at,
    jsonb_build_object('id', v.id, 'version', v.version, 'name', v.name, 'description', v.description, 'fee', v.fee::text,
      'fee_interval', ${interval('fee_interval')}, 'billing_interval', ${interval('billing_interval')},
      'trial', case when v.trial_unit is not null then ${interval('trial')} end, 'proration', v.proration,
      'credit_on_pause', v.credit_on_pause, 'credit_on_cancel', v.credit_on_cancel,
      'components', (select coalesce(jsonb_agg(jsonb_build_object('component', component_id, 'rule', rule,
         'quantity', quantity::text) order by component_id), '[]')
         from variant_components vc where vc.merchant_id = v.merchant_id and vc.variant_version_id = v.id),
      'published_at', iso(v.published_at)) as version
  from variants a join lateral (select * from variant_versions v where v.merchant_id = a.merchant_id
    and v.variant_id = a.id order by version desc limit 1) v on true
  where a.merchant_id = $1`;

/** Makes a variant with its first version. Throws as `publishVariant`, and external_id_taken. */
export async function createVariant(
  db: Db,
  merchant: MerchantId,
  variant: { external_id?: string; plan: string },
  terms: VariantTermsInput,
): Promise<string> {
  const id = newId('variant');
  await rows(db, 'insert into variants (merchant_id, id, external_id, plan_id) values ($1, $2, $3, $4)', [
    merchant,
    id,
    variant.external_id ?? null,
    variant.plan,
  ]).catch(externalIdTaken);
  await publishVariant(db, merchant, id, terms);
  return id;
}

/**
 * Publishes a version; existing contracts keep theirs.
 * @throws DomainError interval_mismatch, not_yet_sold, component_of_other_plan_group, not_found, invalid_quantity
 */
export async function publishVariant(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  terms: VariantTermsInput,
): Promise<void> {
  checkTerms(terms);
  // Locked, so that two publications number themselves one after the other.
  const { plan_group_id } = await row<{ plan_group_id: string }>(
    db,
    `select p.plan_group_id from variants a join plans p on p.merchant_id = a.merchant_id and p.id = a.plan_id
     where a.merchant_id = $1 and a.id = $2 for update of a`,
    [merchant, variantId],
  );
  const components = await checkedComponents(db, merchant, plan_group_id, terms);
  const versionId = newId('variantVersion');
  await insertVersion(db, merchant, variantId, versionId, terms);
  for (const { component, rule, quantity } of components) {
    await rows(
      db,
      `insert into variant_components (merchant_id, variant_version_id, component_id, rule, quantity)
       values ($1, $2, $3, $4, $5)`,
      [merchant, versionId, component, rule, quantity],
    );
  }
}

function checkTerms(terms: VariantTermsInput): void {
  if (!divides(terms.billing_interval, terms.fee_interval)) {
    throw new DomainError('interval_mismatch', 'the billing interval must divide the fee interval', {
      field: 'billing_interval',
    });
  }
  if (terms.proration !== 'days') notYetSold('proration', 'only proration by days is sold yet');
  if (terms.credit_on_pause) notYetSold('credit_on_pause', 'pauses with a credit are not sold yet');
}

function notYetSold(field: string, message: string): never {
  throw new DomainError('not_yet_sold', message, { field });
}

async function checkedComponents(
  db: Db,
  merchant: MerchantId,
  planGroupId: string,
  terms: VariantTermsInput,
): Promise<VariantTermsInput['components'][number][]> {
  const checked: VariantTermsInput['components'][number][] = [];
  for (const [index, listed] of terms.components.entries()) {
    const field = `components[${index}].component`;
    const id = await resolve(db, merchant, 'component', listed.component, field);
    if (checked.some((each) => each.component === id)) {
      throw new DomainError('invalid_request', 'the component is listed twice', { field });
    }
    const component = found(await getComponent(db, merchant, id), 'component', field);
    if (component.plan_group !== planGroupId) {
      throw new DomainError('component_of_other_plan_group', 'the component is of another plan group', {
        field,
      });
    }
    checkSellable(component, terms, field);
    if (component.kind === 'on_off' && cmp(dec(listed.quantity), dec(1)) !== 0) {
      throw new DomainError('invalid_quantity', 'an on/off component is booked once', {
        field: `components[${index}].quantity`,
      });
    }
    checked.push({ ...listed, component: id });
  }
  return checked;
}

/** The seams of what is not sold yet: metering, other payment modes, intervals of a component's own. */
function checkSellable({ kind, version }: ComponentRow, terms: VariantTermsInput, field: string): void {
  if (kind === 'metered') notYetSold(field, 'metered components are not sold yet');
  if (version.payment_mode !== 'pre_paid') notYetSold(field, 'only pre-paid components are sold yet');
  if (version.standalone) notYetSold(field, 'standalone components are not sold yet');
  const { unit, count } = version.interval;
  if (unit !== terms.billing_interval.unit || count !== terms.billing_interval.count) {
    throw new DomainError('interval_mismatch', "the component's interval is not the billing interval", {
      field,
    });
  }
}

async function insertVersion(
  db: Db,
  merchant: MerchantId,
  variantId: string,
  versionId: string,
  terms: VariantTermsInput,
): Promise<void> {
  await rows(
    db,
    `insert into variant_versions (merchant_id, id, variant_id, version, name, description, fee, fee_interval_unit,
       fee_interval_count, billing_interval_unit, billing_interval_count, trial_unit, trial_count, proration,
       credit_on_pause, credit_on_cancel)
     values ($1, $2, $3, (select coalesce(max(version), 0) + 1 from variant_versions
       where merchant_id = $1 and variant_id = $3), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
    [
      merchant,
      versionId,
      variantId,
      terms.name,
      terms.description,
      terms.fee,
      terms.fee_interval.unit,
      terms.fee_interval.count,
      terms.billing_interval.unit,
      terms.billing_interval.count,
      terms.trial?.unit ?? null,
      terms.trial?.count ?? null,
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
