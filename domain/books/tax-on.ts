import type { LocalDate } from '../arithmetic/calendar.ts';
import type { ContractState, LineTax, TaxRate } from '../contracts/state.ts';
import type { Charge } from './charge.ts';
import { rateFor } from './tax.ts';

/**
 * The tax that a line bears: the rate of its policy in the customer's country on its service date.
 * @throws DomainError tax_rate_missing
 */
export function taxOn(
  { taxRates, country }: Pick<ContractState, 'taxRates' | 'country'>,
  taxPolicyId: string,
  serviceDate: LocalDate,
): LineTax {
  const policy = taxRates.filter((rate) => rate.taxPolicyId === taxPolicyId);
  const { validFrom } = rateFor(policy, country, serviceDate);
  const found = policy.find((rate) => rate.country === country && rate.validFrom === validFrom);
  if (found === undefined) throw new RangeError('the rate that was found is not of the policy');
  return { category: found.category, rate: found.rate, text: found.text, country: found.country };
}

/**
 * The rates that charges bear and that are not in force yet on a day: until then they can be taken back, unless a line
 * was billed at them. More than one may have the terms that a line keeps; then all of them are meant.
 */
export function ratesAhead(
  taxRates: readonly TaxRate[],
  charges: readonly Pick<Charge, 'from' | 'tax'>[],
  today: LocalDate,
): TaxRate[] {
  return taxRates.filter(
    ({ country, validFrom, category, rate, text }) =>
      validFrom > today &&
      charges.some(
        ({ from, tax }) =>
          from >= validFrom &&
          tax.country === country &&
          tax.category === category &&
          tax.rate === rate &&
          tax.text === text,
      ),
  );
}
