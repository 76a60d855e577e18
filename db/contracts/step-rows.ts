import { type Step, oneTimeAfter } from '../../domain/billing/steps.ts';
import type { ItemRow } from '../../domain/contracts/state.ts';
import type { ContractContext } from './contracts.ts';
import { type Origin, oneTimeRow } from '../books/charge-rows.ts';
import type { Tables } from '../tables.ts';
import type { RowsByTable } from '../platform/write.ts';

/** The origin of the charges that a step bills. */
export function originOf(context: ContractContext, { at, state }: Step): Origin {
  const { contractId, currency, priceMode } = state;
  return { account: context, contractId, currency, priceMode, at };
}

/** The columns that all rows of a contract begin with. */
interface Base {
  readonly merchant_id: string;
  readonly contract_id: string;
}

/** The rows that a step adds to the contract itself. */
export function contractRows(context: ContractContext, step: Step): RowsByTable {
  const base: Base = { merchant_id: context.merchantId, contract_id: step.state.contractId };
  const origin = originOf(context, step);
  const command_id = step.decision?.commandId ?? null;
  const { rows } = step;
  return {
    component_subscriptions: rows.subscriptions.map((each) => ({
      ...base,
      id: each.id,
      component_id: each.componentId,
      created_at: step.at,
    })),
    contract_phases: rows.phases.map((each) => ({
      ...base,
      id: each.id,
      kind: each.kind,
      variant_version_id: each.variantVersionId,
      starts_at: each.startsAt,
      command_id,
      recorded_at: step.at,
    })),
    items: rows.items.map((each) => itemRow(base, command_id, step, each)),
    scheduled_changes: rows.scheduled.map((each) => ({
      ...base,
      id: each.id,
      command_id: each.commandId,
      due_at: each.dueAt,
      change: each.body,
      state: 'scheduled',
    })),
    one_time_charges: rows.oneTime.map((each) => oneTimeRow(origin, each, oneTimeAfter(step, each))),
  };
}

function itemRow(base: Base, command_id: string | null, step: Step, item: ItemRow): Tables['items'] {
  return {
    ...base,
    id: item.id,
    subject: item.subject,
    subscription_id: item.subject === 'fee' ? null : item.subject,
    revision: item.revision,
    origin_id: item.origin === item.id ? null : item.origin,
    variant_version_id: item.pricing.variantVersionId,
    component_version_id: item.pricing.componentVersionId,
    quantity: item.quantity,
    anchor_date: item.anchor,
    effective_at: item.effectiveAt,
    ends_at: item.endsAt,
    included: item.included,
    command_id,
    recorded_at: step.at,
  };
}
