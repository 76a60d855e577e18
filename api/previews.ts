import type { z } from 'zod';
import { formatMinor } from '../domain/arithmetic/money.ts';
import type { DocumentDraft } from '../domain/books/document.ts';
import { creditedDocuments } from '../domain/books/line-facts.ts';
import { languageOf } from '../domain/parties/languages.ts';
import type { NextBilling, Preview } from '../engine/contracts/preview.ts';
import type { PreviewedDocument } from '../engine/contracts/previewed-lines.ts';
import type { BillingPreview } from '../engine/jobs/preview-billing.ts';
import type { billingPreviewOut } from './schemas/account-jobs.ts';
import type { nextBilling, preview } from './schemas/previews.ts';
import { creditedToWire, lineToWire, pricesToWire } from './wire.ts';

/** Converts a preview to JSON. */
export function previewToWire(of: Preview): z.input<typeof preview> {
  return {
    waits_for_run: of.waitsForRun,
    documents: of.documents.map((document) => documentToWire(document, of)),
    scheduled: of.scheduled.map(({ commandId, dueAt, dueDate, body, document }) => ({
      command: commandId,
      due_at: dueAt,
      due_date: dueDate,
      change: { ...body },
      document: document && documentToWire(document, of),
    })),
    earliest_end: of.earliestEnd,
    next_billing: nextBillingToWire(of.nextBilling),
  };
}

/** Converts a preview of runs to JSON. */
export function billingToWire({ sums, accounts }: BillingPreview): z.input<typeof billingPreviewOut> {
  return {
    sums: sums.map(({ currency, documents, ...of }) => ({ documents, ...totals(of, currency) })),
    accounts: accounts.map(({ account, customer, currency, lines, contractsBehind, ...of }) => ({
      account,
      customer,
      lines,
      contracts_behind: contractsBehind,
      ...totals(of, currency),
    })),
  };
}

export function nextBillingToWire(next: NextBilling | null): z.input<typeof nextBilling> {
  return next && { at: next.at, date: next.date, ...totals(next, next.currency) };
}

type Totals = Pick<DocumentDraft, 'netMinor' | 'taxMinor' | 'grossMinor'>;

function totals({ netMinor, taxMinor, grossMinor }: Totals, currency: string) {
  return {
    currency,
    net: formatMinor(netMinor, currency),
    tax: formatMinor(taxMinor, currency),
    gross: formatMinor(grossMinor, currency),
  };
}

function documentToWire(
  document: PreviewedDocument,
  { currency, priceMode, language }: Preview,
): z.input<typeof preview>['documents'][number] {
  return {
    kind: document.kind,
    issue_date: document.issueDate,
    price_mode: priceMode,
    ...totals(document, currency),
    taxes: document.taxes.map((tax) => ({
      category: tax.category,
      rate: tax.rate,
      text: tax.text,
      net: formatMinor(tax.netMinor, currency),
      tax: formatMinor(tax.taxMinor, currency),
    })),
    credited_invoices: creditedDocuments(document.lines).map(creditedToWire),
    lines: document.lines.map(({ charge, ...references }) =>
      lineToWire({ ...charge, ...references, currency, priceMode }, languageOf(language)),
    ),
    prices: pricesToWire(document.lines.map(({ charge }) => charge.derivation)),
  };
}
