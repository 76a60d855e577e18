import { type Db, rows } from './pool.ts';
import type { MerchantId } from './ids.ts';

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

/** A row that is due and was not taken by its owner. */
export interface Overdue {
  readonly workflow_id: string;
  readonly merchant_id: string;
  readonly due_at: string;
  /** How often it was looked at since it is due. */
  readonly looks: number;
  /** Its step failed: its workflow waits an hour, or for a wake. */
  readonly incident: boolean;
}

/** At most so many at once. */
export const MOST_OVERDUE = 100;

/**
 * Claims what is overdue on wall time, longest first. Nobody else gets these rows for the first wait: if the claimer dies,
 * or could not reach Temporal, they come back then. By the index it costs the same however many rows are due: so the kind
 * and the bound stand in the statement itself, and the time is one for all of it.
 */
export function claimOverdue(
  db: Db,
  kind: 'provider_event' | 'contract' | 'collection',
  { overdue, wait }: Looks,
): Promise<Overdue[]> {
  return rows<Overdue>(
    db,
    `with late as materialized (select workflow_id from agenda where clock_id is null and kind = '${kind}'
         and greatest(due_at, held_until) <= statement_timestamp() - make_interval(secs => $1)
       order by greatest(due_at, held_until) limit ${MOST_OVERDUE} for no key update skip locked)
     update agenda a set held_until = statement_timestamp() + make_interval(secs => $2::float8 - $1)
     where a.workflow_id = any(array(select workflow_id from late))
     returning a.workflow_id, a.merchant_id, a.due_at, a.looks,
       exists (select from incidents i where i.workflow_id = a.workflow_id and i.closed_at is null) as incident`,
    [overdue, wait],
  );
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
