import { type Db, rows } from './pool.ts';
import type { MerchantId } from './ids.ts';
import { type Next, Rounds } from './rounds.ts';

export type AgendaKind = 'provider_event' | 'contract' | 'account' | 'collection';

/**
 * Sets when an owner is due next; null takes it off the agenda. Belongs to the transaction that did its work. Answers
 * whether that changed anything.
 */
export async function setAgenda(
  db: Db,
  merchant: MerchantId,
  {
    workflowId,
    kind,
    clockId,
    dueAt,
  }: { workflowId: string; kind: AgendaKind; clockId: string | null; dueAt: string | null },
): Promise<boolean> {
  const moved =
    dueAt === null
      ? await rows(db, 'delete from agenda where merchant_id = $1 and workflow_id = $2 returning 1', [
          merchant,
          workflowId,
        ])
      : await rows(
          db,
          `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at) values ($1, $2, $3, $4, $5)
           on conflict (workflow_id) do update set due_at = excluded.due_at, held_until = null, looks = 0
             where agenda.due_at <> excluded.due_at
           returning 1`,
          [workflowId, merchant, kind, clockId, dueAt],
        );
  return moved.length > 0;
}

/** How the rows of a kind are looked at, in seconds. */
export interface Looks {
  /** From so long after its due time on. */
  readonly overdue: number;
  /** Between the first look and the second; it doubles with each look, */
  readonly wait: number;
  /** up to this. */
  readonly longest: number;
}

/** Something that is due and was not taken by its workflow. */
export interface Overdue {
  readonly workflow_id: string;
  readonly merchant_id: string;
  readonly due_at: string;
  /** How often it was looked at before, since it is due. */
  readonly looks: number;
  /** Its step failed: its workflow waits an hour, or for a wake. */
  readonly incident: boolean;
}

/** What was claimed, and whether more is due. */
export interface Claimed extends Pick<Next, 'backlog' | 'passed'> {
  readonly due: Overdue[];
}

/** Kinds of rows that relays look at. */
export const LOOKED_AT = ['provider_event', 'contract', 'collection'] as const;
export type LookedAt = (typeof LOOKED_AT)[number];

/** At most so many at once. */
const MOST_OVERDUE = 100;
const LATE = 'statement_timestamp() - make_interval(secs => $2)';

/** Whose rows of a kind a relay claims next. The kind stands in the statement itself, so that an index fits. */
export const agendaRounds = (kind: LookedAt): Rounds =>
  new Rounds({
    waiting: `from agenda q where q.clock_id is null and q.kind = '${kind}'`,
    due: 'greatest(q.due_at, q.held_until)',
    until: LATE,
    atOnce: MOST_OVERDUE,
  });

/**
 * Claims what is overdue on wall time, of each merchant what is its turn, longest first. Nobody else gets these rows for
 * the first wait: if the claimer dies, or could not reach Temporal, they come back then. By the indexes it costs the same
 * however many rows are due.
 */
export async function claimOverdue(
  db: Db,
  kind: LookedAt,
  { overdue, wait }: Looks,
  rounds: Rounds = agendaRounds(kind),
): Promise<Claimed> {
  const { turns, ...more } = await rounds.next(db, [overdue]);
  if (turns.length === 0) return { due: [], ...more };
  const due = await rows<Overdue>(
    db,
    `with late as materialized (select q.workflow_id from unnest($1::text[], $4::int[]) t(merchant_id, most) cross join lateral (
       select o.workflow_id from agenda o where o.clock_id is null and o.kind = '${kind}' and o.merchant_id >= t.merchant_id
         and (o.merchant_id, greatest(o.due_at, o.held_until)) <= (t.merchant_id, ${LATE})
       order by o.merchant_id, greatest(o.due_at, o.held_until) limit t.most for no key update skip locked) q)
     update agenda a set held_until = statement_timestamp() + make_interval(secs => $3::float8 - $2)
     where a.workflow_id = any(array(select workflow_id from late))
     returning a.workflow_id, a.merchant_id, a.due_at, a.looks,
       exists (select from incidents i where i.workflow_id = a.workflow_id and i.closed_at is null) as incident`,
    [turns.map(({ merchant }) => merchant), overdue, wait, turns.map(({ most }) => most)],
  );
  return { due, ...more };
}

/** Notes that rows were looked at, so that the next look comes later. A row that has moved since is due anew. */
export async function noteLooks(
  db: Db,
  workflowIds: readonly string[],
  { overdue, wait, longest }: Looks,
): Promise<void> {
  if (workflowIds.length === 0) return;
  await rows(
    db,
    `update agenda set looks = looks + 1, held_until = statement_timestamp()
       + make_interval(secs => least($4, $3 * power(2, least(looks, 30))) - $2::float8)
     where workflow_id = any($1) and held_until is not null`,
    [workflowIds, overdue, wait, longest],
  );
}
