import { WITHOUT_OUTCOME } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import type { Catalogue, ContractState, Terms } from '../../domain/contracts/state.ts';
import {
  ACCOUNT_TERMS,
  type AccountTerms,
  type Json,
  UNLOCKED_BOOKS,
  type UnlockedBooks,
  parseJson,
} from '../books/account-context.ts';
import { type Booked, HAS_BOOKED, NOTHING_BOOKED, loadBooked } from './booked.ts';
import type { Locked } from './locks.ts';
import { type Db, type Tx, maybeRow, preparedRows, row } from '../platform/pool.ts';
import { type MerchantId, merchantId } from '../platform/ids.ts';
import { lineTax } from '../books/charge-rows.ts';
import { TAX_RATES_OF, componentPricing, feePricing, lengthOf, termsOf } from '../catalogue/fragments.ts';
import { itemJson } from './fragments.ts';
import { PREFIX } from '../../temporal/ids.ts';

interface OwnContext {
  readonly customerId: string;
  readonly accountKind: 'immediate' | 'collective';
  readonly accountZone: string;
  /** Attempts that wait to be sent. */
  readonly plannedAttempts: readonly { readonly id: string; readonly provider: string }[];
  readonly dunningLevel: number;
  readonly openIncident: string | null;
  readonly unlocked: UnlockedBooks;
}

/** What a step needs to know besides the contract itself: where its bills go. */
export interface ContractContext extends AccountTerms, OwnContext {}

export interface LoadedContract {
  readonly state: ContractState;
  readonly context: ContractContext;
}

interface Fee {
  readonly revision: number;
  readonly item: ContractState['items'][number] | null;
}

/**
 * The fee's newest revision, and what it says unless it ended too long ago to be owed: generous, the domain knows
 * exactly.
 */
const FEE = `(select json_build_object('revision', i.revision, 'item', case when i.quantity is not null and (i.ends_at is null
    or i.ends_at > c.settled_through - interval '3 days' - ${lengthOf('v', 'billing_interval')})
  then ${itemJson('null', 'i.ends_at', feePricing('iv'))} end)
  from (select * from items where merchant_id = c.merchant_id and contract_id = c.id and subject = 'fee' order by revision desc limit 1) i
  left join variant_versions iv on iv.merchant_id = i.merchant_id and iv.id = i.variant_version_id)`;

const ONE_TIME_OF = `coalesce(json_agg(json_build_object('id', o.id, 'kind', o.kind, 'text', o.text, 'reference', o.reference,
    'application', o.application, 'serviceDate', o.service_date, 'quantity', o.quantity::text, 'unitPrice', o.unit_price::text,
    'taxPolicyId', o.tax_policy_id, 'madeAt', iso(o.created_at)) order by o.created_at, o.id), '[]')`;

const ONE_TIME = `(select ${ONE_TIME_OF} from one_time_charges o where o.merchant_id = c.merchant_id and o.account_id = a.id and o.state = 'waiting'
    and (o.contract_id = c.id or o.contract_id is null) and o.price_mode = g.price_mode)`;

/**
 * Lines that still cover days at what is settled or later, parts of a period that still runs, as the line that completes
 * it takes the rest, and of arrears those that may reach into a period that is not billed yet: as many in year ten as in
 * month two. A step looks back to the first instant of its day, and no day is longer than 25 hours.
 */
const LINES = `(select coalesce(json_agg(json_build_object(
    'chargeId', l.id, 'itemId', l.item_id, 'origin', coalesce(li.origin_id, li.id), 'subject', li.subject, 'part', l.part, 'text', l.text,
    'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at), 'quantity', l.quantity::text, 'unitPrice', l.unit_price::text,
    'fullAmount', l.full_amount::text, 'unit', l.unit, 'fullDays', l.full_days, 'amountMinor', l.amount_minor::text,
    'tax', ${lineTax('l')},
    'uncovered', (select coalesce(json_agg(json_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at),
        'amountMinor', r.amount_minor::text)), '[]') from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id))
    order by l.id), '[]')
  from charges l join items li on li.merchant_id = l.merchant_id and li.id = l.item_id
  left join component_versions lv on lv.merchant_id = li.merchant_id and lv.id = li.component_version_id
  where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring'
    and (l.ends_at > c.settled_through - interval '26 hours' or (l.days < l.full_days
      and (l.derivation->'full_period'->>'end')::date > c.settled_through::date - 2)
      or (lv.payment_mode = 'post_paid' and l.ends_at > c.settled_through - interval '3 days'
        - ${lengthOf('lv', 'interval')} - ${lengthOf('v', 'billing_interval')})))`;

