import { DomainError } from '../errors.ts';
import {
  asFraction,
  cmp,
  dec,
  decText,
  divideHalfUp,
  isNegative,
  largestRemainder,
} from '../arithmetic/money.ts';

/** Whether prices are without tax (net) or with it (gross). A document has one mode. */
export type TaxMode = 'net' | 'gross';

/** A line's amount in minor units, net or gross by the mode; its category, and its rate in percent: '19', '2.5'. */
export type TaxableLine = { readonly amount: bigint; readonly category: string; readonly rate: string };

/** Minor units, signed; `net + tax = gross`. */
type TaxAmounts = { net: bigint; tax: bigint; gross: bigint };

/** A category and a rate. `lines` are the indexes of its lines in the input. */
type TaxGroup = { category: string; rate: string; lines: number[] } & TaxAmounts;

/** `groups` are in the order of their first line, and `lines` in the order of the input. */
export type TaxResult = TaxAmounts & {
  groups: TaxGroup[];
  lines: TaxAmounts[];
};

/**
 * The tax of one document. As in a tax return, it is computed once for each category and rate from the sum of the lines.
 * Net: round(sum × r ÷ 100). Gross: round(sum × r ÷ (100 + r)). The lines get their shares by largest remainder, so that
 * they add up to their group.
 * @throws DomainError invalid_tax_rate
 */
export function taxOf(lines: readonly TaxableLine[], mode: TaxMode): TaxResult {
  const result: TaxResult = { ...zeroAmounts(), groups: [], lines: lines.map(zeroAmounts) };
  for (const { category, rate, members } of groupsOf(lines)) {
    const amounts = members.map((index) => lines[index]?.amount ?? 0n);
    const group = taxOfGroup(amounts, rate, mode);
    members.forEach((index, position) => (result.lines[index] = group.lines[position] ?? zeroAmounts()));
    result.groups.push({
      category,
      rate,
      lines: members,
      net: group.net,
      tax: group.tax,
      gross: group.gross,
    });
    addTo(result, group);
  }
  return result;
}

/** The indexes of the lines of each category and rate. */
function groupsOf(
  lines: readonly TaxableLine[],
): Iterable<{ category: string; rate: string; members: number[] }> {
  const groups = new Map<string, { category: string; rate: string; members: number[] }>();
  lines.forEach(({ category, rate: given }, index) => {
    const rate = checkTaxRate(given);
    const key = `${rate} ${category}`;
    const group = groups.get(key) ?? { category, rate, members: [] };
    group.members.push(index);
    groups.set(key, group);
  });
  return groups.values();
}

/**
 * The tax on a sum of amounts, rounded once. Net: round(sum × r ÷ 100). Gross: round(sum × r ÷ (100 + r)).
 * @throws DomainError invalid_tax_rate
 */
export function roundedTax(sum: bigint, rate: string, mode: TaxMode): bigint {
  const { taxed, base } = partOf(checkTaxRate(rate), mode);
  return divideHalfUp(sum * taxed, base);
}

/** The rate as a fraction of integers: the tax is amount × taxed ÷ base. The base is 100 or 100 + r, scaled by r's digits. */
function partOf(rate: string, mode: TaxMode): { taxed: bigint; base: bigint } {
  const { numerator: taxed, denominator } = asFraction(dec(rate));
  return { taxed, base: 100n * denominator + (mode === 'gross' ? taxed : 0n) };
}

function taxOfGroup(amounts: bigint[], rate: string, mode: TaxMode): TaxAmounts & { lines: TaxAmounts[] } {
  const { taxed, base } = partOf(rate, mode);
  const sum = amounts.reduce((a, b) => a + b, 0n);
  const tax = divideHalfUp(sum * taxed, base);
  if (mode === 'net') {
    const shares = largestRemainder(
      tax,
      amounts.map((amount) => amount * taxed),
      base,
    );
    const lines = amounts.map((net, index) => amountsOf(net, shares[index] ?? 0n));
    return { ...amountsOf(sum, tax), lines };
  }
  const nets = largestRemainder(
    sum - tax,
    amounts.map((amount) => amount * (base - taxed)),
    base,
  );
  const lines = amounts.map((gross, index) => amountsOf(nets[index] ?? 0n, gross - (nets[index] ?? 0n)));
  return { ...amountsOf(sum - tax, tax), lines };
}

function amountsOf(net: bigint, tax: bigint): TaxAmounts {
  return { net, tax, gross: net + tax };
}

function zeroAmounts(): TaxAmounts {
  return { net: 0n, tax: 0n, gross: 0n };
}

/** The sum of amounts. */
export function sumOf(amounts: readonly TaxAmounts[]): TaxAmounts {
  const sum = zeroAmounts();
  for (const each of amounts) addTo(sum, each);
  return sum;
}

function addTo(total: TaxAmounts, part: TaxAmounts): void {
  total.net += part.net;
  total.tax += part.tax;
  total.gross += part.gross;
}

/**
 * Checks a rate in percent and returns its plain form, so that '19.0' and '19' are one group.
 * @throws DomainError invalid_tax_rate outside 0 to 100; invalid_quantity if it is no decimal
 */
export function checkTaxRate(rate: string, field?: string): string {
  const value = dec(rate, field);
  if (!isNegative(value) && cmp(value, dec(100)) <= 0) return decText(value);
  throw new DomainError('invalid_tax_rate', 'a tax rate is 0 to 100 percent', { field, details: { rate } });
}

/** A rate of a country (ISO 3166, two letters) from a local date on, until the next one. */
export type PolicyRate = { readonly country: string; readonly rate: string; readonly validFrom: string };

/**
 * The rate of the country on the service date.
 * @throws DomainError tax_rate_missing with the country and the date
 */
export function rateFor(policy: readonly PolicyRate[], country: string, serviceDate: string): PolicyRate {
  let found: PolicyRate | undefined;
  for (const each of policy) {
    if (each.country !== country || each.validFrom > serviceDate) continue;
    if (found === undefined || each.validFrom > found.validFrom) found = each;
  }
  if (found !== undefined) return found;
  throw new DomainError('tax_rate_missing', `no tax rate for ${country} on ${serviceDate}`, {
    details: { country, serviceDate },
  });
}
