import type { CreditedLine, LineFraction, PriceNote } from '../domain/books/line-facts.ts';
import type { TierBounds } from '../domain/catalogue/pricing.ts';

/** A description of an issuer's logo. The picture is stored under its SHA-256. */
export interface PrintedLogo {
  readonly sha256: string;
  readonly media_type: 'image/png' | 'image/jpeg';
  readonly width: number;
  readonly height: number;
}

/** Issuer or recipient in the version that the document keeps. Fields that are missing are not printed. */
export interface PrintedParty {
  readonly name: string;
  readonly department?: string;
  readonly contact?: string;
  readonly address?: {
    readonly line1?: string;
    readonly line2?: string;
    readonly postal_code?: string;
    readonly city?: string;
    readonly region?: string;
  };
  readonly vat_id?: string;
  readonly tax_number?: string;
  readonly iban?: string;
  readonly bic?: string;
  readonly bank_name?: string;
  readonly reference?: string;
  /** Details that the law requires on an issuer's letters, such as its register and its directors. */
  readonly legal_notice?: string;
  readonly logo?: PrintedLogo;
}

/** A line. `to` is the day after the last day. Prices are decimal text in major units. */
export interface PrintedLine {
  readonly position: number;
  /** The name of its contract; null if it belongs to none. */
  readonly contract: string | null;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly reference: string | null;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly tier: TierBounds | null;
  readonly priceNote: PriceNote | null;
  /** The part of the full period; null if all of it is billed. */
  readonly fraction: LineFraction | null;
  /** The line that it takes back. */
  readonly credited: Pick<CreditedLine, 'document'> | null;
}

export interface PrintedDocument {
  readonly kind: 'invoice' | 'credit_note';
  readonly number: string;
  readonly title: string;
  readonly issueDate: string;
  readonly dueDate: string;
  readonly serviceFrom: string;
  /** The day after the last day. */
  readonly serviceTo: string;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  /** Null after erasure. */
  readonly issuer: PrintedParty | null;
  readonly recipient: PrintedParty | null;
  readonly lines: readonly PrintedLine[];
  readonly taxes: readonly {
    readonly category: string;
    readonly rate: string;
    readonly text: string;
    readonly netMinor: bigint;
    readonly taxMinor: bigint;
  }[];
  readonly netMinor: bigint;
  readonly grossMinor: bigint;
  /** How the customer pays: by a transfer of its own, or by a method that is charged. Without it, no note is printed. */
  readonly payment?: 'transfer' | 'charge';
  /** The part that was paid from account credit when the document was finalised; 0 if it is left out. */
  readonly creditedMinor?: bigint;
}

/** Everything that is printed of a payment. */
export interface PrintedReceipt {
  /** The local date of the payment. */
  readonly date: string;
  /** The number of the receipt or the text of the transfer; null if a provider collected the payment. */
  readonly reference: string | null;
  readonly currency: string;
  readonly amountMinor: bigint;
  /** Whether it was taken back by a chargeback. */
  readonly isReversed: boolean;
  /** Null after erasure. */
  readonly issuer: PrintedParty | null;
  readonly recipient: PrintedParty | null;
  /** The invoices that it paid, each with the paid amount. The rest became account credit. */
  readonly paid: readonly {
    readonly number: string;
    readonly issueDate: string;
    readonly amountMinor: bigint;
  }[];
}

/** Everything that is printed of an account statement. A debt is negative. */
export interface PrintedStatement {
  readonly from: string;
  /** The day after the last day. */
  readonly to: string;
  /** The local date on which it was made. */
  readonly issueDate: string;
  readonly account: string;
  readonly currency: string;
  /** Null after erasure. */
  readonly issuer: PrintedParty | null;
  readonly recipient: PrintedParty | null;
  readonly openingMinor: bigint;
  readonly closingMinor: bigint;
  readonly entries: readonly {
    readonly date: string;
    readonly kind: 'invoice' | 'credit_note' | 'payment' | 'chargeback';
    /** The title of the document. */
    readonly text: string;
    readonly reference: string;
    readonly amountMinor: bigint;
  }[];
}
