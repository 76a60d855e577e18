import type { ClockLook, OpenAttempt } from '../../db/clocks/clocks.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

/** How many names a problem lists; the rest is counted. */
const MOST_NAMED = 20;

/**
 * Attempts that hold the clock. One that its contract gave up (`givenUp`), or that collection put off, does not: it
 * is collection's, at the agenda's later instant.
 */
export function openAttempts(look: ClockLook, givenUp: ReadonlySet<string>): OpenAttempt[] {
  return look.attempts.filter(
    ({ id, n, collected_later }) => !(collected_later && (n > 1 || givenUp.has(id))),
  );
}

/** Rule 44: nothing is due, nothing undecided, nothing undelivered, nothing planned or sent, and nothing broken. */
export function isSettled(look: ClockLook, givenUp: ReadonlySet<string>): boolean {
  const { due, messages, commands, incidents } = look;
  const open = due.length + messages + commands.length + incidents.length;
  return open === 0 && openAttempts(look, givenUp).length === 0;
}

/** Why a clock does not go on, for people: what is open there, by name. */
export function problemOf(look: ClockLook, givenUp: ReadonlySet<string>, lastError: string): string {
  const open = [
    ...look.incidents.map(({ id, workflow_id }) => `incident ${id} of ${workflow_id}`),
    ...look.due.map(({ workflow_id }) => `${workflow_id} is due`),
    ...look.commands.map(
      ({ id, contract_id }) => `command ${id} of ${contractWorkflow(contract_id)} is undecided`,
    ),
    ...openAttempts(look, givenUp).map(({ id, state }) => `attempt ${id} is ${state}`),
    ...(look.messages === 0 ? [] : [`${look.messages} messages are undelivered`]),
  ];
  const named = open.slice(0, MOST_NAMED).join('; ');
  const more = open.length > MOST_NAMED ? `; and ${open.length - MOST_NAMED} more` : '';
  const error = lastError === '' ? '' : ` (last error: ${lastError})`;
  return `not settled at ${look.now_at}: ${named}${more}${error}`;
}
