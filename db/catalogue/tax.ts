import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, type Tx, maybeRow, row, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';

/** A rate of a country from a day on, until the next one. */
export interface TaxRate {
  readonly country: string;
  readonly valid_from: string;
  readonly category: string;
  /** Percent. */
  readonly rate: string;
  /** What documents print. */
  readonly text: string;
}

export interface TaxPolicyRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly name: string;
  readonly rates: readonly TaxRate[];
  readonly created_at: string;
}

const SELECT = `select p.id as cursor_key, p.id, p.external_id, p.name, p.created_at,
    (select coalesce(jsonb_agg(jsonb_build_object('country', country, 'valid_from', valid_from, 'category', category,
       'rate', rate::text, 'text', text) order by country, valid_from), '[]')
     from tax_rates r where r.merchant_id = p.merchant_id and r.tax_policy_id = p.id) as rates
  from tax_policies p where p.merchant_id = $1`;

/** @throws DomainError external_id_taken */
export async function insertTaxPolicy(
  db: Db,
  merchant: MerchantId,
  policy: { readonly external_id?: string; readonly name: string },
): Promise<string> {
  const id = newId('taxPolicy');
  await rows(db, 'insert into tax_policies (merchant_id, id, external_id, name) values ($1, $2, $3, $4)', [
    merchant,
    id,
    policy.external_id ?? null,
    policy.name,
  ]).catch(externalIdTaken);
  return id;
}

/** Stores a dated rate; answers whether there was none of its country and day. */
export async function insertTaxRate(
  db: Db,
  merchant: MerchantId,
  policyId: string,
  { country, valid_from, category, rate, text }: TaxRate,
): Promise<boolean> {
  const added = await rows(
    db,
    `insert into tax_rates (merchant_id, tax_policy_id, country, valid_from, category, rate, text)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning country`,
    [merchant, policyId, country, valid_from, category, rate, text],
  );
  return added.length > 0;
}

/** A rate that a line bears, with its terms. */
type HeldTaxRate = TaxRateKey & Pick<TaxRate, 'category' | 'rate' | 'text'>;

/** A rate by what names it. */
export interface TaxRateKey {
  readonly taxPolicyId: string;
  readonly country: string;
  readonly validFrom: string;
}

const RATE = 'merchant_id = $1 and tax_policy_id = $2 and country = $3 and valid_from = $4';
const keyOf = (merchant: MerchantId, { taxPolicyId, country, validFrom }: TaxRateKey): string[] => [
  merchant,
  taxPolicyId,
  country,
  validFrom,
];

/** Locks a rate that is to be taken back, and waits for who holds it; answers whether there is one. */
export async function lockTaxRate(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<boolean> {
  const locked = await rows(db, `select from tax_rates where ${RATE} for update`, keyOf(merchant, rate));
  return locked.length > 0;
}

/** Whether a line was made before its first day had begun anywhere: few are, and the index `charges_ahead` has them. */
const AHEAD = `l.from_date > ((l.effective_at at time zone 'UTC') + interval '14 hours')::date`;

/**
 * Whether a line may have been billed at a rate whose first day has begun nowhere: one of its country, from its day on, at its
 * terms.
 */
export async function isTaxRateUsed(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<boolean> {
  const { used } = await row<{ used: boolean }>(
    db,
    `select coalesce((select true from charges l where l.merchant_id = t.merchant_id and l.tax_country = t.country
       and l.from_date >= t.valid_from and ${AHEAD} and l.tax_category = t.category and l.tax_rate = t.rate and l.tax_text = t.text
       order by l.from_date limit 1), false) as used
     from tax_rates t where ${RATE}`,
    keyOf(merchant, rate),
  );
  return used;
}

/** Holds rates until the end of the transaction, so that none is taken back; answers whether all of them are there. */
export async function holdTaxRates(
  tx: Tx,
  merchant: MerchantId,
  rates: readonly HeldTaxRate[],
): Promise<boolean> {
  const held = await rows(
    tx,
    `select from tax_rates t where t.merchant_id = $1 and exists (select from jsonb_to_recordset($2::jsonb)
         as x("taxPolicyId" text, country text, "validFrom" date, category text, rate numeric, text text)
       where x."taxPolicyId" = t.tax_policy_id and x.country = t.country and x."validFrom" = t.valid_from
         and x.category = t.category and x.rate = t.rate and x.text = t.text)
     order by t.tax_policy_id, t.country, t.valid_from for key share`,
    [merchant, JSON.stringify(rates)],
  );
  return held.length === rates.length;
}

export async function deleteTaxRate(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<void> {
  await rows(db, `delete from tax_rates where ${RATE}`, keyOf(merchant, rate));
}

/** The latest now of the merchant's customers: wall time, or that of a test clock ahead of it. */
export async function latestNow(db: Db, merchant: MerchantId): Promise<string> {
  const { now } = await row<{ now: string }>(
    db,
    `select iso(greatest(clock_timestamp(), (select max(now_at) from test_clocks where merchant_id = $1))) as now`,
    [merchant],
  );
  return now;
}

/** Contracts that have not ended, of customers in the rate's country, that the policy may tax. */
export async function contractsTaxedBy(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    `select c.id from contracts c
     join customers u on u.merchant_id = c.merchant_id and u.id = c.customer_id
     join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
     where c.merchant_id = $1 and c.phase <> 'ended' and u.country = $3 and (g.tax_policy_id = $2
       or exists (select from components x where x.merchant_id = g.merchant_id and x.plan_group_id = g.id and x.tax_policy_id = $2)
       or exists (select from one_time_charges o where o.merchant_id = c.merchant_id and o.account_id = c.account_id
         and o.state = 'waiting' and o.tax_policy_id = $2))
     order by c.id`,
    [merchant, rate.taxPolicyId, rate.country],
  );
  return found.map((each) => each.id);
}

export function getTaxPolicy(db: Db, merchant: MerchantId, id: string): Promise<TaxPolicyRow | null> {
  return maybeRow<TaxPolicyRow>(db, `${SELECT} and p.id = $2`, [merchant, id]);
}

export function listTaxPolicies(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<TaxPolicyRow>> {
  return pageOf<TaxPolicyRow>(db, SELECT, [merchant], page);
}
