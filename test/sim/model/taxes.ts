import { above, exact, minus, plus, times, toMinor } from './exact.ts';
import type { Exact } from './exact.ts';
import type { BilledLine } from './types.ts';

/** A line of a document. Its amount is net or gross, as its price is. Its rate stands for its tax category, too. */
export interface TaxableLine {
  minor: bigint;
  /** Percent. */
  rate: string;
  /** The line of an earlier document that it credits. Null for a charge and for a credit by hand. */
  credits: TaxableLine | null;
  /** Whether it is a one-time charge below zero. Unlike the line of a cap, it does not reduce what its invoice charged. */
  byHand: boolean;
}

/** The lines of one document at one rate, with their tax. */
export interface TaxGroup {
  rate: string;
  net: bigint;
  tax: bigint;
}

export type PriceMode = 'net' | 'gross';

/** The amounts that an invoice charged at a rate and that were credited of it, with the tax on them. */
interface Invoice {
  charged: bigint;
  chargedTax: bigint;
  credited: bigint;
  creditedTax: bigint;
}

const whole = (minor: bigint): Exact => ({ over: minor, under: 1n });
const sumOf = (lines: readonly TaxableLine[]): bigint => lines.reduce((all, { minor }) => all + minor, 0n);

/** A document: the instant of its step, and its totals. */
export interface TaxedDocument {
  at: string;
  net: bigint;
  tax: bigint;
}

/** The documents of lines, in the order in which they were made, with the groups of each. */
export function documentsOf(
  lines: readonly BilledLine[],
  rateOf: (line: BilledLine) => string,
  mode: PriceMode,
): (TaxedDocument & { groups: TaxGroup[] })[] {
  const taxes = new Taxes(mode);
  const taxable = new Map<BilledLine, TaxableLine>();
  const documents = new Map<number, BilledLine[]>();
  for (const line of lines) {
    const credits = line.credits === null ? null : taxable.get(line.credits)!;
    const byHand = line.kind === 'one_time' && line.minor < 0n;
    taxable.set(line, { minor: line.minor, rate: credits?.rate ?? rateOf(line), credits, byHand });
    documents.set(line.document, [...(documents.get(line.document) ?? []), line]);
  }
  return [...documents.values()].map((all) => {
    const groups = taxes.next(all.toSorted(byPosition).map((line) => taxable.get(line)!));
    const total = (of: 'net' | 'tax'): bigint => groups.reduce((sum, group) => sum + group[of], 0n);
    return { at: all[0]!.at, net: total('net'), tax: total('tax'), groups };
  });
}

/** One-time charges, recurring lines, usage, credits by hand; within these by service date, then as made (rule 17). */
function byPosition(a: BilledLine, b: BilledLine): number {
  const place = ({ kind, minor }: BilledLine): number =>
    kind === 'one_time' ? (minor < 0n ? 3 : 0) : kind === 'usage' ? 2 : 1;
  return place(a) - place(b) || (a.from < b.from ? -1 : a.from > b.from ? 1 : 0);
}

/** The largest integer that is not above the fraction. */
function roundedDown({ over, under }: Exact): bigint {
  return over < 0n ? -((under - 1n - over) / under) : over / under;
}

/** The taxes of documents that were made one after the other (rule 16). */
export class Taxes {
  private readonly mode: PriceMode;
  private readonly invoices = new Map<TaxableLine, Invoice>();

  constructor(mode: PriceMode) {
    this.mode = mode;
  }

  /** The groups of the next document, in the order of their first lines. */
  next(lines: readonly TaxableLine[]): TaxGroup[] {
    const rates = [...new Set(lines.map(({ rate }) => rate))];
    return rates.map((rate) => {
      const group = lines.filter((line) => line.rate === rate);
      const alone = group.every(({ credits }) => credits !== null);
      const tax = alone ? this.creditsAlone(group, rate) : this.withCharges(group, rate);
      const amount = sumOf(group);
      return { rate, net: this.mode === 'net' ? amount : amount - tax, tax };
    });
  }

