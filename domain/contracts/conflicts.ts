import type { Instant } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import type { Catalogue, Change, CommandBody, ContractState, ScheduledChange } from './state.ts';
import { sameInterval, variantOf } from '../catalogue/terms.ts';

/** What a command would set: the fee, one subscription, the pause, or all of it. */
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

/** Whether the change moves the contract to a variant whose periods are others. */
function changesInterval(state: ContractState, change: Change, catalogue: Catalogue): boolean {
  return change.variant !== undefined && !sameInterval(state.terms, variantOf(catalogue, change.variant));
}

/** @throws DomainError scheduled_change_exists, which names the command to be withdrawn */
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
 * At most one scheduled value per item: a second one, an immediate command on an item that has one, a change of the
 * interval over one, or anything at or past a scheduled cancellation is refused by name, never dropped.
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
