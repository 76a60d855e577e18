import type { LocalDate } from '../arithmetic/calendar.ts';
import type { ContractState, LineTax } from '../contracts/state.ts';
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
