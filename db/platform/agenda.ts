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
           on conflict (workflow_id) do update set due_at = excluded.due_at where agenda.due_at <> excluded.due_at
           returning 1`,
          [workflowId, merchant, kind, clockId, dueAt],
        );
  return moved.length > 0;
}

/** Workflows of a kind that are due on wall time, longest due first, except these; a bounded number of them. */
export async function dueOnWallClock(
  db: Db,
  kind: AgendaKind,
  except: readonly string[],
  limit = 50,
): Promise<string[]> {
  const due = await rows<{ workflow_id: string }>(
    db,
    `select workflow_id from agenda where clock_id is null and kind = $1 and due_at <= clock_timestamp()
       and workflow_id <> all($2) order by due_at limit $3`,
    [kind, except, limit],
  );
  return due.map((each) => each.workflow_id);
}
