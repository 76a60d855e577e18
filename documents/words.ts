import type { Language } from '../domain/parties/languages.ts';

/** What is written on a document, besides its own texts. */
export interface DocumentWords {
  readonly number: Readonly<Record<'invoice' | 'credit_note', string>>;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly servicePeriod: string;
  readonly yourReference: string;
  readonly yourVatId: string;
  readonly vatId: string;
  readonly taxNumber: string;
  readonly bankAccount: string;
  readonly columns: {
    readonly position: string;
    readonly service: string;
    readonly text: string;
    readonly quantity: string;
    readonly unitPrice: string;
    readonly amount: Readonly<Record<'net' | 'gross', string>>;
  };
  readonly reference: string;
  readonly share: Readonly<Record<'day' | 'second', (count: string, of: string) => string>>;
  readonly net: string;
  readonly tax: (rate: string) => string;
  /** What a rate is taken on, where there are several. */
  readonly on: (net: string) => string;
  readonly total: string;
  readonly to: string;
  /** In the place of a name that was erased. */
  readonly erased: string;
}

export const DOCUMENT_WORDS: Readonly<Record<Language, DocumentWords>> = {
  de: {
    // A German "Gutschrift" is what a customer issues to a supplier, so a credit note is not called that.
    number: { invoice: 'Rechnung Nr.', credit_note: 'Rechnungskorrektur Nr.' },
    issueDate: 'Datum',
    dueDate: 'Fällig am',
    servicePeriod: 'Leistungszeitraum',
    yourReference: 'Ihr Zeichen',
    yourVatId: 'Ihre USt-IdNr.',
    vatId: 'USt-IdNr.',
    taxNumber: 'Steuernummer',
    bankAccount: 'Bankverbindung',
    columns: {
      position: 'Nr.',
      service: 'Leistung',
      text: 'Bezeichnung',
      quantity: 'Menge',
      unitPrice: 'Einzelpreis',
      amount: { net: 'Netto', gross: 'Brutto' },
    },
    reference: 'Ref.',
    share: {
      day: (count, of) => `${count} von ${of} Tagen`,
      second: (count, of) => `${count} von ${of} Sekunden`,
    },
    net: 'Netto',
    tax: (rate) => `USt. ${rate} %`,
    on: (net) => ` auf ${net}`,
    total: 'Gesamtbetrag',
    to: 'bis',
    erased: '(gelöscht)',
  },
  en: {
    number: { invoice: 'Invoice no.', credit_note: 'Credit note no.' },
    issueDate: 'Date',
    dueDate: 'Due',
    servicePeriod: 'Service period',
    yourReference: 'Your reference',
    yourVatId: 'Your VAT id',
    vatId: 'VAT id',
    taxNumber: 'Tax number',
    bankAccount: 'Bank account',
    columns: {
      position: 'No.',
      service: 'Service',
      text: 'Description',
      quantity: 'Quantity',
      unitPrice: 'Unit price',
      amount: { net: 'Net', gross: 'Gross' },
    },
    reference: 'Ref.',
    share: {
      day: (count, of) => `${count} of ${of} days`,
      second: (count, of) => `${count} of ${of} seconds`,
    },
    net: 'Net',
    tax: (rate) => `VAT ${rate} %`,
    on: (net) => ` on ${net}`,
    total: 'Total',
    to: 'to',
    erased: '(erased)',
  },
};
