import { FOREVER, type Instant, dateAt, earlier } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type {
  Catalogue,
  Change,
  ContractRows,
  CommandBody,
  ContractState,
  ScheduledChange,
} from './state.ts';
import { endOfTerm } from './term.ts';
import { sameInterval, variantOf } from '../catalogue/terms.ts';

/**
 * Refuses a request to a contract that has ended.
 * @throws DomainError contract_ended
 */
export function refuseEnded({ phase }: { readonly phase: string }): void {
  if (phase === 'ended') throw new DomainError('contract_ended', 'the contract has ended');
}

/** The subjects that a command sets: the fee, component subscriptions, or the pause for a reason. */
function subjectsOf(body: CommandBody): string[] {
  switch (body.kind) {
    case 'change':
      return [
        ...(body.variant === undefined ? [] : ['fee']),
        ...(body.components?.set ?? []).map((each) => each.subscription),
        ...(body.components?.remove ?? []),
      ];
    case 'pause':
    case 'resume':
      return [`pause:${body.reason}`];
    default:
      return [];
  }
}

/** Whether the change moves the contract to a variant with other intervals. */
function changesInterval(state: ContractState, change: Change, catalogue: Catalogue): boolean {
  return change.variant !== undefined && !sameInterval(state.terms, variantOf(catalogue, change.variant));
}

/**
 * Refuses a new booking that begins at or after the known end of the contract.
 * @param added path of the bookings in the request
 * @throws DomainError after_cancellation
 */
export function checkBookings(
  { scheduled }: ContractState,
  { state, rows }: { readonly state: ContractState; readonly rows: ContractRows },
  added: string,
): void {
  const cancelled = scheduled.find((change) => change.body.kind === 'cancel')?.dueAt ?? FOREVER;
  const end = earlier(cancelled, endOfTerm(state) ?? FOREVER);
  const booked = new Set(rows.subscriptions.map(({ id }) => id));
  for (const [n, { effectiveAt }] of rows.items.filter(({ subject }) => booked.has(subject)).entries()) {
    if (effectiveAt < end) continue;
    throw new DomainError('after_cancellation', `the contract ends on ${dateAt(end, state.zone)}`, {
      field: `${added}[${n}].start`,
    });
  }
}

/**
 * Refuses a command because of a scheduled change.
 * @throws DomainError scheduled_change_exists, which names the command to be withdrawn
 */
export function refuse(with_: ScheduledChange): never {
  throw new DomainError(
    'scheduled_change_exists',
    `command ${with_.commandId} is scheduled for ${with_.dueAt}; withdraw it first`,
    {
      details: { command: with_.commandId, due_at: with_.dueAt },
    },
  );
}

/**
 * Refuses a command that conflicts with what is scheduled (rule 21): a second scheduled value of an item, an immediate
 * command on an item that has one, a change of the interval or a cancellation before a scheduled change, and anything at
 * or after a scheduled cancellation.
 * @throws DomainError scheduled_change_exists, after_cancellation
 */
export function checkConflicts(
  state: ContractState,
  body: CommandBody,
  at: Instant,
  catalogue: Catalogue,
): void {
  const cancellation = state.scheduled.find((change) => change.body.kind === 'cancel');
  if (cancellation !== undefined && at >= cancellation.dueAt) {
    throw new DomainError(
      'after_cancellation',
      `the contract is cancelled at ${cancellation.dueAt}; withdraw that first`,
      {
        field: 'effective',
        details: { command: cancellation.commandId },
      },
    );
  }
  const [first] = state.scheduled;
  if (first === undefined) return;
  if (body.kind === 'cancel') {
    const past = state.scheduled.find((change) => change.dueAt >= at || change.body.kind === 'cancel');
    if (past !== undefined) refuse(past);
  }
  if (body.kind === 'change' && changesInterval(state, body, catalogue)) refuse(first);
  const subjects = new Set(subjectsOf(body));
  const clash = state.scheduled.find((change) =>
    subjectsOf(change.body).some((subject) => subjects.has(subject)),
  );
  if (clash !== undefined) refuse(clash);
}
