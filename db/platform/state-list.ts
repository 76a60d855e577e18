import type { AttemptState } from '../../domain/payments/attempt.ts';

/** States of attempts as a list in SQL. It stands in the statement itself, where a partial index can serve it. */
export function stateList(states: readonly AttemptState[]): string {
  return `(${states.map((state) => `'${state}'`).join(', ')})`;
}
