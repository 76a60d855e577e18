import type { Catalogue, ContractState, Terms } from '../domain/contract/state.ts';
import type { Credit, OpenReceivable } from '../domain/allocation.ts';
import { type Db, maybeRow, preparedRow, rows } from './pool.ts';
import { type MerchantId, merchantId } from './ids.ts';

/** What a step needs to know besides the contract itself: where its bills go and how they are paid. */
export interface ContractContext {
  readonly merchantId: MerchantId;
  readonly customerId: string;
  readonly accountId: string;
  readonly accountKind: 'immediate' | 'collective';
  readonly accountZone: string;
  readonly clockId: string | null;
  readonly paymentTermDays: number;
  readonly issuer: {
    readonly id: string;
    readonly zone: string;
    readonly subjectId: string;
    readonly version: number;
  };
  /** The customer's, as it was given: `de-AT`. */
  readonly language: string;
  /** The customer's pattern of `domain/title.ts`. */
  readonly invoiceTitle: string | null;
  readonly recipient: { readonly subjectId: string; readonly version: number };
  readonly patterns: { readonly invoice: string; readonly credit_note: string };
  readonly paymentMethod: { readonly id: string; readonly provider: string } | null;
  /** Oldest first. */
  readonly credits: readonly Credit[];
  /** Oldest first; `collected` ones have a collection of their own, beyond the contract's first attempt. */
  readonly openReceivables: readonly (OpenReceivable & { readonly collected: boolean })[];
  /** Attempts that wait to be sent. */
  readonly plannedAttempts: readonly { readonly id: string; readonly provider: string }[];
  readonly dunningLevel: number;
  readonly openIncident: string | null;
}

export interface LoadedContract {
  readonly state: ContractState;
  readonly context: ContractContext;
}

/** JSON of a fee or component price; `v` is its version's row. */
const feePricing = (v: string): string => `case when ${v}.fee is null then null else jsonb_build_object(
  'componentVersionId', null, 'variantVersionId', ${v}.id, 'name', ${v}.name,
  'model', jsonb_build_object('kind', 'simple', 'price', ${v}.fee::text), 'included', null, 'cap', null,
  'interval', jsonb_build_object('unit', ${v}.fee_interval_unit, 'count', ${v}.fee_interval_count),
  'taxPolicyId', g.tax_policy_id) end`;
const componentPricing = (v: string, component: string): string => `jsonb_build_object(
  'componentVersionId', ${v}.id, 'variantVersionId', null, 'name', ${v}.name, 'model', ${v}.price_model,
  'included', ${v}.included::text, 'cap', ${v}.cap::text,
  'interval', jsonb_build_object('unit', ${v}.interval_unit, 'count', ${v}.interval_count),
  'taxPolicyId', coalesce(${component}.tax_policy_id, g.tax_policy_id))`;
const termsOf = (v: string): string => `jsonb_build_object(
  'variantId', ${v}.variant_id, 'variantVersionId', ${v}.id, 'planGroupId', g.id, 'planName', p.name, 'name', ${v}.name,
  'fee', ${feePricing(v)},
  'feeInterval', jsonb_build_object('unit', ${v}.fee_interval_unit, 'count', ${v}.fee_interval_count),
  'billingInterval', jsonb_build_object('unit', ${v}.billing_interval_unit, 'count', ${v}.billing_interval_count),
  'trial', case when ${v}.trial_unit is not null then jsonb_build_object('unit', ${v}.trial_unit, 'count', ${v}.trial_count) end,
  'creditOnCancel', ${v}.credit_on_cancel,
  'components', (select coalesce(jsonb_agg(jsonb_build_object('componentId', vc.component_id, 'rule', vc.rule, 'quantity', vc.quantity::text)
      order by vc.component_id), '[]') from variant_components vc where vc.merchant_id = ${v}.merchant_id and vc.variant_version_id = ${v}.id))`;

