import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import { addDays, dateAt } from '../arithmetic/calendar.ts';
import type { BilledCharge, Charge, ChargeGroup } from './charge.ts';
import { type InvoicedGroup, taxOfCharges } from './credited.ts';

/** The settings of the billing account that a document is for. */
export interface DocumentContext {
  readonly priceMode: 'net' | 'gross';
  readonly currency: string;
  readonly issuerZone: string;
  readonly paymentTermDays: number;
  readonly titles: Readonly<Record<'invoice' | 'credit_note', string>>;
}

interface DocumentTax {
  readonly category: string;
  /** Percent, decimal text. */
  readonly rate: string;
  readonly text: string;
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
}

/** A document without its number. The statement that stores the document assigns it. */
export interface DocumentDraft<C extends BilledCharge = Charge> {
  readonly id: string;
  readonly kind: 'invoice' | 'credit_note';
  readonly title: string;
  readonly issueDate: LocalDate;
  readonly dueDate: LocalDate;
  readonly serviceFrom: LocalDate;
  /** The day after the last day. */
  readonly serviceTo: LocalDate;
  readonly lines: readonly {
    readonly position: number;
    readonly charge: C;
    /** The contract in whose group the line is; null for the account itself. */
    readonly contractId: string | null;
    readonly netMinor: bigint;
    /** The line's share of the tax of its group. */
    readonly taxMinor: bigint;
  }[];
  readonly taxes: readonly DocumentTax[];
  readonly netMinor: bigint;
  readonly taxMinor: bigint;
  readonly grossMinor: bigint;
}

/**
 * Makes the document of charges that are billed together; null if all of them are 0.00. A total of zero or more makes an
 * invoice, and one below zero a credit note. Amounts keep their signs. Lines are ordered within their group. Taxes are computed
 * over all groups.
 * @param groups in the order in which the document prints them
 * @param finalisedAt gives the issue date, in the issuer's time zone
 * @param credited the tax groups of the invoices whose charges are credited
 */
export function makeDocument<C extends BilledCharge>(
  id: string,
  groups: readonly ChargeGroup<C>[],
  finalisedAt: Instant,
  context: DocumentContext,
  credited: readonly InvoicedGroup[],
): DocumentDraft<C> | null {
  const placed = groups.flatMap(({ contractId, charges }) =>
    inOrder(charges).map((charge) => ({ contractId, charge })),
  );
  const ordered = placed.map(({ charge }) => charge);
  if (ordered.every((charge) => charge.amountMinor === 0n)) return null;
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
    lines: placed.map((line, index) => ({
      ...line,
      position: index + 1,
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

/** The order of lines (rule 17): one-time charges, recurring lines with their credits, usage, one-time credits. */
function inOrder<C extends BilledCharge>(charges: readonly C[]): C[] {
  return [...charges].sort(
    (a, b) => rankOf(a) - rankOf(b) || (a.from === b.from ? 0 : a.from < b.from ? -1 : 1),
  );
}

function rankOf({ kind, amountMinor }: BilledCharge): number {
  if (kind === 'one_time') return amountMinor < 0n ? 3 : 0;
  return kind === 'usage' ? 2 : 1;
}

/** A posting. A debit is positive. The postings of an entry add up to zero. */
export interface Posting {
  /** The contract whose balance it moves; null for charges of the account itself. */
  readonly contractId: string | null;
  readonly ledgerAccount: string;
  readonly amountMinor: bigint;
}

/**
 * The postings of a document, for each contract on it: the gross amount of its lines is a receivable, their tax is owed to the
 * state, and their net amount is deferred revenue. A credit note has the same postings with its own signs.
 */
export function documentPostings({ lines }: Pick<DocumentDraft<BilledCharge>, 'lines'>): Posting[] {
  const sums = new Map<string | null, { net: bigint; tax: bigint }>();
  for (const { contractId, netMinor, taxMinor } of lines) {
    const { net, tax } = sums.get(contractId) ?? { net: 0n, tax: 0n };
    sums.set(contractId, { net: net + netMinor, tax: tax + taxMinor });
  }
  return [...sums].flatMap(([contractId, { net, tax }]) =>
    [
      { contractId, ledgerAccount: 'receivable', amountMinor: net + tax },
      { contractId, ledgerAccount: 'deferred_revenue', amountMinor: -net },
      { contractId, ledgerAccount: 'tax', amountMinor: -tax },
    ].filter((posting) => posting.amountMinor !== 0n),
  );
}
