import type { Instant } from '../arithmetic/calendar.ts';
import { tryOut } from './perform.ts';
import type { Catalogue, ContractRows, ContractState, NewId, ScheduledChange } from './state.ts';
import { endOfTerm } from './term.ts';

/** The instants, by subject, at which the items in force are known to end or to change. */
export type KnownEnds = ReadonlyMap<string, Instant>;

/**
 * Finds the known ends of the items in force (rule 9), by performing all scheduled changes, in their order, on a copy of
 * the contract. An end (a cancellation, a removal, a pause, the end of a term) always bounds. A change bounds only if
 * the variants before and after it prorate; otherwise it is passed over, and a later end bounds.
 * @param catalogue with the versions that the scheduled changes have pinned
 */
export function knownEnds(state: ContractState, catalogue: Catalogue): KnownEnds {
  const ends = new Map<string, Instant>();
  let now = state;
  for (const change of state.scheduled) {
    const termEnd = endOfTerm(now);
    if (termEnd !== null && termEnd < change.dueAt) break;
    // A change that cannot be performed becomes an incident on its day.
    const done = tryOut(now, change, catalogue, idsFor(change));
    if (done === null) return ends;
    for (const [subject, end] of endsOf(now, done)) if (!ends.has(subject)) ends.set(subject, end);
    now = done.state;
    if (now.phase === 'ended') return ends;
  }
  const termEnd = endOfTerm(now);
  if (termEnd !== null)
    for (const { subject } of now.items) if (!ends.has(subject)) ends.set(subject, termEnd);
  return ends;
}

interface Performed {
  readonly state: ContractState;
  readonly rows: ContractRows;
}

/** Ids for rows that are only tried out and never stored. */
function idsFor({ id }: ScheduledChange): NewId {
  let ids = 0;
  return (kind) => `${kind}~${id}~${ids++}`;
}

/** The subjects that a change ends or supersedes, with the instants from which it does so. */
function endsOf(before: ContractState, { state: after, rows }: Performed): [string, Instant][] {
  const pauses = before.pauseReasons.length === 0 && after.pauseReasons.length > 0;
  const paused = pauses ? after.pauses.at(-1)?.startsAt : undefined;
  if (paused !== undefined) return before.items.map(({ subject }) => [subject, paused]);
  const prorated = before.terms.proration !== 'none' && after.terms.proration !== 'none';
  return rows.items.flatMap(({ subject, quantity, effectiveAt }): [string, Instant][] => {
    const known = before.items.some((item) => item.subject === subject);
    const isEnd = quantity === null && (subject !== 'fee' || after.phase === 'ended');
    return known && (isEnd || prorated) ? [[subject, effectiveAt]] : [];
  });
}
