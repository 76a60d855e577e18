import type { Charge } from '../domain/billing/charge.ts';
import type { Step } from '../domain/contract/steps.ts';
import type { ItemRow, OneTimeCharge } from '../domain/contract/state.ts';
import type { ContractContext } from './contracts.ts';
import type { Row, RowsByTable } from './write.ts';

/** What every row of a contract begins with. */
export const byContract = (context: ContractContext, step: Step): Row => ({
  merchant_id: context.merchantId,
  contract_id: step.state.contractId,
});

/** The rows that a step adds to the contract itself. */
export function contractRows(context: ContractContext, step: Step): RowsByTable {
  const base = byContract(context, step);
  const command_id = step.decision?.commandId ?? null;
  const { changes } = step;
  return {
    component_subscriptions: changes.subscriptions.map((each) => ({
      ...base,
      id: each.id,
      component_id: each.componentId,
      created_at: step.at,
    })),
    contract_phases: changes.phases.map((each) => ({
      ...base,
      id: each.id,
      kind: each.kind,
      variant_version_id: each.variantVersionId,
      starts_at: each.startsAt,
      command_id,
      recorded_at: step.at,
    })),
    items: changes.items.map((each) => itemRow(base, command_id, step, each)),
    scheduled_changes: changes.scheduled.map((each) => ({
      ...base,
      id: each.id,
      command_id: each.commandId,
      due_at: each.dueAt,
      change: each.body,
      state: 'scheduled',
    })),
    one_time_charges: changes.oneTime.map((each) => oneTimeRow(base, context, step, each)),
  };
}

function itemRow(base: Row, command_id: string | null, step: Step, item: ItemRow): Row {
  return {
    ...base,
    id: item.id,
    subject: item.subject,
    subscription_id: item.subject === 'fee' ? null : item.subject,
    revision: item.revision,
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

/** A new one-time charge; it is billed with the step that makes it, or waits, or ends with the contract. */
function oneTimeRow(base: Row, context: ContractContext, step: Step, charge: OneTimeCharge): Row {
  const billed = step.charges.some((each) => each.oneTimeId === charge.id);
  return {
    ...base,
    id: charge.id,
    account_id: context.accountId,
    kind: charge.kind,
    application: charge.application,
    text: charge.text,
    reference: charge.reference,
    service_date: charge.serviceDate,
    quantity: charge.quantity,
    unit_price: charge.unitPrice,
    currency: step.state.currency,
    price_mode: step.state.priceMode,
    tax_policy_id: charge.taxPolicyId,
    state: billed ? 'billed' : step.state.phase === 'ended' ? 'withdrawn' : 'waiting',
    created_at: step.at,
  };
}

/** A charge as it is stored. */
export function chargeRow(context: ContractContext, step: Step, charge: Charge): Row {
  return {
    ...byContract(context, step),
    id: charge.id,
    account_id: context.accountId,
    item_id: charge.itemId,
    part: charge.part,
    kind: charge.kind,
    reverses_id: charge.reversesId,
    one_time_id: charge.oneTimeId,
    text: charge.text,
    starts_at: charge.startsAt,
    ends_at: charge.endsAt,
    from_date: charge.from,
    to_date: charge.to,
    quantity: charge.quantity,
    unit_price: charge.unitPrice,
    full_amount: charge.fullAmount,
    unit: charge.unit,
    days: charge.days,
    full_days: charge.fullDays,
    amount_minor: charge.amountMinor,
    currency: step.state.currency,
    price_mode: step.state.priceMode,
    tax_category: charge.tax.category,
    tax_rate: charge.tax.rate,
    tax_text: charge.tax.text,
    tax_country: charge.tax.country,
    derivation: charge.derivation,
    command_id: step.decision?.commandId ?? null,
    effective_at: step.at,
    recorded_at: step.at,
  };
}
