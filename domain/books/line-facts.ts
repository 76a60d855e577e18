import type { LocalDate } from '../arithmetic/calendar.ts';
import { type TierBounds, tierBounds } from '../catalogue/pricing.ts';
import type { AnyDerivation, PricedDerivation } from './charge.ts';

/** The part of a full period that a line is for. */
export interface LineFraction {
  readonly used: number;
  readonly of: number;
  /** The unit of both. */
  readonly unit: 'day' | 'second';
}

/** A document as other documents refer to it. */
export interface NamedDocument {
  readonly id: string;
  readonly kind: 'invoice' | 'credit_note';
  readonly number: string;
  readonly issueDate: LocalDate;
}

/** A stored line that a credit takes back. */
export interface CreditedLine {
  readonly chargeId: string;
  /** Null if all lines of its bill were 0.00, so that no document was made. */
  readonly document: NamedDocument | null;
  /** The price at which it was billed, with its tier. */
  readonly price: Pick<PricedDerivation, 'model' | 'part'>;
}

/** The part of a full period that a line is for. Null for a whole period, for usage, and for one-time charges. */
export function fractionOf(derivation: AnyDerivation): LineFraction | null {
  if (!('fraction' in derivation)) return null;
  const { days, of, unit } = derivation.fraction;
  return days === of ? null : { used: days, of, unit };
}

/** The tier of a line's price, or, for a credit, of the line that it takes back. Null if the price has no tiers. */
export function tierOf(derivation: AnyDerivation, credited: CreditedLine | null): TierBounds | null {
  const price = 'model' in derivation ? derivation : credited?.price;
  const index = price?.part.tier ?? null;
  return price === undefined || index === null ? null : tierBounds(price.model, index);
}

/** What else decides the price of a line: it takes back what exceeds a cap, or it has the units that the price includes. */
export type PriceNote =
  | { readonly kind: 'cap'; /** In major units. */ readonly cap: string }
  | { readonly kind: 'included' };

/** The note about the price of a line; null if there is none, and for credits. */
export function priceNoteOf(derivation: AnyDerivation): PriceNote | null {
  if (!('model' in derivation)) return null;
  const { part, cap } = derivation;
  if (part.kind === 'cap' && cap !== null) return { kind: 'cap', cap };
  return part.kind === 'included' ? { kind: 'included' } : null;
}

/** The documents of credited lines, each once, in the order of the lines. */
export function creditedDocuments(
  lines: readonly { readonly credited: Pick<CreditedLine, 'document'> | null }[],
): NamedDocument[] {
  const documents = lines.flatMap(({ credited }) => credited?.document ?? []);
  return [...new Map(documents.map((document) => [document.id, document])).values()];
}
