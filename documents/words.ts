import type { Language } from '../domain/parties/languages.ts';

/** The words that are printed on a document, besides its own texts. */
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
  /** The heading of the lines of a contract, and of those that belong to none. */
  readonly contract: (name: string) => string;
  readonly noContract: string;
  readonly subtotal: string;
  /** The words before the number of a credited document. */
  readonly corrects: Readonly<Record<'invoice' | 'credit_note', string>>;
  /** The number of a credited document with its date. */
  readonly dated: (number: string, date: string) => string;
  /**
   * The bounds of a tier. `units` and `from` are for whole units. `upTo` and `below` are for the bounds of the price, of
   * which `upTo` includes the upper one and `below` the lower one.
   */
  readonly tier: {
    readonly units: (units: string) => string;
    readonly from: (first: string) => string;
    readonly upTo: (above: string, upTo: string | null) => string;
    readonly below: (from: string, below: string | null) => string;
  };
  /** The line takes back what exceeds this amount; its units are included in the price; or a tier has a discount. */
  readonly cap: (amount: string) => string;
  readonly included: string;
  readonly discount: (percent: string, price: string) => string;
  readonly fraction: Readonly<Record<'day' | 'second', (used: string, of: string) => string>>;
  readonly net: string;
  readonly tax: (rate: string) => string;
  /** The net amount to which a rate applies, if there are several rates. */
  readonly on: (net: string) => string;
  readonly total: string;
  /** The part that account credit has paid, and the amount that is left to be paid. */
  readonly accountCredit: string;
  readonly amountDue: string;
  /** How an invoice is to be paid. */
  readonly payment: {
    readonly transfer: (amount: string, dueDate: string, number: string) => string;
    readonly charge: string;
    /** Describes the QR code of a transfer. */
    readonly code: string;
  };
  /** An amount whose kind needs no further word. */
  readonly amount: string;
  /** The receipt of a payment. Its heading is `number` with the date of the payment. */
  readonly receipt: {
    readonly number: string;
    readonly reference: string;
    readonly thanks: string;
    readonly reversed: string;
    readonly paid: string;
    /** The part that became account credit. */
    readonly credit: string;
    readonly total: string;
  };
  /** An account statement. Its heading is `number` with its days. */
  readonly statement: {
    readonly number: string;
    readonly account: string;
    readonly currency: string;
    /** Explains the sign of a balance. */
    readonly sign: string;
    readonly balance: string;
    readonly opening: string;
    readonly closing: string;
    readonly payment: string;
    readonly chargeback: string;
  };
  /** Before the sum that is carried to the next page. */
  readonly carried: string;
  readonly page: (page: number, pages: number) => string;
  readonly to: string;
  /** Printed in place of an erased party. */
  readonly erased: string;
}

