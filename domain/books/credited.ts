import { largestRemainder } from '../arithmetic/money.ts';
import type { BilledCharge } from './charge.ts';
import { type TaxMode, type TaxResult, checkTaxRate, roundedTax, sumOf, taxOf } from './tax.ts';

/**
 * The amounts that an invoice charged in a category at a rate, and the amounts that were credited of them before. They are
 * net or gross, as its prices are. Credited amounts are positive.
 */
export interface InvoicedGroup {
  readonly documentId: string;
  readonly category: string;
  readonly rate: string;
  readonly amountMinor: bigint;
  readonly taxMinor: bigint;
  readonly creditedMinor: bigint;
  readonly creditedTaxMinor: bigint;
  /** The charges whose sum `amountMinor` is. */
  readonly chargeIds: readonly string[];
}

/** The indexes of the lines in a tax group that credit one invoice. */
interface InvoiceLines {
  readonly invoiced: InvoicedGroup | undefined;
  readonly lines: readonly number[];
}

/**
 * The tax of a document that may have credits (rule 16). All credits of an invoice together never give back more tax than
 * the invoice had.
 *
 * The tax of a group with credits only is, for each invoice, the tax on all that was credited of it so far less the tax
 * that was credited before. The tax of a group with charges is the tax on its sum. If one of its credits may not give back
 * its share, the charges take the difference.
 * @param credited the groups of the invoices whose charges are credited
 * @throws DomainError invalid_tax_rate
 */
export function taxOfCharges(
  charges: readonly BilledCharge[],
  mode: TaxMode,
  credited: readonly InvoicedGroup[],
): TaxResult {
  const lines = charges.map(({ amountMinor, tax }) => ({
    amount: amountMinor,
    category: tax.category,
    rate: tax.rate,
  }));
  const taxed = taxOf(lines, mode);
  if (charges.every(({ reversesId }) => reversesId === null)) return taxed;
  const taxes = taxed.lines.map(({ tax }) => tax);
  for (const group of taxed.groups) shareGroup(taxes, group, charges, mode, credited);
  const shared = lines.map(({ amount }, index) => amountsOf(amount, taxes[index] ?? 0n, mode));
  const groups = taxed.groups.map((group) => ({
    ...group,
    ...sumOf(group.lines.flatMap((index) => shared[index] ?? [])),
  }));
  return { ...sumOf(shared), groups, lines: shared };
}

/** Corrects the taxes of the lines of one group if it has credits. */
function shareGroup(
  taxes: bigint[],
  group: TaxResult['groups'][number],
  charges: readonly BilledCharge[],
  mode: TaxMode,
  credited: readonly InvoicedGroup[],
): void {
  const amountAt = (index: number): bigint => charges[index]?.amountMinor ?? 0n;
  const taxAt = (index: number): bigint => taxes[index] ?? 0n;
  const credits = group.lines.filter((index) => charges[index]?.reversesId !== null);
  const charged = group.lines.filter(
    (index) => charges[index]?.reversesId === null && amountAt(index) !== 0n,
  );
  const setTaxes = (lines: readonly number[], tax: bigint): void => {
    if (tax === total(lines.map(taxAt))) return;
    const shares = shareOut(tax, lines.map(amountAt));
    lines.forEach((index, position) => (taxes[index] = shares[position] ?? 0n));
  };
  for (const { invoiced, lines } of partsOf(credits, charges, credited)) {
    const creditedNow = -total(lines.map(amountAt));
    if (charged.length === 0) setTaxes(lines, -byDifference(invoiced, creditedNow, group.rate, mode));
    else if (invoiced !== undefined)
      setTaxes(lines, -withinInvoice(invoiced, creditedNow, -total(lines.map(taxAt))));
  }
  if (charged.length > 0) setTaxes(charged, group.tax - total(credits.map(taxAt)));
}

/** Groups credits by the invoice that they credit. Credits without a known invoice are one group. */
function partsOf(
  lines: readonly number[],
  charges: readonly BilledCharge[],
  credited: readonly InvoicedGroup[],
): InvoiceLines[] {
  const parts = new Map<InvoicedGroup | undefined, number[]>();
  for (const index of lines) {
    const { reversesId, tax } = charges[index] ?? {};
    const invoiced = credited.find(
      ({ category, rate, chargeIds }) =>
        tax !== undefined &&
        reversesId !== undefined &&
        reversesId !== null &&
        category === tax.category &&
        checkTaxRate(rate) === checkTaxRate(tax.rate) &&
        chargeIds.includes(reversesId),
    );
    parts.set(invoiced, [...(parts.get(invoiced) ?? []), index]);
  }
  return [...parts].map(([invoiced, members]) => ({ invoiced, lines: members }));
}

function byDifference(
  invoiced: InvoicedGroup | undefined,
  creditedNow: bigint,
  rate: string,
  mode: TaxMode,
): bigint {
  if (invoiced === undefined) return roundedTax(creditedNow, rate, mode);
  return withinInvoice(
    invoiced,
    creditedNow,
    roundedTax(invoiced.creditedMinor + creditedNow, rate, mode) - invoiced.creditedTaxMinor,
  );
}

/**
 * Limits the tax that credits of an invoice give back to between zero and the tax that the invoice has left. They give back
 * exactly that if all of the invoice's amount is credited, and nothing if they add up to 0.
 */
function withinInvoice(invoiced: InvoicedGroup, creditedNow: bigint, tax: bigint): bigint {
  if (creditedNow === 0n) return 0n;
  if (creditedNow < 0n || invoiced.amountMinor <= 0n) return tax;
  const left =
    invoiced.taxMinor > invoiced.creditedTaxMinor ? invoiced.taxMinor - invoiced.creditedTaxMinor : 0n;
  if (invoiced.creditedMinor + creditedNow === invoiced.amountMinor || tax > left) return left;
  return tax > 0n ? tax : 0n;
}

/** Splits a tax in proportion to amounts, which may have mixed signs. */
function shareOut(tax: bigint, amounts: readonly bigint[]): bigint[] {
  const sum = total(amounts);
  // Amounts that add up to zero have no proportion, so the first one takes all of the tax.
  if (sum === 0n) return amounts.map((_, index) => (index === 0 ? tax : 0n));
  const sign = sum < 0n ? -1n : 1n;
  return largestRemainder(
    tax,
    amounts.map((amount) => sign * tax * amount),
    sign * sum,
  );
}

function amountsOf(amount: bigint, tax: bigint, mode: TaxMode): TaxResult['lines'][number] {
  return mode === 'net'
    ? { net: amount, tax, gross: amount + tax }
    : { net: amount - tax, tax, gross: amount };
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, each) => sum + each, 0n);
}
