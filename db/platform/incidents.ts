import { PREFIX } from '../../temporal/ids.ts';
import { type MerchantId, newId } from './ids.ts';
import { type Page, type PageOf, pageOf } from './page.ts';
import { type Db, maybeRow, row, rows } from './pool.ts';

/** Steps of workflows that may be impossible. */
export const INCIDENT_STEPS = ['settle', 'collect'] as const;

/** Records that a step of a workflow cannot be done; the one that is open already stays the one. Answers its id. */
export async function openIncident(
  db: Db,
  merchant: MerchantId,
  workflowId: string,
  step: (typeof INCIDENT_STEPS)[number],
  error: unknown,
): Promise<string> {
  const { id } = await row<{ id: string }>(
    db,
    `insert into incidents (merchant_id, id, workflow_id, step, error, code) values ($1, $2, $3, $4, $5, $6)
     on conflict (workflow_id) where closed_at is null do update set error = excluded.error, code = excluded.code returning id`,
    [merchant, newId('incident'), workflowId, step, textOf(error).slice(0, 4000), codeOf(error)],
  );
  return id;
}

/** Name and message, and the frames, before which most errors say both again. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [head, stack = ''] = [`${error.name}: ${error.message}`, error.stack];
  return stack.startsWith(head) ? stack : `${head}\n${stack}`;
}

function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

/** Closes the incident: its step was done, or need not be done any more. */
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

/** An incident, with what it is about. */
export interface IncidentRow {
  readonly id: string;
  readonly merchant_id: string;
  readonly workflow_id: string;
  readonly step: string;
  /** Of the refusal, or of Postgres; null: the error had none. */
  readonly code: string | null;
  /** Name, message and frames. */
  readonly error: string;
  readonly opened_at: string;
  readonly closed_at: string | null;
  readonly contract_id: string | null;
  /** Of a collection. */
  readonly receivable_id: string | null;
  readonly clock_id: string | null;
}

/** What stands behind the beginning of a workflow's id; null for a workflow of another kind. */
const subject = (prefix: string): string =>
  `case when starts_with(i.workflow_id, '${prefix}') then substr(i.workflow_id, ${prefix.length + 1}) end`;

const SELECT = `select i.id as cursor_key, i.id, i.merchant_id, i.workflow_id, i.step, i.code, i.error, i.opened_at, i.closed_at,
    coalesce(c.id, r.contract_id) as contract_id, r.id as receivable_id, coalesce(c.clock_id, b.clock_id) as clock_id
  from incidents i
    left join contracts c on c.merchant_id = i.merchant_id and c.id = ${subject(PREFIX.contract)}
    left join receivables r on r.merchant_id = i.merchant_id and r.id = ${subject(PREFIX.collection)}
    left join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id`;

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
  return pageOf<IncidentRow>(
    db,
    `${SELECT} where i.merchant_id = $1 and ($2::text is null or (i.closed_at is null) = ($2 = 'open'))
       and ($3::text is null or i.workflow_id = any(array(select '${PREFIX.contract}' || $3
         union all select '${PREFIX.collection}' || id from receivables where merchant_id = $1 and contract_id = $3)))
       and ($4::text is null or i.workflow_id = any(array(select '${PREFIX.contract}' || id from contracts where merchant_id = $1 and clock_id = $4
         union all select '${PREFIX.collection}' || o.id from billing_accounts a
           join documents d on d.merchant_id = a.merchant_id and d.account_id = a.id
           join receivables o on o.merchant_id = d.merchant_id and o.document_id = d.id where a.merchant_id = $1 and a.clock_id = $4)))`,
    [merchant, state ?? null, contract ?? null, clock ?? null],
    page,
  );
}

export function getIncident(db: Db, merchant: MerchantId, id: string): Promise<IncidentRow | null> {
  return maybeRow<IncidentRow>(db, `${SELECT} where i.merchant_id = $1 and i.id = $2`, [merchant, id]);
}

/** An incident of any merchant, for operators: merchants are few, incidents are not. */
export function findIncident(db: Db, id: string): Promise<IncidentRow | null> {
  return maybeRow<IncidentRow>(
    db,
    `${SELECT} where i.merchant_id = any(array(select id from merchants)) and i.id = $1`,
    [id],
  );
}

/** The open incidents of all merchants, oldest first, for operators. */
export function openIncidents(db: Db): Promise<IncidentRow[]> {
  return rows<IncidentRow>(db, `${SELECT} where i.closed_at is null order by i.opened_at, i.id`);
}