/** Of all the merchant's policies: they are few, and a line may be taxed by any of them. */
const TAX_RATES = `(select ${TAX_RATES_OF} from tax_rates t where t.merchant_id = c.merchant_id and t.country = u.country)`;

const STATE = `json_build_object(
  'contractId', c.id, 'zone', c.time_zone, 'country', u.country, 'currency', g.currency, 'priceMode', g.price_mode,
  'startDate', c.start_date, 'startsAt', iso(c.starts_at), 'anchor', c.anchor_date, 'trialEndsAt', iso(c.trial_ends_at),
  'phase', c.phase, 'pauseReasons', c.pause_reasons, 'settledThrough', iso(c.settled_through), 'endedAt', iso(c.ended_at),
  'terms', ${termsOf('v')},
  'termStart', c.term_start, 'oneTime', ${ONE_TIME},
  'lines', ${LINES},
  'scheduled', (select coalesce(json_agg(json_build_object('id', id, 'commandId', command_id, 'dueAt', iso(due_at), 'body', change)
      order by due_at, id), '[]') from scheduled_changes where merchant_id = c.merchant_id and contract_id = c.id and state = 'scheduled'),
  'commands', (select coalesce(json_agg(json_build_object('id', id, 'askedAt', iso(asked_at), 'effective', effective, 'body', body)
      order by seq), '[]') from commands where merchant_id = c.merchant_id and contract_id = c.id and state = 'pending'),
  'taxRates', ${TAX_RATES})`;

const OWN_CONTEXT = `json_build_object(
  'customerId', c.customer_id, 'accountKind', a.kind, 'accountZone', a.time_zone,
  'plannedAttempts', (select coalesce(json_agg(json_build_object('id', id, 'provider', provider) order by id), '[]')
      from attempts where merchant_id = c.merchant_id and contract_id = c.id and state in ${stateList(WITHOUT_OUTCOME)} and n = 1),
  'dunningLevel', (select coalesce(max(dunning_level), 0) from receivables
      where merchant_id = c.merchant_id and contract_id = c.id and dunning_level > 0 and open_minor > 0),
  'unlocked', ${UNLOCKED_BOOKS},
  'openIncident', (select id from incidents where workflow_id = '${PREFIX.contract}' || c.id and closed_at is null))`;

const JOINED = `join customers u on u.merchant_id = c.merchant_id and u.id = c.customer_id
  join billing_accounts a on a.merchant_id = c.merchant_id and a.id = c.account_id
  join issuers i on i.merchant_id = a.merchant_id and i.id = a.issuer_id
  join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
  join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  join variants va on va.merchant_id = v.merchant_id and va.id = v.variant_id
  join plans p on p.merchant_id = va.merchant_id and p.id = va.plan_id`;

/** The merchant of a contract: a workflow knows its contract's id alone. Null when there is none. */
export async function merchantOfContract(db: Db, contractId: string): Promise<MerchantId | null> {
  const found = await maybeRow<{ merchant_id: string }>(
    db,
    'select merchant_id from contracts where id = $1',
    [contractId],
  );
  return found === null ? null : merchantId(found.merchant_id);
}

/** All that the next step of a contract needs; throws when there is no such contract. */
export async function loadContract(
  db: Db,
  merchant: MerchantId,
  contractId: string,
): Promise<LoadedContract> {
  const [found] = await preparedRows<Selected>(
    db,
    `select ${SELECTED} from contracts c ${JOINED} where c.merchant_id = $1 and c.id = $2`,
    [merchant, contractId],
  );
  if (found === undefined) throw new Error(`there is no contract ${contractId}`);
  return loadedOf(db, merchant, contractId, found);
}

/** The same for many contracts in one statement, in their order; those that the merchant does not have are left out. */
export async function loadContracts(
  db: Db,
  merchant: MerchantId,
  contractIds: readonly string[],
): Promise<LoadedContract[]> {
  const found = await preparedRows<Selected & { id: string }>(
    db,
    `select c.id, ${SELECTED} from unnest($2::text[]) with ordinality as asked(id, place)
     join contracts c on c.merchant_id = $1 and c.id = asked.id ${JOINED} order by asked.place`,
    [merchant, contractIds],
  );
  const loaded: LoadedContract[] = [];
  for (const each of found) loaded.push(await loadedOf(db, merchant, each.id, each));
  return loaded;
}

