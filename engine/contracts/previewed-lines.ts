import type { Charge } from '../../domain/books/charge.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import type { ContractState, Item } from '../../domain/contracts/state.ts';

/** A line that would be made, and what it refers to. */
interface PreviewedLine {
  readonly charge: Charge;
  /** Null: of the fee, or a one-time charge. */
  readonly component: string | null;
  /** Null also where the subscription would only be made with the line. */
  readonly subscription: string | null;
  /** Null also where the credited line is not stored yet. */
  readonly credited: CreditedLine | null;
}

export interface PreviewedDocument extends Omit<DocumentDraft, 'lines'> {
  readonly lines: readonly PreviewedLine[];
}

/**
 * A document that would be made, with what its lines refer to.
 * @param stored the contract as it is, and `then` as it would be after the document's step
 * @param credited the stored lines that may be credited
 */
export function previewedDocument(
  document: DocumentDraft,
  stored: ContractState,
  then: ContractState,
  credited: readonly CreditedLine[],
): PreviewedDocument {
  const existing = itemsOf(stored);
  const items = [...existing, ...itemsOf(then)];
  const lines = document.lines.map(({ charge }): PreviewedLine => {
    const { subject, reversesId } = charge;
    const isStored = existing.some((item) => item.subject === subject && item.componentId !== null);
    return {
      charge,
      component: items.find((item) => item.subject === subject)?.componentId ?? null,
      subscription: isStored ? subject : null,
      credited: credited.find(({ chargeId }) => chargeId === reversesId) ?? null,
    };
  });
  return { ...document, lines };
}

function itemsOf({ items, past, suspended, reopened }: ContractState): Item[] {
  return [...items, ...past, ...suspended, ...reopened.map(({ item }) => item)];
}
