/** A committed step of a contract. */
export interface ObservedStep {
  /** Whether something was due or a command was decided. */
  readonly cause: 'due' | 'command';
  readonly document: 'invoice' | 'credit_note' | 'none';
}

/** The recorded outcome of an attempt. */
interface ObservedOutcome {
  readonly provider: string;
  readonly state: string;
  /** The reason for which it was declined; null for other outcomes. */
  readonly reason: string | null;
}

/** A step that failed, and its incident. */
interface ObservedIncident {
  readonly merchant: string;
  readonly workflowId: string;
  readonly step: string;
  readonly incident: string;
}

/** An overdue workflow, and what the sweep did about it. */
interface ObservedSweep {
  readonly kind: 'contract' | 'account' | 'collection' | 'job' | 'clock';
  readonly remedy: 'start' | 'wake' | 'restart';
}

/** Called after each commit of interest, to count it in metrics or log it. */
export interface Observer {
  step(done: ObservedStep): void;
  outcome(recorded: ObservedOutcome): void;
  incident(opened: ObservedIncident): void;
  swept(done: ObservedSweep): void;
  /** A message became a dead letter. */
  dead(message: { readonly kind: string }): void;
  /** A try to send a mail ended. */
  mailTry(ended: { readonly outcome: string }): void;
  /** A mail is not queued any more. */
  mail(ended: { readonly purpose: string; readonly state: string }): void;
  /** A webhook was tried. */
  webhook(tried: { readonly outcome: string }): void;
  /** Rows were deleted because their retention was over. */
  forgotten(batch: { readonly kind: string; readonly count: number }): void;
}

/** An observer that does nothing. */
export const UNOBSERVED: Observer = {
  step: () => undefined,
  outcome: () => undefined,
  incident: () => undefined,
  swept: () => undefined,
  dead: () => undefined,
  mailTry: () => undefined,
  mail: () => undefined,
  webhook: () => undefined,
  forgotten: () => undefined,
};
