import { DomainError } from '../../domain/errors.ts';
import { checkTaxRate } from '../../domain/books/tax.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, pageOf } from '../platform/page.ts';
import { type Db, maybeRow, rows } from '../platform/pool.ts';
import { externalIdTaken } from '../platform/refs.ts';

/** A rate of a country from a day on, until the next one. */
interface TaxRateInput {
  readonly country: string;
  readonly valid_from: string;
  readonly category: string;
  /** Percent. */
  readonly rate: string;
  /** What documents print; made from the rate when left out. */
  readonly text?: string;
}

export interface TaxPolicyRow {
  readonly id: string;
  readonly external_id: string | null;
  readonly name: string;
  readonly rates: readonly Required<TaxRateInput>[];
  readonly created_at: string;
}

const SELECT = `select p.id as cursor_key, p.id, p.external_id, p.name, p.created_at,
    (select coalesce(jsonb_agg(jsonb_build_object('country', country, 'valid_from', valid_from, 'category', category,
       'rate', rate::text, 'text', text) order by country, valid_from), '[]')
     from tax_rates r where r.merchant_id = p.merchant_id and r.tax_policy_id = p.id) as rates
  from tax_policies p where p.merchant_id = $1`;

export async function createTaxPolicy(
  db: Db,
  merchant: MerchantId,
  policy: { external_id?: string; name: string; rates: readonly TaxRateInput[] },
): Promise<string> {
  const id = newId('taxPolicy');
  await rows(db, 'insert into tax_policies (merchant_id, id, external_id, name) values ($1, $2, $3, $4)', [
    merchant,
    id,
    policy.external_id ?? null,
    policy.name,
  ]).catch(externalIdTaken);
  for (const [index, rate] of policy.rates.entries()) {
    await addTaxRate(db, merchant, id, rate, `rates[${index}].`);
  }
  return id;
}

/**
 * Adds a dated rate; rates are never changed. `at` is put before the fields that errors name.
 * @throws DomainError invalid_tax_rate, tax_rate_exists
 */
export async function addTaxRate(
  db: Db,
  merchant: MerchantId,
  policyId: string,
  { country, valid_from, category, rate, text }: TaxRateInput,
  at = '',
): Promise<void> {
  const percent = checkTaxRate(rate, `${at}rate`);
  const added = await rows(
    db,
    `insert into tax_rates (merchant_id, tax_policy_id, country, valid_from, category, rate, text)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning country`,
    [merchant, policyId, country, valid_from, category, percent, text ?? `VAT ${percent} %`],
  );
  if (added.length > 0) return;
  throw new DomainError('tax_rate_exists', `there is a rate for ${country} from ${valid_from}`, {
    field: `${at}valid_from`,
  });
}

export function getTaxPolicy(db: Db, merchant: MerchantId, id: string): Promise<TaxPolicyRow | null> {
  return maybeRow<TaxPolicyRow>(db, `${SELECT} and p.id = $2`, [merchant, id]);
}

export function listTaxPolicies(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<TaxPolicyRow>> {
  return pageOf<TaxPolicyRow>(db, SELECT, [merchant], page);
}
