import { type IncidentRow, findIncident, getIncident } from '../../db/platform/incidents.ts';
import { type MerchantId, merchantId } from '../../db/platform/ids.ts';
import { enqueue } from '../../db/platform/outbox.ts';
import { type Pool, type Tx, inTransaction } from '../../db/platform/pool.ts';
import { found } from '../../db/platform/refs.ts';
import { DomainError } from '../../domain/errors.ts';

/**
 * Retries the step of an open incident at once, by a message to its workflow in the caller's transaction. The incident stays
 * open until the step succeeds.
 * @throws DomainError not_found, incident_closed
 */
export async function retryIncident(tx: Tx, merchant: MerchantId, id: string): Promise<IncidentRow> {
  const incident = found(await getIncident(tx, merchant, id), 'incident');
  if (incident.closed_at !== null)
    throw new DomainError('incident_closed', 'the incident is closed: its step was done');
  await enqueue(tx, merchant, [{ kind: 'wake', workflowId: incident.workflow_id, clockId: null }]);
  return incident;
}

/**
 * Does the same for an operator of the platform, who does not name the merchant.
 * @throws DomainError not_found, incident_closed
 */
export async function retryAnyIncident(pool: Pool, id: string): Promise<IncidentRow> {
  const incident = found(await findIncident(pool, id), 'incident');
  return inTransaction(pool, (tx) => retryIncident(tx, merchantId(incident.merchant_id), id));
}
