import { type Instant, dateAt } from '../../domain/arithmetic/calendar.ts';
import type { Charge } from '../../domain/books/charge.ts';
import { ratesAhead } from '../../domain/books/tax-on.ts';
import type { ContractState } from '../../domain/contracts/state.ts';
import { checkTaxRate } from '../../domain/books/tax.ts';
import { NOTHING_SOLD } from '../../domain/catalogue/terms.ts';
import { missingRates } from '../../domain/billing/taxable.ts';
import { pinnedVersions } from '../../domain/billing/steps.ts';
import { DomainError } from '../../domain/errors.ts';
import {
  type TaxRate,
  type TaxRateKey,
  contractsTaxedBy,
  deleteTaxRate,
  lockTaxRatesShared,
  insertTaxPolicy,
  insertTaxRate,
  isTaxRateUsed,
  latestNow,
  lockTaxRate,
} from '../../db/catalogue/tax.ts';
import { loadCatalogue } from '../../db/catalogue/load-catalogue.ts';
import { loadContracts } from '../../db/contracts/contracts.ts';
import { contractsOfCustomer } from '../../db/contracts/views.ts';
import { getCustomer } from '../../db/parties/customers.ts';
import { type CustomerRevision, reviseCustomer } from '../parties/customers.ts';
import type { Vault } from '../../db/parties/vault.ts';
import type { MerchantId } from '../../db/platform/ids.ts';
import type { Db, Tx } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';

/** How many contracts are loaded at a time. A customer or a country may have any number. */
const LOADED_AT_ONCE = 100;
/** The time zone in which each day begins first. */
const FIRST_ZONE = 'Pacific/Kiritimati';

/** A rate to add. Without a text it gets one made from the rate: `VAT 19 %`. */
type NewTaxRate = Omit<TaxRate, 'text'> & { readonly text?: string };

/**
 * Creates a tax policy with its rates.
 * @throws DomainError invalid_tax_rate, tax_rate_exists, external_id_taken
 */
export async function createTaxPolicy(
  db: Db,
  merchant: MerchantId,
  policy: { external_id?: string; name: string; rates: readonly NewTaxRate[] },
): Promise<string> {
  const id = await insertTaxPolicy(db, merchant, policy);
  for (const [index, rate] of policy.rates.entries()) {
    await addTaxRate(db, merchant, id, rate, `rates[${index}].`);
  }
  return id;
}

/**
 * Adds a dated rate. A rate that is in force is never changed. `at` is the prefix of the fields that errors name.
 * @throws DomainError invalid_tax_rate, tax_rate_exists
 */
export async function addTaxRate(
  db: Db,
  merchant: MerchantId,
  policyId: string,
  added: NewTaxRate,
  at = '',
): Promise<void> {
  const rate = checkTaxRate(added.rate, `${at}rate`);
  if (await insertTaxRate(db, merchant, policyId, { text: `VAT ${rate} %`, ...added, rate })) return;
  const { country, valid_from } = added;
  throw new DomainError('tax_rate_exists', `there is a rate for ${country} from ${valid_from}`, {
    field: `${at}valid_from`,
  });
}

/**
 * Revises a customer. It refuses a country in which a contract of the customer would have no tax rate, because billing
 * would stop.
 * @throws DomainError tax_rate_missing with the ids of these contracts, not_found, erased, external_id_taken
 */
export async function moveCustomer(
  tx: Tx,
  vault: Vault,
  merchant: MerchantId,
  id: string,
  revision: CustomerRevision,
): Promise<void> {
  const { country } = found(await getCustomer(tx, merchant, id), 'customer');
  await reviseCustomer(tx, vault, merchant, id, revision);
  if (revision.country === undefined || revision.country === country) return;
  await refuseMissing(tx, merchant, await contractsOfCustomer(tx, merchant, id), { field: 'country' });
}

/**
 * Removes a rate, so that a mistyped one can be corrected. The rate's first day must not have begun on any clock, and no line
 * may use it.
 * @throws DomainError not_found, tax_rate_in_force, tax_rate_used, tax_rate_missing with the contracts that need it
 */
export async function removeTaxRate(tx: Tx, merchant: MerchantId, rate: TaxRateKey): Promise<void> {
  if (!(await lockTaxRate(tx, merchant, rate)))
    throw new DomainError('not_found', 'there is no such tax rate');
  const today = dateAt(await latestNow(tx, merchant), FIRST_ZONE);
  if (rate.validFrom <= today) {
    throw new DomainError(
      'tax_rate_in_force',
      `the rate has been in force since ${rate.validFrom}: add a later one instead`,
    );
  }
  // Asked after the lock is taken, so that it sees the lines of every transaction that locked the rate.
  if (await isTaxRateUsed(tx, merchant, rate)) {
    throw new DomainError('tax_rate_used', 'a line has been billed ahead at this rate');
  }
  const contracts = await contractsTaxedBy(tx, merchant, rate);
  await deleteTaxRate(tx, merchant, rate);
  await refuseMissing(tx, merchant, contracts, { taxPolicyId: rate.taxPolicyId });
}

/**
 * Locks the rates of charges that are billed ahead, before the rate's first day. A transaction that removes such a rate then
 * waits, and finds the lines. Most charges have no such rate.
 * @returns false if one of the rates was removed after it was read
 */
export async function lockRatesAhead(
  tx: Tx,
  merchant: MerchantId,
  { taxRates, zone }: Pick<ContractState, 'taxRates' | 'zone'>,
  charges: readonly Charge[],
  at: Instant,
): Promise<boolean> {
  const ahead = ratesAhead(taxRates, charges, dateAt(at, zone));
  return ahead.length === 0 || lockTaxRatesShared(tx, merchant, ahead);
}

/** @throws DomainError tax_rate_missing with the ids of the contracts that the present rates cannot tax */
async function refuseMissing(
  tx: Tx,
  merchant: MerchantId,
  contractIds: readonly string[],
  { field, taxPolicyId }: { field?: string; taxPolicyId?: string },
): Promise<void> {
  const contracts: string[] = [];
  for (let from = 0; from < contractIds.length; from += LOADED_AT_ONCE) {
    const part = contractIds.slice(from, from + LOADED_AT_ONCE);
    for (const { state } of await loadContracts(tx, merchant, part)) {
      const catalogue =
        state.scheduled.length === 0
          ? NOTHING_SOLD
          : await loadCatalogue(tx, merchant, state.terms.planGroupId, pinnedVersions(state));
      const missing = missingRates(state, catalogue);
      if (missing.some((each) => taxPolicyId === undefined || each.taxPolicyId === taxPolicyId)) {
        contracts.push(state.contractId);
      }
    }
  }
  if (contracts.length === 0) return;
  throw new DomainError(
    'tax_rate_missing',
    `without a tax rate, billing would stop for ${contracts.join(', ')}`,
    {
      field,
      details: { contracts },
    },
  );
}
