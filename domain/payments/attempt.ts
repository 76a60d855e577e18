/**
 * The states of an attempt to charge a receivable:
 *
 *   planned ──▶ sent ──▶ succeeded                       (money has moved; a chargeback reopens the receivable)
 *      │         ├─────▶ declined                        (counts for dunning)
 *      │         ├─────▶ pending ─────────┐
 *      │         ├─────▶ requires_action ─┼──▶ succeeded | declined, by webhook or look-up
 *      │         └─────▶ unknown ─────────┘              (no answer: looked up before it is sent again)
 *      └──▶ abandoned                                    (not needed any more, or its payment method was removed)
 */
export const ATTEMPT_STATES = [
  'planned',
  'sent',
  'unknown',
  'pending',
  'requires_action',
  'succeeded',
  'declined',
  'abandoned',
] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

const answers = ['pending', 'requires_action', 'unknown', 'succeeded', 'declined'] as const;

/**
 * The states that may follow each state. Answers may come twice and in any order; an answer that is not listed changes
 * nothing. An earlier answer is contradicted only if money has moved: a `declined` attempt may still become `succeeded`.
 */
const successors: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  planned: ['sent', 'abandoned'],
  // An attempt is sent once more if the look-up says that it was never executed.
  sent: ['sent', ...answers, 'abandoned'],
  unknown: ['sent', 'pending', 'requires_action', 'succeeded', 'declined', 'abandoned'],
  pending: ['requires_action', 'succeeded', 'declined'],
  requires_action: ['pending', 'succeeded', 'declined'],
  declined: ['succeeded'],
  succeeded: [],
  abandoned: [],
};

/** Whether `to` may follow `from`. */
export function mayBecome(from: AttemptState, to: AttemptState): boolean {
  return successors[from].includes(to);
}

/** The provider may still decline the attempt. Its money may be on the way, so nothing else may pay the receivable. */
export const UNDER_WAY: readonly AttemptState[] = ATTEMPT_STATES.filter((state) =>
  mayBecome(state, 'declined'),
);

/** The attempt has an outcome that is not final. A look-up or a webhook will decide it. */
export const UNDECIDED: readonly AttemptState[] = UNDER_WAY.filter((state) => state !== 'sent');

/** The attempt has no outcome: it waits to be sent, or was sent and waits for the answer. */
export const WITHOUT_OUTCOME: readonly AttemptState[] = ['planned', 'sent'];

/** The provider has not answered: the attempt must be sent or looked up. */
export const UNANSWERED: readonly AttemptState[] = [...WITHOUT_OUTCOME, 'unknown'];

/** The attempt is open. A receivable has at most one open attempt. */
export const OPEN_ATTEMPT: readonly AttemptState[] = [...WITHOUT_OUTCOME, ...UNDECIDED];

export function isUnderWay(state: AttemptState): boolean {
  return UNDER_WAY.includes(state);
}

export function hasNoOutcome(state: AttemptState): boolean {
  return WITHOUT_OUTCOME.includes(state);
}
