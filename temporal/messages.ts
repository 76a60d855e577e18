import { defineSignal, defineUpdate } from '@temporalio/workflow';

/** The decision of a command, which is also in its row in Postgres. */
export interface Answer {
  readonly commandId: string;
  readonly state: 'applied' | 'refused';
  /** The stable code of a refusal. */
  readonly code?: string;
}

/** A request of an operator, by a signal in the Temporal UI. It becomes a command row like any other. */
export interface OperatorRequest {
  readonly commandId: string;
  readonly kind: 'change' | 'pause' | 'resume' | 'cancel';
  /** The text that the operator typed. The activity that stores it parses it. */
  readonly argument: unknown;
}

/** Applies a stored command, and answers when it is decided. The command's id is the update's id. */
export const apply = defineUpdate<Answer, [commandId: string]>('apply');
/** Sent by test clocks. Answers with the next due instant, once everything up to the instant is settled and charged. */
export const settleTo = defineUpdate<string | null, [at: string]>('settleTo');
/** Says that something in Postgres that concerns the workflow has changed. The workflow settles at once. */
export const wake = defineSignal('wake');

export const upgrade = defineSignal<[argument?: unknown]>('upgrade');
export const pause = defineSignal<[argument?: unknown]>('pause');
export const resume = defineSignal<[argument?: unknown]>('resume');
export const cancel = defineSignal<[argument?: unknown]>('cancel');