  /** The tax of credits only: for each invoice, the tax on all its credits so far, less the tax credited before. */
  private creditsAlone(group: readonly TaxableLine[], rate: string): bigint {
    let given = 0n;
    for (const [invoice, lines] of this.byInvoice(group)) {
      const taxed = this.tax(invoice.credited - sumOf(lines), rate);
      given += giveBack(invoice, -sumOf(lines), taxed - invoice.creditedTax);
    }
    return -given;
  }

  /** The tax on the sum of a group with charges. Credits give back their shares by largest remainder; charges bear the rest. */
  private withCharges(group: readonly TaxableLine[], rate: string): bigint {
    const total = this.tax(sumOf(group), rate);
    const shares = this.shares(group, rate, total);
    let given = 0n;
    for (const [invoice, lines] of this.byInvoice(group)) {
      const share = -lines.reduce((all, line) => all + shares.get(line)!, 0n);
      given += giveBack(invoice, -sumOf(lines), share);
    }
    const charges = group.filter(({ credits, byHand }) => credits === null && !byHand);
    const granted = group.filter((line) => line.byHand);
    const chargedTax = total + given - granted.reduce((all, line) => all + shares.get(line)!, 0n);
    const newInvoice = { charged: sumOf(charges), chargedTax, credited: 0n, creditedTax: 0n };
    for (const line of charges) this.invoices.set(line, newInvoice);
    return total;
  }

  /**
   * The tax of each line. With net prices, the lines share the tax. With gross prices, they share the net amount, and their
   * tax is the rest. Shares are rounded down. The cents that are left go to the largest remainders, and of equal ones to the
   * first. A sum below zero is shared as its mirror image.
   */
  private shares(group: readonly TaxableLine[], rate: string, total: bigint): Map<TaxableLine, bigint> {
    const net = this.mode === 'net';
    const sign = sumOf(group) < 0n ? -1n : 1n;
    const parts = group.map((line) => {
      const minor = sign * line.minor;
      const tax = times(whole(minor), this.factor(rate));
      const exactly = net ? tax : minus(whole(minor), tax);
      const share = roundedDown(exactly);
      return { line, share, rest: minus(exactly, whole(share)) };
    });
    const left =
      sign * (net ? total : sumOf(group) - total) - parts.reduce((all, { share }) => all + share, 0n);
    const largest = parts.toSorted((a, b) => (above(a.rest, b.rest) ? -1 : above(b.rest, a.rest) ? 1 : 0));
    const cents = new Set(largest.slice(0, Number(left)));
    return new Map(
      parts.map((part) => {
        const share = sign * (part.share + (cents.has(part) ? 1n : 0n));
        return [part.line, net ? share : part.line.minor - share];
      }),
    );
  }

  private byInvoice(group: readonly TaxableLine[]): Map<Invoice, TaxableLine[]> {
    const found = new Map<Invoice, TaxableLine[]>();
    for (const line of group) {
      if (line.credits === null) continue;
      const invoice = this.invoices.get(line.credits)!;
      found.set(invoice, [...(found.get(invoice) ?? []), line]);
    }
    return found;
  }

  /** r ÷ 100 of a net amount, r ÷ (100 + r) of a gross amount. */
  private factor(rate: string): Exact {
    const percent = exact(rate);
    const hundred = whole(100n);
    const base = this.mode === 'net' ? hundred : plus(hundred, percent);
    return { over: percent.over * base.under, under: percent.under * base.over };
  }

  private tax(minor: bigint, rate: string): bigint {
    return toMinor(times(whole(minor), this.factor(rate)), 0);
  }
}

/** Credits an amount. The tax that it gives back is from 0 to what is left, and all of that with the last of the amount. */
function giveBack(invoice: Invoice, amount: bigint, tax: bigint): bigint {
  const left = invoice.chargedTax - invoice.creditedTax;
  invoice.credited += amount;
  const given = invoice.credited === invoice.charged || tax > left ? left : tax < 0n ? 0n : tax;
  invoice.creditedTax += given;
  return given;
}
