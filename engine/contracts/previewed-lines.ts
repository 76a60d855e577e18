import type { Charge } from '../../domain/books/charge.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import type { CreditedLine } from '../../domain/books/line-facts.ts';
import type { ContractState, Item } from '../../domain/contracts/state.ts';

/** A line that would be made, with the ids that it refers to. */
interface PreviewedLine {
  readonly charge: Charge;
  /** Null for the fee and for one-time charges. */
  readonly component: string | null;
  /** Also null if the subscription does not exist yet. */
  readonly subscription: string | null;
  /** The line that this one credits. Also null if that line is not stored yet. */
  readonly credited: CreditedLine | null;
}

/** A document that would be made. */
export interface PreviewedDocument extends Omit<DocumentDraft, 'lines'> {
  readonly lines: readonly PreviewedLine[];
}

/**
 * Adds to a document that would be made the ids that its lines refer to.
 * @param stored the contract as it is stored
 * @param then the contract as it would be after the document's step
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
