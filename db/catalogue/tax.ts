import { z } from 'zod';
import { date, decimal, instant, list, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';

const taxRate = z.strictObject({
  country: text,
  valid_from: date,
  category: text,
  /** In percent. */
  rate: decimal,
  /** The text that documents print. */
  text,
});

/** The tax rate of a country from a day on, until the next rate. */
export type TaxRate = Readonly<z.output<typeof taxRate>>;

const policyColumns = {
  id: text,
  external_id: text.nullable(),
  name: text,
  rates: list(taxRate),
  created_at: instant,
};
export type TaxPolicyRow = RowOf<typeof policyColumns>;

const POLICY = `
  select p.id, p.external_id, p.name, p.created_at,
    (select coalesce(jsonb_agg(jsonb_build_object('country', country, 'valid_from', valid_from, 'category', category,
        'rate', rate::text, 'text', text) order by country, valid_from), '[]')
      from tax_rates r where r.merchant_id = p.merchant_id and r.tax_policy_id = p.id) as rates
  from tax_policies p where p.merchant_id = :merchant`;

const selectPolicy = statement('taxPolicy', {
  sql: `${POLICY} and p.id = :policy`,
  params: { merchant: 'text', policy: 'text' },
  row: policyColumns,
});

const listPolicies = listStatement('taxPolicies', {
  sql: POLICY,
  params: { merchant: 'text' },
  row: policyColumns,
});

/** Stores a tax policy without rates and returns its id. @throws DomainError external_id_taken */
export async function insertTaxPolicy(
  db: Db,
  merchant: MerchantId,
  policy: { readonly external_id?: string; readonly name: string },
): Promise<string> {
  const id = newId('taxPolicy');
  const row = { merchant_id: merchant, id, external_id: policy.external_id ?? null, name: policy.name };
  await writeRows(db, 'insertTaxPolicy', { tax_policies: [row] }).catch(externalIdTaken);
  return id;
}

const insertRate = statement('insertTaxRate', {
  sql: `
    insert into tax_rates (merchant_id, tax_policy_id, country, valid_from, category, rate, text)
    values (:merchant, :policy, :country, :validFrom, :category, :rate, :text) on conflict do nothing`,
  params: {
    merchant: 'text',
    policy: 'text',
    country: 'text',
    validFrom: 'date',
    category: 'text',
    rate: 'numeric',
    text: 'text',
  },
});

/** Stores a rate. Returns false if the policy has a rate for its country and day already. */
export async function insertTaxRate(
  db: Db,
  merchant: MerchantId,
  policyId: string,
  { valid_from, ...rate }: TaxRate,
): Promise<boolean> {
  const added = await insertRate.run(db, { merchant, policy: policyId, validFrom: valid_from, ...rate });
  return added > 0;
}

/** A rate that lines use, with its terms. */
type UsedTaxRate = TaxRateKey & Pick<TaxRate, 'category' | 'rate' | 'text'>;

/** The key of a rate. */
export interface TaxRateKey {
  readonly taxPolicyId: string;
  readonly country: string;
  readonly validFrom: string;
}

const RATE =
  'merchant_id = :merchant and tax_policy_id = :taxPolicyId and country = :country and valid_from = :validFrom';
const OF_RATE = { merchant: 'text', taxPolicyId: 'text', country: 'text', validFrom: 'date' } as const;

const lockRate = statement('lockTaxRate', {
  sql: `select from tax_rates where ${RATE} for update`,
  params: OF_RATE,
});

/** Locks a rate that is to be deleted. Waits for transactions that have locked it by `lockTaxRatesShared`. Returns whether it exists. */
export async function lockTaxRate(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<boolean> {
  const locked = await lockRate.run(db, { merchant, ...rate });
  return locked > 0;
}

const selectUsed = statement('isTaxRateUsed', {
  // The index `charges_ahead` has the lines that were made before their first day had begun anywhere. There are few of them.
  sql: `
    select coalesce((
      select true from charges l
      where l.merchant_id = t.merchant_id and l.tax_country = t.country and l.from_date >= t.valid_from
        and l.from_date > ((l.effective_at at time zone 'UTC') + interval '14 hours')::date
        and l.tax_category = t.category and l.tax_rate = t.rate and l.tax_text = t.text
      order by l.from_date limit 1), false) as used
    from tax_rates t where ${RATE}`,
  params: OF_RATE,
  row: { used: truth },
});

/**
 * Whether a line may have been billed at a rate whose first day has not begun anywhere yet. Such a line has the rate's country and
 * terms, and begins on the rate's day or later.
 */
export async function isTaxRateUsed(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<boolean> {
  const { used } = await selectUsed.row(db, { merchant, ...rate });
  return used;
}

const lockRatesShared = statement('lockTaxRatesShared', {
  sql: `
    select from tax_rates t
    where t.merchant_id = :merchant and exists (
      select from jsonb_to_recordset(:rates)
        as x("taxPolicyId" text, country text, "validFrom" date, category text, rate numeric, text text)
      where x."taxPolicyId" = t.tax_policy_id and x.country = t.country and x."validFrom" = t.valid_from
        and x.category = t.category and x.rate = t.rate and x.text = t.text)
    order by t.tax_policy_id, t.country, t.valid_from for key share`,
  params: { merchant: 'text', rates: 'jsonb' },
});

/** Locks rates until the end of the transaction, so that none is deleted. Returns whether all of them exist, with these terms. */
export async function lockTaxRatesShared(
  tx: Tx,
  merchant: MerchantId,
  rates: readonly UsedTaxRate[],
): Promise<boolean> {
  const locked = await lockRatesShared.run(tx, { merchant, rates });
  return locked === rates.length;
}

const deleteRate = statement('deleteTaxRate', {
  sql: `delete from tax_rates where ${RATE}`,
  params: OF_RATE,
});

export async function deleteTaxRate(db: Db, merchant: MerchantId, rate: TaxRateKey): Promise<void> {
  await deleteRate.run(db, { merchant, ...rate });
}

const selectLatestNow = statement('latestNowOfMerchant', {
  sql: `
    select iso(greatest(clock_timestamp(), (select max(now_at) from test_clocks where merchant_id = :merchant))) as now`,
  params: { merchant: 'text' },
  row: { now: instant },
});

/** The latest time of the merchant's customers: wall time, or the time of a test clock that is ahead of it. */
export async function latestNow(db: Db, merchant: MerchantId): Promise<string> {
  const { now } = await selectLatestNow.row(db, { merchant });
  return now;
}

const selectTaxed = statement('contractsTaxedBy', {
  sql: sqlFile(import.meta.url, 'contracts-taxed.sql'),
  params: { merchant: 'text', policy: 'text', country: 'text' },
  row: { id: text },
});

/** The ids of contracts that have not ended, whose customer is in the rate's country, and that the policy may tax. */
export async function contractsTaxedBy(
  db: Db,
  merchant: MerchantId,
  { taxPolicyId, country }: TaxRateKey,
): Promise<string[]> {
  const found = await selectTaxed.rows(db, { merchant, policy: taxPolicyId, country });
  return found.map((each) => each.id);
}

export function getTaxPolicy(db: Db, merchant: MerchantId, id: string): Promise<TaxPolicyRow | null> {
  return selectPolicy.maybeRow(db, { merchant, policy: id });
}

export function listTaxPolicies(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<TaxPolicyRow>> {
  return listPolicies.page(db, { merchant }, page);
}
