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