/** What the statements that load a contract select. */
interface Selected {
  readonly state: Json<Omit<ContractState, keyof Booked | 'feeRevision'>>;
  readonly fee: Json<Fee> | null;
  readonly account: Json<AccountTerms>;
  readonly own: Json<OwnContext>;
  readonly more: boolean;
}

const SELECTED = `(${STATE})::text as state, ${FEE}::text as fee, (${ACCOUNT_TERMS})::text as account, (${OWN_CONTEXT})::text as own,
  ${HAS_BOOKED} as more`;

/**
 * Locks a contract and loads it under the lock, in one statement; null when the merchant has no such contract. The
 * statement sees the rows from before it waited. If the contract's row is another one under the lock, they are read
 * once more: so whoever changes what is read here, also of other tables, updates the contract's row.
 */
export async function loadLocked(
  tx: Tx,
  merchant: MerchantId,
  contractId: string,
): Promise<(LoadedContract & { readonly locked: Locked }) | null> {
  const [found] = await preparedRows<Selected & Locked & { fresh: boolean | null }>(
    tx,
    `select l.now_at, l.advancing, l.phase, l.settled_through, l.version = c.xmin as fresh, ${SELECTED}
     from lock_contract($1, $2) l join contracts c on c.merchant_id = $1 and c.id = $2 ${JOINED}`,
    [merchant, contractId],
  );
  if (found === undefined || found.fresh === null) return null;
  const { now_at, advancing, phase, settled_through } = found;
  const loaded = found.fresh
    ? await loadedOf(tx, merchant, contractId, found)
    : await loadContract(tx, merchant, contractId);
  return { ...loaded, locked: { now_at, advancing, phase, settled_through } };
}

async function loadedOf(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  found: Selected,
): Promise<LoadedContract> {
  const booked = found.more ? await loadBooked(db, merchant, contractId) : NOTHING_BOOKED;
  const fee = found.fee === null ? null : parseJson(found.fee);
  const items = fee === null || fee.item === null ? booked.items : [fee.item, ...booked.items];
  return {
    state: { ...parseJson(found.state), ...booked, items, feeRevision: fee?.revision ?? 0 },
    context: { ...parseJson(found.account), ...parseJson(found.own) },
  };
}

/** What a contract that is ordered finds where it will be: the rates of its country, and what waits on its account. */
export function loadOrderPlace(
  db: Db,
  merchant: MerchantId,
  { country, accountId, priceMode }: { country: string; accountId: string | null; priceMode: string },
): Promise<Pick<ContractState, 'oneTime' | 'taxRates'>> {
  return row(
    db,
    `select (select ${ONE_TIME_OF} from one_time_charges o where o.merchant_id = $1 and o.account_id = $3
         and o.state = 'waiting' and o.contract_id is null and o.price_mode = $4) as "oneTime",
       (select ${TAX_RATES_OF} from tax_rates t where t.merchant_id = $1 and t.country = $2) as "taxRates"`,
    [merchant, country, accountId, priceMode],
  );
}

/**
 * What is sold in a plan group now, in the newest versions, and behind these the versions of variants and components that
 * are named (those that scheduled changes have pinned).
 */
export async function loadCatalogue(
  db: Db,
  merchant: MerchantId,
  planGroupId: string,
  versions: readonly string[] = [],
): Promise<Catalogue> {
  const variants = await preparedRows<{ terms: Terms }>(
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
  const components = await preparedRows<Catalogue['components'][number]>(
    db,
    `select c.id as "componentId", c.kind, ${componentPricing('cv', 'c')} as pricing from components c
     join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
     join component_versions cv on cv.merchant_id = c.merchant_id and cv.component_id = c.id
       and (cv.id = any($3) or cv.version = (select max(version) from component_versions x
         where x.merchant_id = c.merchant_id and x.component_id = c.id))
     where c.merchant_id = $1 and c.plan_group_id = $2
     order by cv.version desc`,
    [merchant, planGroupId, versions],
  );
  return { variants: variants.map((each) => each.terms), components };
}