const ITEMS = `(select coalesce(jsonb_agg(jsonb_build_object(
    'id', i.id, 'subject', i.subject, 'componentId', s.component_id, 'revision', i.revision, 'quantity', i.quantity::text,
    'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at),
    'pricing', case when i.subject = 'fee' then ${feePricing('iv')} else ${componentPricing('icv', 'ic')} end)), '[]')
  from (select distinct on (subject) * from items where merchant_id = c.merchant_id and contract_id = c.id
        order by subject, revision desc) i
  left join variant_versions iv on iv.merchant_id = i.merchant_id and iv.id = i.variant_version_id
  left join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
  left join component_versions icv on icv.merchant_id = i.merchant_id and icv.id = i.component_version_id
  left join components ic on ic.merchant_id = s.merchant_id and ic.id = s.component_id
  where i.quantity is not null)`;

/** Lines that still cover days at what is settled or later: as many in year ten as in month two. */
const LINES = `(select coalesce(jsonb_agg(jsonb_build_object(
    'chargeId', l.id, 'itemId', l.item_id, 'subject', li.subject, 'part', l.part, 'text', l.text,
    'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at), 'quantity', l.quantity::text, 'unitPrice', l.unit_price::text,
    'fullAmount', l.full_amount::text, 'fullDays', l.full_days, 'amountMinor', l.amount_minor::text,
    'tax', jsonb_build_object('category', l.tax_category, 'rate', l.tax_rate::text, 'text', l.tax_text, 'country', l.tax_country),
    'uncovered', (select coalesce(jsonb_agg(jsonb_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at),
        'amountMinor', r.amount_minor::text)), '[]') from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id))
    order by l.id), '[]')
  from charges l join items li on li.merchant_id = l.merchant_id and li.id = l.item_id
  where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring'
    and l.ends_at > c.settled_through - interval '26 hours')`;

const TAX_RATES = `(select coalesce(jsonb_agg(jsonb_build_object('taxPolicyId', t.tax_policy_id, 'country', t.country,
    'validFrom', t.valid_from, 'category', t.category, 'rate', t.rate::text, 'text', t.text)), '[]')
  from tax_rates t where t.merchant_id = c.merchant_id and t.country = u.country and (t.tax_policy_id = g.tax_policy_id
    or t.tax_policy_id in (select tax_policy_id from components x where x.merchant_id = c.merchant_id and x.plan_group_id = g.id)))`;

const STATE = `jsonb_build_object(
  'contractId', c.id, 'zone', c.time_zone, 'country', u.country, 'currency', g.currency, 'priceMode', g.price_mode,
  'startDate', c.start_date, 'startsAt', iso(c.starts_at), 'anchor', c.anchor_date, 'trialEndsAt', iso(c.trial_ends_at),
  'phase', c.phase, 'pauseReasons', c.pause_reasons, 'settledThrough', iso(c.settled_through), 'endedAt', iso(c.ended_at),
  'terms', ${termsOf('v')},
  'feeRevision', (select coalesce(max(revision), 0) from items where merchant_id = c.merchant_id and contract_id = c.id and subject = 'fee'),
  'items', ${ITEMS}, 'lines', ${LINES},
  'scheduled', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'commandId', command_id, 'dueAt', iso(due_at), 'body', change)
      order by due_at, id), '[]') from scheduled_changes where merchant_id = c.merchant_id and contract_id = c.id and state = 'scheduled'),
  'commands', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'askedAt', iso(asked_at), 'effective', effective, 'body', body)
      order by seq), '[]') from commands where merchant_id = c.merchant_id and contract_id = c.id and state = 'pending'),
  'taxRates', ${TAX_RATES})`;

