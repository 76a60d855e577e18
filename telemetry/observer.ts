/** A step of a contract that was committed. */
export interface ObservedStep {
  /** Something was due, or a command was decided. */
  readonly cause: 'due' | 'command';
  readonly document: 'invoice' | 'credit_note' | 'none';
}

/** How an attempt to charge stands, as it was booked. */
interface ObservedOutcome {
  readonly provider: string;
  readonly state: string;
  /** Why it was declined. */
  readonly reason: string | null;
}

/** A step that could not be done. */
interface ObservedIncident {
  readonly merchant: string;
  readonly workflowId: string;
  readonly step: string;
  readonly incident: string;
}

/** An overdue workflow that was started, woken, or started anew. */
interface ObservedSweep {
  readonly kind: 'contract' | 'collection' | 'clock';
  readonly remedy: 'start' | 'wake' | 'restart';
}

/** Hears what a process has done, after its commit: what is counted, and what is logged. */
export interface Observer {
  step(done: ObservedStep): void;
  outcome(booked: ObservedOutcome): void;
  incident(opened: ObservedIncident): void;
  swept(done: ObservedSweep): void;
  /** A message that could not be delivered, and is not tried any more. */
  dead(message: { readonly kind: string }): void;
  /** Rows that were deleted because their window is over. */
  forgotten(batch: { readonly kind: string; readonly count: number }): void;
}

/** For whoever counts nothing. */
export const UNOBSERVED: Observer = {
  step: () => undefined,
  outcome: () => undefined,
  incident: () => undefined,
  swept: () => undefined,
  dead: () => undefined,
  forgotten: () => undefined,
};
