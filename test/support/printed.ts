// Documents to print: the invoice of the samples, and a credit note.
import type {
  PrintedDocument,
  PrintedLine,
  PrintedReceipt,
  PrintedStatement,
} from '../../documents/document.ts';

/** A line of a printed document. */
export const line = (position: number, more: Partial<PrintedLine>): PrintedLine => ({
  position,
  contract: null,
  from: '2016-12-01',
  to: '2017-01-01',
  text: '',
  reference: null,
  quantity: '1',
  unitPrice: '0',
  amountMinor: 0n,
  tier: null,
  priceNote: null,
  fraction: null,
  credited: null,
  ...more,
});
const surveys = { text: 'Survey transactions GRC Cockpit', from: '2016-11-01', to: '2016-12-01' };

/** The invoice of the samples. */
export const muster: PrintedDocument = {
  kind: 'invoice',
  number: 'S-12/2016-1234',
  title: 'Rechnung German BusinessCloud Dez. 2016',
  issueDate: '2016-12-01',
  dueDate: '2017-01-30',
  serviceFrom: '2016-11-01',
  serviceTo: '2017-01-01',
  currency: 'EUR',
  priceMode: 'net',
  issuer: {
    name: 'Übergeordneter Mandant GmbH',
    address: { line1: 'Keithstr. 6', postal_code: '10787', city: 'Berlin' },
    vat_id: 'DE136695976',
    iban: 'DE89370400440532013000',
    bic: 'COBADEFF',
    bank_name: 'Bank AG',
  },
  recipient: {
    name: 'Untermandant Muster GmbH',
    department: 'Personalabteilung',
    contact: 'Erika Musterfrau',
    address: { line1: 'Musterstraße 42', postal_code: '12345', city: 'Musterstadt' },
    vat_id: 'DE136695976',
    tax_number: '123456789',
    iban: 'DE89370400440532013000',
    reference: 'VUDH736DBH',
  },
  lines: [
    line(1, {
      from: '2016-11-15',
      to: '2016-11-16',
      text: 'Workshop Cloud Compliance',
      unitPrice: '7500',
      amountMinor: 750000n,
    }),
    line(2, {
      text: 'User licence GRC Cockpit',
      reference: 'AB200576 6',
      quantity: '3',
      unitPrice: '283.3333',
      amountMinor: 85000n,
    }),
    line(3, {
      ...surveys,
      quantity: '25',
      unitPrice: '0.952',
      amountMinor: 2380n,
      tier: { index: 0, from: '0', to: '25', includes: 'to' },
    }),
    line(4, {
      ...surveys,
      quantity: '5',
      unitPrice: '4.7',
      amountMinor: 2350n,
      tier: { index: 1, from: '25', to: null, includes: 'to' },
    }),
    line(5, {
      from: '2016-11-20',
      to: '2016-11-21',
      text: 'Credit: loyalty points redeemed',
      quantity: '2',
      unitPrice: '-5',
      amountMinor: -1000n,
    }),
  ],
  taxes: [{ category: 'standard', rate: '19', text: 'VAT 19 %', netMinor: 838730n, taxMinor: 159359n }],
  netMinor: 838730n,
  grossMinor: 998089n,
};

const credits = { from: '2023-02-22', to: '2023-03-01', fraction: { used: 7, of: 28, unit: 'day' } } as const;
const invoice = (number: string, issueDate: string) =>
  ({ document: { id: number, kind: 'invoice', number, issueDate } }) as const;

/** A credit note of two lines, for two invoices. */
export const creditNote: PrintedDocument = {
  ...muster,
  kind: 'credit_note',
  number: 'G-2023-0001',
  title: 'Room and desk',
  issueDate: '2023-02-22',
  serviceFrom: '2023-02-22',
  serviceTo: '2023-03-01',
  lines: [
    line(1, {
      ...credits,
      text: 'Room',
      unitPrice: '28',
      amountMinor: -700n,
      credited: invoice('R-2023-0001', '2023-02-01'),
    }),
    line(2, {
      ...credits,
      text: 'Desk',
      unitPrice: '31',
      amountMinor: -775n,
      credited: invoice('R-2023-0002', '2023-02-19'),
    }),
  ],
  taxes: [{ category: 'standard', rate: '19', text: '', netMinor: -1475n, taxMinor: -280n }],
  netMinor: -1475n,
  grossMinor: -1755n,
};

/** The receipt of a payment of 150.00, which paid an invoice of 117.81. */
export const receipt: PrintedReceipt = {
  date: '2024-02-05',
  reference: 'Transfer 5',
  currency: 'EUR',
  amountMinor: 15_000n,
  isReversed: false,
  issuer: muster.issuer,
  recipient: muster.recipient,
  paid: [{ number: 'R-2024-0001', issueDate: '2024-01-31', amountMinor: 11_781n }],
};

const entries = Array.from({ length: 60 }, (_, n) => ({
  date: '2024-02-05',
  kind: (['invoice', 'payment', 'credit_note', 'chargeback'] as const)[n % 4] ?? 'invoice',
  text: n % 4 === 1 ? '' : `Entry ${n + 1}`,
  reference: `R-2024-${n + 1}`,
  amountMinor: -100n,
}));

/** A statement of many pages: a balance of 10.00, and 60 entries of -1.00. */
export const statement: PrintedStatement = {
  from: '2024-02-01',
  to: '2024-03-01',
  issueDate: '2024-03-01',
  account: 'EUR',
  currency: 'EUR',
  issuer: muster.issuer,
  recipient: muster.recipient,
  openingMinor: 1_000n,
  closingMinor: -5_000n,
  entries,
};
