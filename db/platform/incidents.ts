import { instant, text } from './columns.ts';
import { type MerchantId, newId } from './ids.ts';
import type { Page, PageOf } from './page.ts';
import type { Db, Pool } from './pool.ts';
import { inRange, sortedList } from './sorted-list.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

/** The steps of workflows that can open an incident. */
export const INCIDENT_STEPS = ['settle', 'run', 'collect'] as const;

const insertIncident = statement('openIncident', {
  sql: `
    insert into incidents (merchant_id, id, workflow_id, step, error, code)
    values (:merchant, :id, :workflow, :step, :error, :code)
    on conflict (workflow_id) where closed_at is null do update set error = excluded.error, code = excluded.code
    returning id`,
  params: { merchant: 'text', id: 'text', workflow: 'text', step: 'text', error: 'text', code: 'text?' },
  row: { id: text },
});

/** Records that a step of a workflow failed, and returns the incident's id. If one is open already, it gets the new error. */
export async function openIncident(
  db: Db,
  merchant: MerchantId,
  workflowId: string,
  step: (typeof INCIDENT_STEPS)[number],
  error: unknown,
): Promise<string> {
  const { id } = await insertIncident.row(db, {
    merchant,
    id: newId('incident'),
    workflow: workflowId,
    step,
    error: textOf(error).slice(0, 4000),
    code: codeOf(error),
  });
  return id;
}

/** Name, message and frames of an error. The stack of most errors begins with name and message. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [head, stack = ''] = [`${error.name}: ${error.message}`, error.stack];
  return stack.startsWith(head) ? stack : `${head}\n${stack}`;
}

function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

const close = statement('closeIncident', {
  sql: 'update incidents set closed_at = clock_timestamp() where merchant_id = :merchant and id = :id',
  params: { merchant: 'text', id: 'text' },
});

/** Closes an incident because its step was done, or is not needed any more. */
export async function closeIncident(db: Db, merchant: MerchantId, id: string): Promise<void> {
  await close.run(db, { merchant, id });
}

const closeOfWorkflow = statement('closeIncidentsOfWorkflow', {
  sql: 'update incidents set closed_at = clock_timestamp() where workflow_id = :workflow and closed_at is null',
  params: { workflow: 'text' },
});

/** Closes the incidents of a workflow because its step was done. */
export async function closeIncidentsOf(db: Db, workflowId: string): Promise<void> {
  await closeOfWorkflow.run(db, { workflow: workflowId });
}

const incidentRow = {
  id: text,
  merchant_id: text,
  workflow_id: text,
  step: text,
  /** The code of the refusal, or of Postgres; null if the error had none. */
  code: text.nullable(),
  /** Name, message and frames. */
  error: text,
  opened_at: instant,
  closed_at: instant.nullable(),
  contract_id: text.nullable(),
  /** The receivable, if the workflow is a collection. */
  receivable_id: text.nullable(),
  clock_id: text.nullable(),
};

/** An incident, with the contract, the receivable and the clock that it concerns. */
export type IncidentRow = RowOf<typeof incidentRow>;

const VIEW = sqlFile(import.meta.url, 'incident-view.sql');

const OPENED = {
  sort: 'opened_at',
  order: { opened_at: 'timestamptz' },
  range: inRange('x.opened_at', 'opened'),
} as const;

const list = sortedList('incidents', {
  table: 'incidents',
  view: `${VIEW} where i.merchant_id = :merchant`,
  id: 'i.id',
  row: incidentRow,
  params: {
    state: 'text?',
    workflows: 'text[]?',
    openedFrom: 'timestamptz?',
    openedBefore: 'timestamptz?',
  },
  conditions: `(:state is null or (d.closed_at is null) = (:state = 'open'))
    and (:workflows is null or d.workflow_id = any(:workflows))
    and ${inRange('d.opened_at', 'opened')}`,
  ways: {
    state: {
      ...OPENED,
      sources: [{ table: 'incidents', where: '(x.closed_at is null) = e.value::boolean' }],
    },
    workflow: { ...OPENED, sources: [{ table: 'incidents', where: 'x.workflow_id = e.value', few: true }] },
  },
});

const selectWorkflows = statement('workflowsOfIncidents', {
  sql: sqlFile(import.meta.url, 'workflows-of-incidents.sql'),
  params: { merchant: 'text', contract: 'text?', clock: 'text?' },
  row: { workflow_id: text },
});

const selectIncident = statement('getIncident', {
  sql: `${VIEW} where i.merchant_id = :merchant and i.id = :id`,
  params: { merchant: 'text', id: 'text' },
  row: incidentRow,
});

const selectOfAnyMerchant = statement('findIncident', {
  sql: `${VIEW} where i.merchant_id = any(array(select id from merchants)) and i.id = :id`,
  params: { id: 'text' },
  row: incidentRow,
});

const selectOpen = statement('openIncidents', {
  sql: `${VIEW} where i.closed_at is null order by i.opened_at, i.id`,
  row: incidentRow,
});

/** The filters of incidents. The range includes its beginning and excludes its end. */
export interface IncidentFilter {
  readonly state?: 'open' | 'closed';
  readonly contract?: string;
  readonly clock?: string;
  readonly openedFrom?: string;
  readonly openedBefore?: string;
  readonly ascending?: boolean;
}

const selectOpenOf = statement('openIncidentsOfWorkflows', {
  sql: `
    select id from incidents
    where merchant_id = :merchant and workflow_id = any(:workflows) and closed_at is null
    order by id limit 100`,
  params: { merchant: 'text', workflows: 'text[]' },
  row: { id: text },
});

/** The ids of the open incidents on a test clock, 100 at most. */
export async function openIncidentsOfClock(db: Db, merchant: MerchantId, clock: string): Promise<string[]> {
  const workflows = await selectWorkflows.rows(db, { merchant, contract: null, clock });
  const found = await selectOpenOf.rows(db, {
    merchant,
    workflows: workflows.map((each) => each.workflow_id),
  });
  return found.map(({ id }) => id);
}

/** Lists incidents, newest first. */
export async function listIncidents(
  pool: Pool,
  merchant: MerchantId,
  filter: IncidentFilter,
  page: PageOf,
): Promise<Page<IncidentRow>> {
  const { state = null, contract = null, clock = null, ascending = false } = filter;
  const { openedFrom = null, openedBefore = null } = filter;
  const workflows =
    contract === null && clock === null
      ? null
      : (await selectWorkflows.rows(pool, { merchant, contract, clock })).map((each) => each.workflow_id);
  const states = state === null ? ['true', 'false'] : [`${state === 'open'}`];
  const chosen =
    workflows === null
      ? ({ way: 'state', each: states, ascending } as const)
      : ({ way: 'workflow', each: workflows, ascending } as const);
  return list.page(pool, merchant, { state, workflows, openedFrom, openedBefore }, chosen, page);
}

export function getIncident(db: Db, merchant: MerchantId, id: string): Promise<IncidentRow | null> {
  return selectIncident.maybeRow(db, { merchant, id });
}

/** An incident of any merchant, for operators. It is looked up with each merchant's id, because no index has the id alone. */
export function findIncident(db: Db, id: string): Promise<IncidentRow | null> {
  return selectOfAnyMerchant.maybeRow(db, { id });
}

/** The open incidents of all merchants, oldest first, for operators. */
export function openIncidents(db: Db): Promise<IncidentRow[]> {
  return selectOpen.rows(db, {});
}
