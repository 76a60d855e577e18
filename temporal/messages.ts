import { defineSignal, defineUpdate } from '@temporalio/workflow';

/** How a command was decided; the row in Postgres says the same. */
export interface Answer {
  readonly commandId: string;
  readonly state: 'applied' | 'refused';
  /** Why it was refused: a stable code. */
  readonly code?: string;
}

/** What operators may ask for by signal in the Temporal UI; it becomes a command row like any other. */
export interface OperatorOrder {
  readonly commandId: string;
  readonly kind: 'change' | 'pause' | 'resume' | 'cancel';
  /** As typed by the operator, read by the activity that stores it. */
  readonly argument: unknown;
}

/** Applies a stored command, and answers when it is decided. The command's id is the update's id. */
export const apply = defineUpdate<Answer, [commandId: string]>('apply');
/** Asked by test clocks: answers when everything up to the instant is settled and charged, with the next due instant. */
export const settleTo = defineUpdate<string | null, [at: string]>('settleTo');
/** Something changed in Postgres that concerns the workflow: settle now. */
export const wake = defineSignal('wake');

export const upgrade = defineSignal<[argument?: unknown]>('upgrade');
export const pause = defineSignal<[argument?: unknown]>('pause');
export const resume = defineSignal<[argument?: unknown]>('resume');
export const cancel = defineSignal<[argument?: unknown]>('cancel');
