/** The meanings that the text of a search for documents may have. */
export interface DocumentSearch {
  /** The number of a document: the text as it was typed. */
  readonly number: string;
  /** The digits of its number, without prefix and separators; null if there are none. */
  readonly digits: string | null;
  /** An amount with a decimal point; null for other texts. */
  readonly amount: string | null;
}

/** Reads a search: `R-2024-00777`, `2024 00777`, `117,81`, a name or a mail address. */
export function readSearch(text: string): DocumentSearch {
  const typed = text.trim();
  const digits = typed.replace(/[^0-9]/g, '');
  const amount = /^-?\d{1,12}(?:[.,]\d{1,4})?$/.test(typed) ? typed.replace('-', '').replace(',', '.') : null;
  return { number: typed, digits: digits === '' || typed.includes('@') ? null : digits, amount };
}
