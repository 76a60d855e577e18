import { instant, text } from './columns.ts';
import { type MerchantId, newId } from './ids.ts';
import { type Page, type PageOf, listStatement } from './page.ts';
import type { Db } from './pool.ts';
import { type RowOf, sqlFile, statement } from './statement.ts';

/** The steps of workflows that can open an incident. */
export const INCIDENT_STEPS = ['settle', 'collect'] as const;

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

const selectOfMerchant = listStatement('listIncidents', {
  sql: `${VIEW} ${sqlFile(import.meta.url, 'list-incidents.sql')}`,
  params: { merchant: 'text', state: 'text?', contract: 'text?', clock: 'text?' },
  row: incidentRow,
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

export interface IncidentFilter {
  readonly state?: 'open' | 'closed';
  readonly contract?: string;
  readonly clock?: string;
}

export function listIncidents(
  db: Db,
  merchant: MerchantId,
  { state, contract, clock }: IncidentFilter,
  page: PageOf,
): Promise<Page<IncidentRow>> {
  const filter = { state: state ?? null, contract: contract ?? null, clock: clock ?? null };
  return selectOfMerchant.page(db, { merchant, ...filter }, page);
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
