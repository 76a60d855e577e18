import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import { addDays, dateAt } from '../arithmetic/calendar.ts';
import type { Charge } from './charge.ts';
import { type CreditedGroup, taxOfCharges } from './credited.ts';

/** The terms of the account that a document goes to. */
export interface DocumentContext {
  readonly priceMode: 'net' | 'gross';
  readonly currency: string;
  readonly issuerZone: string;
  readonly paymentTermDays: number;
  readonly titles: Readonly<Record<DocumentDraft['kind'], string>>;
}

interface DocumentTax {
  readonly category: string;
  /** Percent, decimal text. */
  readonly rate: string;
  readonly text: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
}

/** A document before it has its number: that is given by the statement that stores it. */
export interface DocumentDraft {
  readonly id: string;
  readonly kind: 'invoice' | 'credit_note';
  readonly title: string;
  readonly issueDate: LocalDate;
  readonly dueDate: LocalDate;
  readonly serviceFrom: LocalDate;
  /** The day after the last. */
  readonly serviceTo: LocalDate;
  readonly lines: readonly {
    readonly position: number;
    readonly charge: Charge;
    readonly netMinor: bigint;
    /** Its share of the tax of its group. */
    readonly taxMinor: bigint;
  }[];
  readonly taxes: readonly DocumentTax[];
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
}

/**
 * Makes the document of charges that are billed together, or null if all of them are 0.00. A total of zero or more
 * is an invoice, below zero a credit note; amounts keep their signs.
 * @param finalisedAt gives the issue date, in the issuer's time zone
 * @param credited what the invoices had whose charges it credits, and what was credited of them before
 */
export function makeDocument(
  id: string,
  charges: readonly Charge[],
  finalisedAt: Instant,
  context: DocumentContext,
  credited: readonly CreditedGroup[],
): DocumentDraft | null {
  if (charges.every((charge) => charge.amountMinor === 0n)) return null;
  const ordered = [...charges].sort(
    (a, b) => rankOf(a) - rankOf(b) || (a.from === b.from ? 0 : a.from < b.from ? -1 : 1),
  );
  const taxed = taxOfCharges(ordered, context.priceMode, credited);
  const issueDate = dateAt(finalisedAt, context.issuerZone);
  const kind = taxed.gross >= 0n ? 'invoice' : 'credit_note';
  return {
    id,
    kind,
    title: context.titles[kind],
    issueDate,
    dueDate: addDays(issueDate, context.paymentTermDays),
    serviceFrom: ordered.map((charge) => charge.from).reduce((a, b) => (a < b ? a : b)),
    serviceTo: ordered.map((charge) => charge.to).reduce((a, b) => (a > b ? a : b)),
    lines: ordered.map((charge, index) => ({
      position: index + 1,
      charge,
      netMinor: taxed.lines[index]?.net ?? 0n,
      taxMinor: taxed.lines[index]?.tax ?? 0n,
    })),
    taxes: taxed.groups.map((group) => ({
      category: group.category,
      rate: group.rate,
      text: [...new Set(group.lines.map((index) => ordered[index]?.tax.text ?? ''))]
        .filter(Boolean)
        .join(' / '),
      netMinor: group.net,
      taxMinor: group.tax,
    })),
    netMinor: taxed.net,
    taxMinor: taxed.tax,
    grossMinor: taxed.gross,
  };
}

/** One-time charges, recurring lines with their credits, usage, credits that were granted. */
function rankOf({ kind, amountMinor }: Charge): number {
  if (kind === 'one_time') return amountMinor < 0n ? 3 : 0;
  return kind === 'usage' ? 2 : 1;
}

/** A posting; positive is debit. The postings of an entry add up to zero. */
export interface Posting {
  readonly ledgerAccount: string;
  readonly amountMinor: bigint;
}

/**
 * The postings of a document: its total is owed to us; the tax is owed to the state; the net is deferred from the first
 * day of the service period that it is for. A credit note books the same with its own signs.
 */
export function documentPostings(document: DocumentDraft): Posting[] {
  return [
    { ledgerAccount: 'receivable', amountMinor: document.grossMinor },
    { ledgerAccount: 'deferred_revenue', amountMinor: -document.netMinor },
    { ledgerAccount: 'tax', amountMinor: -document.taxMinor },
  ].filter((posting) => posting.amountMinor !== 0n);
}
