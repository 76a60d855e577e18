import type { z } from 'zod';
import {
  type DocumentLineView,
  type DocumentTaxView,
  type DocumentView,
  documentLines,
  documentTaxes,
  getDocument,
} from '../../db/books/documents.ts';
import { listDocuments } from '../../db/books/list-documents.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { creditedDocuments } from '../../domain/books/line-facts.ts';
import { printDocument } from '../../documents/print.ts';
import { languageOf } from '../../domain/parties/languages.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { loadPrinted } from '../../engine/books/printed.ts';
import { issuerOf, recipientOf } from '../../engine/books/printed-parties.ts';
import { documentFilterOf, documentQuery } from '../document-filters.ts';
import { SEARCHES_ON } from '../lists.ts';
import { partyOf } from '../parties.ts';
import { inLanguage, pdfRoute, textRoute } from '../print.ts';
import { type Route, route } from '../route.ts';
import { idParams, page } from '../schemas/common.ts';
import { documentOut, documentSummary, explanationOut } from '../schemas/documents.ts';
import { creditedToWire, lineToWire, pricesToWire, referencesToWire } from '../wire.ts';

const tag = 'Invoices';

function summaryOf(row: DocumentView): z.input<typeof documentSummary> {
  const money = (minor: bigint): string => formatMinor(minor, row.currency);
  return {
    id: row.id,
    kind: row.kind,
    number: row.number,
    title: row.title,
    customer: row.customer,
    account: row.account,
    contract: row.contract,
    issuer: row.issuer,
    clock: row.clock,
    issue_date: row.issue_date,
    due_date: row.due_date,
    service_from: row.service_from,
    service_to: row.service_to,
    currency: row.currency,
    price_mode: row.price_mode,
    net: money(row.net_minor),
    tax: money(row.tax_minor),
    gross: money(row.gross_minor),
    open: money(row.open_minor),
    state: stateOf(row),
    paid_at: row.paid_at,
    attempt: row.attempt,
    at: row.effective_at,
  };
}

function stateOf({ open_minor, kind }: DocumentView): 'open' | 'paid' | 'used' {
  if (open_minor !== 0n) return 'open';
  return kind === 'invoice' ? 'paid' : 'used';
}

function lineOf(line: DocumentLineView, currency: string): z.input<typeof documentOut>['lines'][number] {
  return {
    position: line.position,
    charge: line.charge,
    contract: line.contract_id,
    kind: line.kind,
    text: line.text,
    from: line.from,
    to: line.to,
    quantity: line.quantity,
    unit_price: line.unit_price,
    amount: formatMinor(line.amount_minor, currency),
    net: formatMinor(line.net_minor, currency),
    ...referencesToWire(line),
    tax_rate: line.tax.rate,
  };
}

function taxOf(tax: DocumentTaxView, currency: string): z.input<typeof documentOut>['taxes'][number] {
  const { category, rate, text: printed, net_minor, tax_minor } = tax;
  return {
    category,
    rate,
    text: printed,
    net: formatMinor(net_minor, currency),
    tax: formatMinor(tax_minor, currency),
  };
}

export const invoiceRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/invoices',
      tag,
      summary: 'List invoices and credit notes',
      description: SEARCHES_ON,
      scope: 'read',
      effect: 'read',
      query: documentQuery,
      status: [200],
      response: page(documentSummary),
      errors: ['invalid_date', 'invalid_amount', 'unknown_currency', 'search_too_wide'],
    },
    async ({ query }, { db, deps, merchant }) =>
      mapPage(
        await listDocuments(db, merchant, await documentFilterOf(db, deps.vault, merchant, query), query),
        summaryOf,
      ),
  ),
  route(
    {
      method: 'get',
      path: '/v1/invoices/{id}',
      tag,
      summary: 'Read an invoice or credit note',
      description:
        'The document as it was finalised, with the issuer and the recipient of that time, and its present payment state.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: documentOut,
      errors: [],
    },
    async ({ params }, { db, deps, merchant }) => {
      const row = found(await getDocument(db, merchant, params.id), 'invoice');
      const lines = await documentLines(db, merchant, row.id);
      const taxes = await documentTaxes(db, merchant, row.id);
      return {
        ...summaryOf(row),
        from: await partyOf(db, deps.vault, merchant, issuerOf(row)),
        to: await partyOf(db, deps.vault, merchant, recipientOf(row)),
        credited_invoices: creditedDocuments(lines).map(creditedToWire),
        lines: lines.map((line) => lineOf(line, row.currency)),
        taxes: taxes.map((tax) => taxOf(tax, row.currency)),
      };
    },
  ),
  textRoute({
    path: '/v1/invoices/{id}/print',
    tag,
    of: 'an invoice',
    description: 'The document as it was finalised, 92 characters wide.',
    load: async (...of) => found(await loadPrinted(...of), 'invoice'),
    print: printDocument,
  }),
  pdfRoute({ path: '/v1/invoices/{id}/pdf', tag, kind: 'document', of: 'an invoice or credit note' }),
  route(
    {
      method: 'get',
      path: '/v1/invoices/{id}/explain',
      tag,
      summary: 'Explain the lines of an invoice',
      description: 'How each line came to its amount, as data and as a sentence.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      query: inLanguage,
      status: [200],
      response: explanationOut,
      errors: [],
    },
    async ({ params, query }, { db, merchant }) => {
      const row = found(await getDocument(db, merchant, params.id), 'invoice');
      const language = query.language ?? languageOf(row.language);
      const lines = await documentLines(db, merchant, row.id);
      return {
        id: row.id,
        number: row.number,
        currency: row.currency,
        lines: lines.map((line) => ({
          position: line.position,
          charge: line.charge,
          ...lineToWire(
            {
              kind: line.kind,
              text: line.text,
              from: line.from,
              to: line.to,
              quantity: line.quantity,
              unitPrice: line.unit_price,
              amountMinor: line.amount_minor,
              currency: row.currency,
              priceMode: row.price_mode,
              tax: line.tax,
              derivation: line.derivation,
              component: line.component,
              subscription: line.subscription,
              credited: line.credited,
            },
            language,
          ),
        })),
        prices: pricesToWire(lines.map(({ derivation }) => derivation)),
      };
    },
  ),
];
