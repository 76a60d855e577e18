import type { LocalDate } from '../arithmetic/calendar.ts';
import type { ContractState, LineTax, TaxRate } from '../contracts/state.ts';
import type { Charge } from './charge.ts';
import { rateFor } from './tax.ts';

/**
 * The tax of a line: the rate of its policy in the customer's country on its service date.
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
 * The rates of charges that are not in force yet on a day. Such a rate can be taken back until its first day, unless a line
 * was billed at it. A line does not say which rate it was billed at, so this returns all rates that match its tax.
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
