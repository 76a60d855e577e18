/** A contradiction in the books. */
export interface Finding {
  /** The stable name of the check that found it, such as `series_gap`. */
  readonly check: string;
  readonly merchant_id: string;
  /** The id of the row that it concerns, such as a document, a charge or a contract. */
  readonly id: string;
  readonly message: string;
}

/** The age from which open work counts as forgotten, in seconds. Zero counts all open work. */
export interface Patience {
  /** For commands, on wall time. */
  readonly commandSeconds: number;
  /** For attempts, on the customer's clock. Look-ups of an unknown attempt take time. */
  readonly attemptSeconds: number;
  /** The merchants whose open incidents are findings. A test clock may stay at an incident for as long as its merchant likes. */
  readonly incidentsOf: readonly ('live' | 'test')[];
}
