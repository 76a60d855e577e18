import type { AttemptState } from '../../domain/payments/attempt.ts';

/** A list of attempt states as an SQL literal. With a parameter instead, Postgres could not use a partial index. */
export function stateList(states: readonly AttemptState[]): string {
  return `(${states.map((state) => `'${state}'`).join(', ')})`;
}
