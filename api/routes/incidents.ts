import { z } from 'zod';
import { type IncidentRow, getIncident, listIncidents } from '../../db/platform/incidents.ts';
import { mapPage } from '../../db/platform/page.ts';
import { found } from '../../db/platform/refs.ts';
import { explainIncident } from '../../domain/explain/incident.ts';
import { retryIncident } from '../../engine/repair/incidents.ts';
import { resolveFilter } from '../filters.ts';
import { camelCased, rangeQuery, refuseInverted, sortBy, sortOf } from '../lists.ts';
import { type Route, route } from '../route.ts';
import { id, idParams, page, pageQuery, reference } from '../schemas/common.ts';
import { incidentOut, incidentState } from '../schemas/incidents.ts';

const tag = 'Incidents';

function toWire(row: IncidentRow): z.input<typeof incidentOut> {
  return {
    id: row.id,
    state: row.closed_at === null ? 'open' : 'closed',
    step: row.step,
    workflow: row.workflow_id,
    contract: row.contract_id,
    receivable: row.receivable_id,
    clock: row.clock_id,
    code: row.code,
    ...explainIncident(row),
    opened_at: row.opened_at,
    closed_at: row.closed_at,
  };
}

export const incidentRoutes: readonly Route[] = [
  route(
    {
      method: 'get',
      path: '/v1/incidents',
      tag,
      summary: 'List incidents',
      description: 'Steps of contracts and collections that failed, each with advice. Newest first.',
      scope: 'read',
      effect: 'read',
      query: z.strictObject({
        ...pageQuery,
        state: incidentState.exactOptional(),
        contract: reference.exactOptional(),
        clock: id.exactOptional(),
        ...rangeQuery('opened'),
        sort: sortBy(['opened_at']),
      }),
      status: [200],
      response: page(incidentOut),
      errors: ['invalid_date'],
    },
    async ({ query }, { db, merchant }) => {
      refuseInverted(query, ['opened_from', 'opened_before']);
      const kinds = { contract: 'contract', clock: 'clock' } as const;
      const { opened_from, opened_before, sort, ...filter } = await resolveFilter(db, merchant, query, kinds);
      const { ascending = false } = sortOf(sort);
      const renamed = camelCased({ opened_from, opened_before });
      return mapPage(await listIncidents(db, merchant, { ...filter, ...renamed, ascending }, query), toWire);
    },
  ),
  route(
    {
      method: 'get',
      path: '/v1/incidents/{id}',
      tag,
      summary: 'Read an incident',
      description: 'The incident with its reason, its effect and advice.',
      scope: 'read',
      effect: 'read',
      params: idParams,
      status: [200],
      response: incidentOut,
      errors: [],
    },
    async ({ params }, { db, merchant }) =>
      toWire(found(await getIncident(db, merchant, params.id), 'incident')),
  ),
  route(
    {
      method: 'post',
      path: '/v1/incidents/{id}/retry',
      tag,
      summary: 'Retry the step of an incident',
      description:
        'Answers at once. The incident is closed when its step succeeds. The step is also retried every hour. A test clock ' +
        'that is stuck continues when it is advanced again.',
      scope: 'write',
      effect: 'transaction',
      params: idParams,
      status: [202],
      response: incidentOut,
      errors: ['incident_closed'],
    },
    async ({ params }, { db, merchant }) => toWire(await retryIncident(db, merchant, params.id)),
  ),
];
