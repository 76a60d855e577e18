// Everything that happened on a test clock, as texts. A story that compares all of it shows that nothing else happened.
import type { Pool } from '../../db/platform/pool.ts';
import { rows } from './rows.ts';

export interface Happened {
  /** `date kind net gross (open)`, by date. */
  readonly documents: string[];
  /** `date amount state`. */
  readonly attempts: string[];
  /** `kind answer`, followed by `by <actor>` if the command did not come through the API. */
  readonly commands: string[];
  /** `instant state`. */
  readonly scheduled: string[];
  /** `kind instant`: what is due next. */
  readonly agenda: string[];
  /** `kind amount` in the sandbox's own books. */
  readonly moved: string[];
}

const euros = (minor: string): string => `(${minor} / 100.0)::numeric(20, 2)`;

export async function happened(pool: Pool, clock: string): Promise<Happened> {
  const lines = async (sql: string): Promise<string[]> =>
    (await rows<{ line: string }>(pool, sql, [clock])).map(({ line }) => line);
  const contracts = '(select id from contracts where clock_id = $1)';
  return {
    documents: await lines(
      `select concat_ws(' ', d.issue_date, d.kind, ${euros('d.net_minor')}, ${euros('d.gross_minor')},
         case when r.open_minor > 0 then '(' || ${euros('r.open_minor')} || ' open)' end) as line
       from documents d left join receivables r on r.merchant_id = d.merchant_id and r.document_id = d.id
       where d.clock_id = $1 order by d.effective_at, d.recorded_at, d.counter`,
    ),
    attempts: await lines(
      `select concat_ws(' ', date(sent_at at time zone 'Europe/Berlin'), ${euros('amount_minor')}, state) as line
       from attempts where contract_id in ${contracts} order by sent_at, n`,
    ),
    commands: await lines(
      `select concat_ws(' ', kind, coalesce(answer->>'code', state), case when actor not like 'api:%' then 'by ' || split_part(actor, ':', 1) end) as line
       from commands where contract_id in ${contracts} order by contract_id, seq`,
    ),
    scheduled: await lines(
      `select iso(due_at) || ' ' || state as line from scheduled_changes where contract_id in ${contracts} order by due_at, id`,
    ),
    agenda: await lines(
      `select kind || ' ' || iso(due_at) as line from agenda where clock_id = $1 order by due_at`,
    ),
    moved: await lines(
      `select kind || ' ' || ${euros('m.amount_minor')} as line from sandbox.movements m join sandbox.intents i on i.id = m.intent_id
       where i.clock_id = $1 order by m.id`,
    ),
  };
}
