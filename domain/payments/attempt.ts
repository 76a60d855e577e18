/**
 * The states of an attempt to charge a receivable:
 *
 *   planned ──▶ sent ──▶ succeeded                       (money is there; a chargeback reopens the receivable)
 *      │         ├─────▶ declined                        (counts for dunning)
 *      │         ├─────▶ pending ─────────┐
 *      │         ├─────▶ requires_action ─┼──▶ succeeded | declined, by webhook or look-up
 *      │         └─────▶ unknown ─────────┘              (nobody answered: never sent again before a look-up)
 *      └──▶ abandoned                                    (paid otherwise before it was sent)
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
 * What an attempt may become. Answers may come twice and in any order: what is not listed changes nothing. Only
 * money is believed against what was said before: `declined` may still turn out to have succeeded.
 */
const successors: Readonly<Record<AttemptState, readonly AttemptState[]>> = {
  planned: ['sent', 'abandoned'],
  // Sent once more, where the look-up says that it was never executed.
  sent: ['sent', ...answers, 'abandoned'],
  unknown: ['sent', 'pending', 'requires_action', 'succeeded', 'declined', 'abandoned'],
  pending: ['requires_action', 'succeeded', 'declined'],
  requires_action: ['pending', 'succeeded', 'declined'],
  declined: ['succeeded'],
  succeeded: [],
  abandoned: [],
};

export function mayBecome(from: AttemptState, to: AttemptState): boolean {
  return successors[from].includes(to);
}

/** The provider may still decline it: its money may be on the way, and nothing else may pay the receivable meanwhile. */
export const UNDER_WAY: readonly AttemptState[] = ATTEMPT_STATES.filter((state) =>
  mayBecome(state, 'declined'),
);

/** It has an outcome that decides nothing yet: a look-up or a webhook does. */
export const UNDECIDED: readonly AttemptState[] = UNDER_WAY.filter((state) => state !== 'sent');

/** It has no outcome: it waits to be sent, or somebody waits for the answer. */
export const WITHOUT_OUTCOME: readonly AttemptState[] = ['planned', 'sent'];

/** Nobody knows whether money moved, or it was never sent: somebody has to find out. */
export const UNANSWERED: readonly AttemptState[] = [...WITHOUT_OUTCOME, 'unknown'];

/** Not over: a receivable has one such attempt at most. */
export const OPEN_ATTEMPT: readonly AttemptState[] = [...WITHOUT_OUTCOME, ...UNDECIDED];

export function isUnderWay(state: AttemptState): boolean {
  return UNDER_WAY.includes(state);
}

export function hasNoOutcome(state: AttemptState): boolean {
  return WITHOUT_OUTCOME.includes(state);
}
