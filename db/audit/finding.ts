/** Something in the books that is not as it must be. */
export interface Finding {
  /** The stable name of the check that found it, such as `series_gap`. */
  readonly check: string;
  readonly merchant_id: string;
  /** The id of the document, charge or contract that it is about. */
  readonly id: string;
  readonly message: string;
}

/** How old something may be before being open counts as forgotten. Zero takes everything that is open. */
export interface Patience {
  /** Wall time, for commands. */
  readonly commandSeconds: number;
  /** On the customer's clock, for attempts to charge: look-ups of an unknown one take their time. */
  readonly attemptSeconds: number;
}
