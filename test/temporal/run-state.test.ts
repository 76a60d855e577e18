import { expect, it } from 'vitest';
import { type RunFacts, runState } from '../../temporal/run-state.ts';

const NON_DETERMINISTIC = { cause: 24, message: '[TMPRL1100] Nondeterminism error: No command scheduled' };
const THROWN = {
  cause: 14,
  message: "Failed to initialize workflow of type 'x': no such function is exported",
};
const stateOf = (facts: Partial<RunFacts>): string =>
  runState({ taskAttempt: 0, pendingActivities: 0, failure: null, ...facts });

it('a run that waits for a timer or a message is asleep', () => {
  expect(stateOf({})).toBe('asleep');
});

it('a run with a pending task or activity is at work', () => {
  expect(stateOf({ taskAttempt: 1 })).toBe('at_work');
  expect(stateOf({ pendingActivities: 1 })).toBe('at_work');
});

it.each([NON_DETERMINISTIC, THROWN])(
  'a run is unable after its task has failed and two retries have failed: $message',
  (failure) => {
    expect(stateOf({ taskAttempt: 2, failure })).toBe('at_work');
    expect(stateOf({ taskAttempt: 3, failure })).toBe('unable');
    expect(stateOf({ taskAttempt: 3, pendingActivities: 1, failure })).toBe('unable');
  },
);

it('a run whose tasks only time out is at work, however often, because it is slow and not broken', () => {
  expect(stateOf({ taskAttempt: 40, failure: null })).toBe('at_work');
  const slow = 'Failed to activate workflow: Script execution timed out after 5000ms';
  expect(stateOf({ taskAttempt: 40, failure: { cause: 14, message: slow } })).toBe('at_work');
  const blocked = '[TMPRL1101] Potential deadlock detected';
  expect(stateOf({ taskAttempt: 40, failure: { cause: 14, message: blocked } })).toBe('at_work');
});

it('a run with an unregistered search attribute is at work, because a new run would fail in the same way', () => {
  expect(stateOf({ taskAttempt: 40, failure: { cause: 7, message: 'BadSearchAttributes' } })).toBe('at_work');
});
