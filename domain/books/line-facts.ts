import type { LocalDate } from '../arithmetic/calendar.ts';
import { dec, isZero } from '../arithmetic/money.ts';
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

/** The price of a line, or, for a credit, of the line that it takes back. Null for one-time charges. */
function priceOf(derivation: AnyDerivation, credited: CreditedLine | null): CreditedLine['price'] | null {
  return 'model' in derivation ? derivation : (credited?.price ?? null);
}

/** The tier of a line's price, or, for a credit, of the line that it takes back. Null if the price has no tiers. */
export function tierOf(derivation: AnyDerivation, credited: CreditedLine | null): TierBounds | null {
  const price = priceOf(derivation, credited);
  const index = price?.part.tier ?? null;
  return price === null || index === null ? null : tierBounds(price.model, index);
}

/**
 * What else decides the price of a line: it takes back what exceeds a cap, it has the units that the price includes, or a tier
 * takes a discount of `percent` from `price`. Prices are in major units.
 */
export type PriceNote =
  | { readonly kind: 'cap'; readonly cap: string }
  | { readonly kind: 'included' }
  | { readonly kind: 'discount'; readonly percent: string; readonly price: string };

/** The note about the price of a line; null if there is none. Of what a credit takes back, only a discount is noted. */
export function priceNoteOf(derivation: AnyDerivation, credited: CreditedLine | null): PriceNote | null {
  const price = priceOf(derivation, credited);
  if (price?.model.kind === 'discount' && price.part.tier !== null) {
    const percent = price.model.tiers[price.part.tier]?.percent ?? '0';
    return isZero(dec(percent)) ? null : { kind: 'discount', percent, price: price.model.price };
  }
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