export const DOCUMENT_WORDS: Readonly<Record<Language, DocumentWords>> = {
  de: {
    // A German "Gutschrift" is a document that a customer issues to a supplier, so a credit note has another name.
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
    contract: (name) => `Vertrag ${name}`,
    noContract: 'Weitere Leistungen',
    subtotal: 'Zwischensumme',
    corrects: { invoice: 'Zu Rechnung', credit_note: 'Zu Rechnungskorrektur' },
    dated: (number, date) => `${number} vom ${date}`,
    tier: {
      units: (units) => `Staffel ${units}`,
      from: (first) => `Staffel ab ${first}`,
      upTo: (above, upTo) => `Staffel über ${above}${upTo === null ? '' : ` bis ${upTo}`}`,
      below: (from, below) => `Staffel ab ${from}${below === null ? '' : ` bis unter ${below}`}`,
    },
    cap: (amount) => `Höchstbetrag ${amount}`,
    included: 'Im Preis enthalten',
    discount: (percent, price) => `${percent} % Rabatt auf ${price}`,
    fraction: {
      day: (used, of) => `${used} von ${of} Tagen`,
      second: (used, of) => `${used} von ${of} Sekunden`,
    },
    net: 'Netto',
    tax: (rate) => `USt. ${rate} %`,
    on: (net) => ` auf ${net}`,
    total: 'Gesamtbetrag',
    accountCredit: 'Verrechnetes Guthaben',
    amountDue: 'Zahlbetrag',
    payment: {
      transfer: (amount, dueDate, number) =>
        `Bitte überweisen Sie ${amount} bis zum ${dueDate} auf das unten genannte Konto. Verwendungszweck: ${number}`,
      charge: 'Der Betrag wird über Ihre hinterlegte Zahlungsart eingezogen.',
      code: 'QR-Code für die Überweisung',
    },
    amount: 'Betrag',
    receipt: {
      number: 'Zahlungsbeleg vom',
      reference: 'Verwendungszweck',
      thanks: 'Wir haben Ihre Zahlung erhalten. Vielen Dank.',
      reversed: 'Diese Zahlung wurde zurückgebucht.',
      paid: 'Bezahlt',
      credit: 'Guthaben auf Ihrem Kundenkonto',
      total: 'Zahlung',
    },
    statement: {
      number: 'Kontoauszug',
      account: 'Kundenkonto',
      currency: 'Währung',
      sign: 'Ein negativer Saldo ist von Ihnen zu zahlen, ein positiver ist Ihr Guthaben.',
      balance: 'Saldo',
      opening: 'Anfangssaldo',
      closing: 'Endsaldo',
      payment: 'Zahlung',
      chargeback: 'Rückbuchung einer Zahlung',
    },
    carried: 'Übertrag',
    page: (page, pages) => `Seite ${page} von ${pages}`,
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
    contract: (name) => `Contract ${name}`,
    noContract: 'Other services',
    subtotal: 'Subtotal',
    corrects: { invoice: 'Corrects invoice', credit_note: 'Corrects credit note' },
    dated: (number, date) => `${number} of ${date}`,
    tier: {
      units: (units) => `Tier ${units}`,
      from: (first) => `Tier from ${first}`,
      upTo: (above, upTo) => `Tier above ${above}${upTo === null ? '' : ` up to ${upTo}`}`,
      below: (from, below) => `Tier from ${from}${below === null ? '' : ` to below ${below}`}`,
    },
    cap: (amount) => `Limit ${amount}`,
    included: 'Included in the price',
    discount: (percent, price) => `${percent} % discount on ${price}`,
    fraction: {
      day: (used, of) => `${used} of ${of} days`,
      second: (used, of) => `${used} of ${of} seconds`,
    },
    net: 'Net',
    tax: (rate) => `VAT ${rate} %`,
    on: (net) => ` on ${net}`,
    total: 'Total',
    accountCredit: 'Account credit used',
    amountDue: 'Amount due',
    payment: {
      transfer: (amount, dueDate, number) =>
        `Please transfer ${amount} by ${dueDate} to the account below. Reference: ${number}`,
      charge: 'The amount will be charged to your payment method on file.',
      code: 'QR code for the transfer',
    },
    amount: 'Amount',
    receipt: {
      number: 'Payment receipt',
      reference: 'Reference',
      thanks: 'We have received your payment. Thank you.',
      reversed: 'This payment was reversed.',
      paid: 'Paid',
      credit: 'Credit on your account',
      total: 'Payment',
    },
    statement: {
      number: 'Account statement',
      account: 'Account',
      currency: 'Currency',
      sign: 'A negative balance is due from you, a positive balance is your credit.',
      balance: 'Balance',
      opening: 'Opening balance',
      closing: 'Closing balance',
      payment: 'Payment',
      chargeback: 'Chargeback of a payment',
    },
    carried: 'Carried forward',
    page: (page, pages) => `Page ${page} of ${pages}`,
    to: 'to',
    erased: '(erased)',
  },
};