const CONTEXT = `jsonb_build_object(
  'merchantId', c.merchant_id, 'customerId', c.customer_id, 'accountId', a.id, 'accountKind', a.kind, 'accountZone', a.time_zone,
  'clockId', c.clock_id, 'paymentTermDays', a.payment_term_days,
  'issuer', jsonb_build_object('id', i.id, 'zone', i.time_zone, 'subjectId', i.subject_id, 'version', i.subject_version),
  'language', u.language, 'invoiceTitle', u.invoice_title, 'recipient', jsonb_build_object('subjectId', u.subject_id, 'version', u.subject_version),
  'patterns', (select jsonb_object_agg(kind, pattern) from number_series where merchant_id = c.merchant_id and issuer_id = i.id),
  'paymentMethod', (select jsonb_build_object('id', id, 'provider', provider) from payment_methods
      where merchant_id = c.merchant_id and id = coalesce(c.payment_method_id, a.payment_method_id) and removed_at is null),
  'credits', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'leftMinor', left_minor::text) order by effective_at, id), '[]')
      from credits where merchant_id = c.merchant_id and account_id = a.id and left_minor > 0),
  'openReceivables', (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'openMinor', r.open_minor::text,
        'underWay', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state in ('sent', 'pending', 'requires_action', 'unknown')),
        'collected', exists (select from attempts t where t.merchant_id = r.merchant_id and t.receivable_id = r.id
          and t.state <> 'planned')) order by r.effective_at, r.id), '[]')
      from (select * from receivables where merchant_id = c.merchant_id and account_id = a.id and open_minor > 0
            order by effective_at, id limit 100) r),
  'plannedAttempts', (select coalesce(jsonb_agg(jsonb_build_object('id', id, 'provider', provider) order by id), '[]')
      from attempts where merchant_id = c.merchant_id and contract_id = c.id and state in ('planned', 'sent') and n = 1),
  'dunningLevel', (select coalesce(max(dunning_level), 0) from receivables
      where merchant_id = c.merchant_id and account_id = a.id and contract_id = c.id and open_minor > 0),
  'openIncident', (select id from incidents where workflow_id = 'contract/' || c.id and closed_at is null))`;

const FROM = `from contracts c
  join customers u on u.merchant_id = c.merchant_id and u.id = c.customer_id
  join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
  join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
  join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
  join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  join variants va on va.merchant_id = v.merchant_id and va.id = v.variant_id
  join plans p on p.merchant_id = va.merchant_id and p.id = va.plan_id`;

/** JSON carries minor units as text; here they become bigint again. */
function revive<T>(json: T): T {
  return JSON.parse(JSON.stringify(json), (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  ) as T;
}

/** The merchant of a contract: a workflow knows its contract's id alone. Null when there is none. */
export async function merchantOfContract(db: Db, contractId: string): Promise<MerchantId | null> {
  const found = await maybeRow<{ merchant_id: string }>(
    db,
    'select merchant_id from contracts where id = $1',
    [contractId],
  );
  return found === null ? null : merchantId(found.merchant_id);
}

/** All that the next step of a contract needs, in one statement; throws when there is no such contract. */
export async function loadContract(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<LoadedContract> {
  const { state, context } = await preparedRow<LoadedContract>(
    db,
    'load_contract',
    `select ${STATE} as state, ${CONTEXT} as context ${FROM} where c.merchant_id = $1 and c.id = $2`,
    [merchant, contractId],
  );
  return { state: revive(state), context: revive(context) };
}

/**
 * What is sold in a plan group now, in the newest versions, and the versions of variants that are named (those that
 * scheduled changes were decided on).
 */
export async function loadCatalogue(
  db: Db,
  merchant: MerchantId,
  planGroupId: string,
  versions: readonly string[] = [],
): Promise<Catalogue> {
  const variants = await rows<{ terms: Terms }>(
    db,
    `select ${termsOf('v')} as terms from plan_groups g
     join plans p on p.merchant_id = g.merchant_id and p.plan_group_id = g.id
     join variants va on va.merchant_id = p.merchant_id and va.plan_id = p.id
     join variant_versions v on v.merchant_id = va.merchant_id and v.variant_id = va.id
     where g.merchant_id = $1 and g.id = $2 and (v.id = any($3) or v.version = (select max(version) from variant_versions x
       where x.merchant_id = v.merchant_id and x.variant_id = v.variant_id))
     order by v.version desc`,
    [merchant, planGroupId, versions],
  );
  const components = await rows<Catalogue['components'][number]>(
    db,
    `select c.id as "componentId", c.kind, ${componentPricing('cv', 'c')} as pricing from components c
     join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
     join lateral (select * from component_versions x where x.merchant_id = c.merchant_id and x.component_id = c.id
       order by version desc limit 1) cv on true
     where c.merchant_id = $1 and c.plan_group_id = $2`,
    [merchant, planGroupId],
  );
  return { variants: variants.map((each) => each.terms), components };
}
