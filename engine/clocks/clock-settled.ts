import type { ClockBacklog, OpenAttempt } from '../../db/clocks/clocks.ts';
import { contractWorkflow } from '../../temporal/ids.ts';

/** How many things a problem lists by name. It counts the rest. */
const MOST_NAMED = 20;

/**
 * The attempts that keep the clock from moving. An attempt that its contract gave up (`givenUp`) or that collection postponed
 * does not: collection continues it at a later instant of the agenda.
 */
export function openAttempts(backlog: ClockBacklog, givenUp: ReadonlySet<string>): OpenAttempt[] {
  return backlog.attempts.filter(({ id, n, postponed }) => !(postponed && (n > 1 || givenUp.has(id))));
}

/** Whether nothing is due, undecided, undelivered, planned or sent, and no incident is open (rule 44). */
export function hasClockSettled(backlog: ClockBacklog, givenUp: ReadonlySet<string>): boolean {
  const { due, messages, commands, incidents } = backlog;
  const open = due.length + messages + commands.length + incidents.length;
  return open === 0 && openAttempts(backlog, givenUp).length === 0;
}

/** The text for operators that says why a clock does not move. It names the open work. */
export function problemOf(backlog: ClockBacklog, givenUp: ReadonlySet<string>, lastError: string): string {
  const open = [
    ...backlog.incidents.map(({ id, workflow_id }) => `incident ${id} of ${workflow_id}`),
    ...backlog.due.map(({ workflow_id }) => `${workflow_id} is due`),
    ...backlog.commands.map(
      ({ id, contract_id }) => `command ${id} of ${contractWorkflow(contract_id)} is undecided`,
    ),
    ...openAttempts(backlog, givenUp).map(({ id, state }) => `attempt ${id} is ${state}`),
    ...(backlog.messages === 0 ? [] : [`${backlog.messages} messages are undelivered`]),
  ];
  const named = open.slice(0, MOST_NAMED).join('; ');
  const more = open.length > MOST_NAMED ? `; and ${open.length - MOST_NAMED} more` : '';
  const error = lastError === '' ? '' : ` (last error: ${lastError})`;
  return `not settled at ${backlog.now_at}: ${named}${more}${error}`;
}
