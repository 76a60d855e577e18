import { type IncidentRow, findIncident, openIncidents } from '../db/platform/incidents.ts';
import type { Pool } from '../db/platform/pool.ts';
import { found } from '../db/platform/refs.ts';
import { explainIncident, messageOf } from '../domain/explain/incident.ts';
import { retryAnyIncident } from '../engine/repair/incidents.ts';
import { table } from './table.ts';

type Say = (line: string) => void;

/** `tenor incidents list`: lists the open incidents of all merchants. Returns the exit code: 1 if there are any. */
export async function listOpenIncidents(pool: Pool, say: Say): Promise<number> {
  const open = await openIncidents(pool);
  if (open.length === 0) {
    say('No incident is open.');
    return 0;
  }
  const rows = open.map((each) => [
    each.id,
    each.opened_at,
    each.merchant_id,
    each.workflow_id,
    messageOf(each.error),
  ]);
  for (const line of table(['incident', 'since', 'merchant', 'workflow', 'reason'], rows)) say(line);
  return 1;
}

/** `tenor incidents show`: prints an incident with its effect, the advice, and the whole error. */
export async function showIncident(pool: Pool, id: string, say: Say): Promise<number> {
  const incident = found(await findIncident(pool, id), 'incident');
  const { effect, advice } = explainIncident(incident);
  const { merchant_id, contract_id, clock_id } = incident;
  say(`${incident.id} of ${incident.workflow_id}, merchant ${merchant_id}${stateOf(incident)}`);
  if (contract_id !== null)
    say(`Contract ${contract_id}${clock_id === null ? '' : `, on test clock ${clock_id}`}`);
  for (const line of ['', effect, advice, '', incident.error]) say(line);
  return 0;
}

function stateOf({ opened_at, closed_at }: IncidentRow): string {
  return closed_at === null ? `, open since ${opened_at}` : `, opened ${opened_at}, closed ${closed_at}`;
}

/** `tenor incidents retry`: retries the step of an incident at once. */
export async function retryOne(pool: Pool, id: string, say: Say): Promise<number> {
  const { workflow_id } = await retryAnyIncident(pool, id);
  say(`${workflow_id} retries the step. The incident closes when the step succeeds.`);
  return 0;
}
