import { type Step, withdrawsWaiting } from '../../domain/billing/steps.ts';
import { contractWorkflow } from '../../temporal/ids.ts';
import { type BoundMutation, mutation } from '../platform/write.ts';
import type { ContractContext } from './contracts.ts';

const OF_CONTRACT = { merchant: 'text', contract: 'text' } as const;

const setContract = mutation('set_contract', {
  sql: `update contracts set phase = :phase, variant_version_id = :variant, anchor_date = :anchor, term_start = :termStart,
      pause_reasons = :pauses, settled_through = :settled, ended_at = :ended
    where merchant_id = :merchant and id = :contract`,
  params: {
    ...OF_CONTRACT,
    phase: 'text',
    variant: 'text',
    anchor: 'date',
    termStart: 'date',
    pauses: 'text[]',
    settled: 'timestamptz',
    ended: 'timestamptz?',
  },
});

const offAgenda = mutation('off_agenda', {
  sql: 'delete from agenda where merchant_id = :merchant and workflow_id = :workflow',
  params: { merchant: 'text', workflow: 'text' },
});

const onAgenda = mutation('on_agenda', {
  sql: `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
    values (:workflow, :merchant, 'contract', :clock, :due)
    on conflict (workflow_id) do update set due_at = excluded.due_at, held_until = null, looks = 0`,
  params: { merchant: 'text', workflow: 'text', clock: 'text?', due: 'timestamptz' },
});

const decideCommand = mutation('decide_command', {
  sql: `update commands set state = :state, answer = :answer, decided_at = :at where merchant_id = :merchant and id = :command`,
  params: { merchant: 'text', command: 'text', state: 'text', answer: 'jsonb', at: 'timestamptz' },
});

const closeScheduled = mutation('close_scheduled', {
  sql: `update scheduled_changes c set state = x.state from jsonb_to_recordset(:closed) as x(id text, state text)
    where c.merchant_id = :merchant and c.id = x.id`,
  params: { merchant: 'text', closed: 'jsonb' },
});

const setBilled = mutation('set_billed', {
  sql: `update one_time_charges set state = 'billed' where merchant_id = :merchant and id = any(:billed)`,
  params: { merchant: 'text', billed: 'text[]' },
});

const setWithdrawn = mutation('set_withdrawn', {
  sql: `update one_time_charges set state = 'withdrawn'
    where merchant_id = :merchant and contract_id = :contract and account_id = :account and state = 'waiting'
      and id <> all(:billed) and kind = any(:withdrawn)`,
  params: { ...OF_CONTRACT, account: 'text', billed: 'text[]', withdrawn: 'text[]' },
});

const ratePeriods = mutation('rate_periods', {
  sql: `insert into metered_periods (merchant_id, contract_id, subscription_id, item_id, starts_at, ends_at, total, tax)
    select :merchant, :contract, x."subscriptionId", x."itemId", x."startsAt", x."endsAt", x.total, x.tax
    from jsonb_to_recordset(:periods)
      as x("subscriptionId" text, "itemId" text, "startsAt" timestamptz, "endsAt" timestamptz, total numeric, tax jsonb)
    on conflict (merchant_id, subscription_id, starts_at)
      do update set total = excluded.total, tax = excluded.tax, reopened = false`,
  params: { ...OF_CONTRACT, periods: 'jsonb' },
});

const closeIncident = mutation('close_incident', {
  sql: `update incidents set closed_at = clock_timestamp() where merchant_id = :merchant and id = :incident`,
  params: { merchant: 'text', incident: 'text' },
});

/** The changes that a step makes in existing rows. `due` is the instant at which the contract is due next; null means never again. */
export function contractMutations(
  context: ContractContext,
  step: Step,
  { due, documentId }: { readonly due: string | null; readonly documentId: string | null },
): BoundMutation[] {
  const { state, decision, charges, periods } = step;
  const { closed } = step.rows;
  const billed = charges.flatMap(({ oneTimeId }) => (oneTimeId === null ? [] : [oneTimeId]));
  const own = {
    merchant: context.merchantId,
    contract: state.contractId,
    account: context.accountId,
    workflow: contractWorkflow(state.contractId),
    clock: context.clockId,
    billed,
    // The run of a collective account bills the other one-time charges of a contract, also after its end.
    withdrawn: context.accountKind === 'collective' ? ['setup'] : ['setup', 'charge'],
    closed,
    periods,
  };
  const mutations = [
    setContract({
      ...own,
      phase: state.phase,
      variant: state.terms.variantVersionId,
      anchor: state.anchor,
      termStart: state.termStart,
      pauses: state.pauseReasons,
      settled: state.settledThrough,
      ended: state.endedAt,
    }),
    due === null ? offAgenda(own) : onAgenda({ ...own, due }),
  ];
  if (decision !== null) {
    const answer = answerOf(step, decision, documentId);
    mutations.push(
      decideCommand({ ...own, command: decision.commandId, state: decision.state, at: step.at, answer }),
    );
  }
  if (closed.length > 0) mutations.push(closeScheduled(own));
  if (billed.length > 0) mutations.push(setBilled(own));
  if (withdrawsWaiting(step)) mutations.push(setWithdrawn(own));
  if (periods.length > 0) mutations.push(ratePeriods(own));
  if (context.openIncident !== null)
    mutations.push(closeIncident({ ...own, incident: context.openIncident }));
  return mutations;
}

function answerOf(step: Step, decision: NonNullable<Step['decision']>, documentId: string | null): object {
  return {
    state: decision.state,
    code: decision.code,
    detail: decision.detail,
    field: decision.field,
    effective_at: step.at,
    document_id: documentId,
    scheduled_for: step.rows.scheduled[0]?.dueAt ?? null,
  };
}
