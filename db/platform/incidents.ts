import { type Db, row, rows } from './pool.ts';
import { type MerchantId, newId } from './ids.ts';

/** Records that a step of a workflow cannot be done; the one that is open already stays the one. Answers its id. */
export async function openIncident(
  db: Db,
  merchant: MerchantId,
  workflowId: string,
  step: string,
  error: unknown,
): Promise<string> {
  const text =
    error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error);
  const { id } = await row<{ id: string }>(
    db,
    `insert into incidents (merchant_id, id, workflow_id, step, error) values ($1, $2, $3, $4, $5)
     on conflict (workflow_id) where closed_at is null do update set error = excluded.error returning id`,
    [merchant, newId('incident'), workflowId, step, text.slice(0, 4000)],
  );
  return id;
}

/** What could not be done has been done, or need not be done any more. */
export async function closeIncident(db: Db, merchant: MerchantId, id: string): Promise<void> {
  await rows(db, 'update incidents set closed_at = clock_timestamp() where merchant_id = $1 and id = $2', [
    merchant,
    id,
  ]);
}

/** Closes the incidents of a workflow, whose step could be done now. */
export async function closeIncidentsOf(db: Db, workflowId: string): Promise<void> {
  await rows(
    db,
    'update incidents set closed_at = clock_timestamp() where workflow_id = $1 and closed_at is null',
    [workflowId],
  );
}
