import type { Billed } from '../../domain/books/settlement.ts';
import { type Step, withdrawsWaiting } from '../../domain/billing/steps.ts';
import type { ContractContext } from './contracts.ts';
import type { AccountBooks } from '../books/account-context.ts';
import { chargeRow } from '../books/charge-rows.ts';
import { type Finalised, finalise, numberDocument } from '../books/finalise.ts';
import { type Tx, send } from '../platform/pool.ts';
import { contractRows, originOf } from './step-rows.ts';
import { writeRows } from '../platform/write.ts';
import { PREFIX } from '../../temporal/ids.ts';

/** The document that a step makes, and the books that settled it. */
export interface StepBill {
  readonly billed: Billed;
  readonly books: AccountBooks;
  /** Locks the account, where its lock is not held yet: everything is written before, and the number taken after. */
  readonly lock: (() => Promise<void>) | null;
}

const NO_DOCUMENT: Finalised = { tables: {}, more: [] };

/**
 * Stores a step in **one statement**: phases, items, charges, what its document prints and books, what is to be
 * collected, the answer of the command, and when the contract is due next. The document's own row, with the number,
 * is a second one, the last of the transaction.
 */
export function storeStep(
  tx: Tx,
  context: ContractContext,
  step: Step,
  { bill, due }: { readonly bill: StepBill | null; readonly due: string | null },
): void {
  const origin = originOf(context, step);
  const { tables, more } = bill === null ? NO_DOCUMENT : finalise(origin, bill.billed, bill.books);
  const charges = step.charges.map((charge) => chargeRow(origin, step.decision?.commandId ?? null, charge));
  const params = [
    context.merchantId,
    step.state.contractId,
    context.clockId,
    due,
    JSON.stringify(contractPatch(context, step, bill?.billed ?? null)),
  ];
  const updates = [...contractUpdates(context, step, due), ...more];
  send(tx, writeRows(tx, { ...contractRows(context, step), charges, ...tables }, { more: updates, params }));
  if (bill === null) return;
  if (bill.lock !== null) send(tx, bill.lock());
  numberDocument(tx, origin, bill.billed.document);
}

/** What changes in rows that exist already; `$6` of the statement. */
function contractPatch(context: ContractContext, step: Step, billed: Billed | null): object {
  const { state, decision, changes } = step;
  return {
    contract: {
      phase: state.phase,
      variant: state.terms.variantVersionId,
      anchor: state.anchor,
      term_start: state.termStart,
      pauses: state.pauseReasons,
      settled: state.settledThrough,
      ended: state.endedAt,
    },
    closed: changes.closed,
    once: step.charges.flatMap(({ oneTimeId }) => (oneTimeId === null ? [] : [oneTimeId])),
    rated: step.periods.map(({ subscriptionId, itemId, startsAt, endsAt, total, tax }) => ({
      subscription: subscriptionId,
      item: itemId,
      starts: startsAt,
      ends: endsAt,
      total,
      tax,
    })),
    decision: decision && {
      id: decision.commandId,
      state: decision.state,
      at: step.at,
      answer: {
        state: decision.state,
        code: decision.code,
        detail: decision.detail,
        field: decision.field,
        effective_at: step.at,
        document_id: billed?.document.id ?? null,
        scheduled_for: changes.scheduled[0]?.dueAt ?? null,
      },
    },
    incident: context.openIncident,
  };
}

function contractUpdates(context: ContractContext, step: Step, due: string | null): string[] {
  const updates = [
    `patch as (select $4::text clock, $5::timestamptz due, $6::jsonb p)`,
    `set_contract as (update contracts set phase = p->'contract'->>'phase', variant_version_id = p->'contract'->>'variant',
       anchor_date = (p->'contract'->>'anchor')::date, term_start = (p->'contract'->>'term_start')::date, settled_through = (p->'contract'->>'settled')::timestamptz,
       pause_reasons = array(select jsonb_array_elements_text(p->'contract'->'pauses')), ended_at = (p->'contract'->>'ended')::timestamptz
       from patch where merchant_id = $2 and id = $3)`,
    due === null
      ? `off_agenda as (delete from agenda where merchant_id = $2 and workflow_id = '${PREFIX.contract}' || $3)`
      : `on_agenda as (insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
           select '${PREFIX.contract}' || $3, $2, 'contract', clock, due from patch
         on conflict (workflow_id) do update set due_at = excluded.due_at, held_until = null, looks = 0)`,
  ];
  if (step.decision !== null) {
    updates.push(`decided as (update commands set state = p->'decision'->>'state', answer = p->'decision'->'answer',
      decided_at = (p->'decision'->>'at')::timestamptz from patch where merchant_id = $2 and id = p->'decision'->>'id')`);
  }
  if (step.changes.closed.length > 0) {
    updates.push(`closed as (update scheduled_changes c set state = x.state from patch, jsonb_to_recordset(p->'closed') as x(id text, state text)
      where c.merchant_id = $2 and c.id = x.id)`);
  }
  if (step.charges.some((charge) => charge.oneTimeId !== null)) {
    updates.push(`billed_once as (update one_time_charges set state = 'billed' from patch
      where merchant_id = $2 and id = any(array(select jsonb_array_elements_text(p->'once'))))`);
  }
  if (withdrawsWaiting(step)) {
    updates.push(`never_billed as (update one_time_charges set state = 'withdrawn' from patch
      where merchant_id = $2 and contract_id = $3 and state = 'waiting' and not p->'once' ? id)`);
  }
  if (step.periods.length > 0) {
    updates.push(`rated as (insert into metered_periods (merchant_id, contract_id, subscription_id, item_id, starts_at, ends_at, total, tax)
      select $2, $3, x.subscription, x.item, x.starts, x.ends, x.total, x.tax
      from patch, jsonb_to_recordset(p->'rated') as x(subscription text, item text, starts timestamptz, ends timestamptz, total numeric, tax jsonb)
      on conflict (merchant_id, subscription_id, starts_at) do update set total = excluded.total, tax = excluded.tax, reopened = false)`);
  }
  if (context.openIncident !== null) {
    updates.push(
      `resolved as (update incidents set closed_at = clock_timestamp() from patch where merchant_id = $2 and id = p->>'incident')`,
    );
  }
  return updates;
}
