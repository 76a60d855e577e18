import { pageOf } from '../documents/description.ts';
import type { PrintedDocument, PrintedLine } from '../documents/document.ts';
import { render } from '../documents/pdf/tasks.ts';

/** How fast one thread renders PDFs of one page. */
export interface PdfSpeed {
  readonly pdfs: number;
  readonly perSecond: number;
}

/** Before the measurement, so that the code is compiled and the fonts are read. */
const WARM_UP = 50;

const line = (position: number, text: string, amountMinor: bigint): PrintedLine => ({
  position,
  contract: null,
  from: '2024-01-01',
  to: '2024-02-01',
  text,
  reference: null,
  quantity: '1',
  unitPrice: '29',
  amountMinor,
  tier: null,
  priceNote: null,
  fraction: null,
  credited: null,
});

/** The nth invoice: five lines, two parties, and a QR code for its transfer. Each has another number and another recipient. */
function invoice(n: number): PrintedDocument {
  return {
    kind: 'invoice',
    number: `R-2024-${n}`,
    title: 'Subscription January 2024',
    issueDate: '2024-01-01',
    dueDate: '2024-01-31',
    serviceFrom: '2024-01-01',
    serviceTo: '2024-02-01',
    currency: 'EUR',
    priceMode: 'net',
    issuer: {
      name: 'Wolkenwerk GmbH',
      address: { line1: 'Kastanienallee 1', postal_code: '10435', city: 'Berlin' },
      vat_id: 'DE136695976',
      iban: 'DE89370400440532013000',
      bic: 'COBADEFFXXX',
      legal_notice: 'Managing director: Iris Bogen. Amtsgericht Berlin, HRB 1',
    },
    recipient: {
      name: `Customer ${n}`,
      contact: 'Ada Lovelace',
      address: { line1: `Hauptstraße ${n}`, postal_code: '50667', city: 'Köln' },
    },
    lines: ['Fee', 'Seats', 'Storage', 'Support', 'Workshop'].map((text, at) => line(at + 1, text, 2900n)),
    taxes: [{ category: 'standard', rate: '19', text: '', netMinor: 14_500n, taxMinor: 2_755n }],
    netMinor: 14_500n,
    grossMinor: 17_255n,
    payment: 'transfer',
  };
}

/** Renders a number of PDFs, one after the other, in this thread. */
export async function pdfSpeed(pdfs: number): Promise<PdfSpeed> {
  const createdAt = new Date('2024-01-01T09:00:00Z');
  const make = (n: number): Promise<unknown> => render({ page: pageOf(invoice(n), 'en'), createdAt });
  for (let n = 0; n < WARM_UP; n++) await make(n);
  const began = performance.now();
  for (let n = 0; n < pdfs; n++) await make(n);
  return { pdfs, perSecond: pdfs / ((performance.now() - began) / 1_000) };
}
