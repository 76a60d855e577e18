import type { Charge } from '../domain/billing/charge.ts';
import { type DocumentDraft, documentPostings } from '../domain/billing/document.ts';
import type { Billed } from '../domain/billing/settlement.ts';
import type { Step } from '../domain/contract/steps.ts';
import type { ItemRow } from '../domain/contract/state.ts';
import type { ContractContext } from './contracts.ts';
import { newId } from './ids.ts';
import type { Row, RowsByTable } from './write.ts';

const byContract = (context: ContractContext, step: Step): Row => ({
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
    command_id,
    recorded_at: step.at,
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
    text: charge.text,
    starts_at: charge.startsAt,
    ends_at: charge.endsAt,
    from_date: charge.from,
    to_date: charge.to,
    quantity: charge.quantity,
    unit_price: charge.unitPrice,
    full_amount: charge.fullAmount,
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

/** Everything of a document but its own row, which waits for its number. */
export function documentRows(
  context: ContractContext,
  step: Step,
  { document, settlement }: Billed,
): RowsByTable {
  const merchant_id = context.merchantId;
  const { currency } = step.state;
  const contract_id = step.state.contractId;
  const [account_id, effective_at] = [context.accountId, step.at];
  const entry_id = newId('entry');
  const postings = documentPostings(document);
  const { receivable, credit, attempt } = settlement;
  return {
    document_lines: document.lines.map((line) => ({
      merchant_id,
      document_id: document.id,
      position: line.position,
      charge_id: line.charge.id,
      net_minor: line.netMinor,
    })),
    document_taxes: document.taxes.map((tax) => ({
      merchant_id,
      document_id: document.id,
      category: tax.category,
      rate: tax.rate,
      text: tax.text,
      net_minor: tax.netMinor,
      tax_minor: tax.taxMinor,
    })),
    journal_entries: [
      {
        merchant_id,
        id: entry_id,
        account_id,
        fact: `document:${document.id}`,
        text: document.title,
        reference: document.id,
        effective_at,
        recorded_at: effective_at,
      },
    ],
    postings: postings.map((posting, index) => ({
      merchant_id,
      entry_id,
      n: index + 1,
      account_id,
      contract_id,
      ledger_account: posting.ledgerAccount,
      currency,
      amount_minor: posting.amountMinor,
    })),
    receivables:
      receivable === null
        ? []
        : [
            {
              merchant_id,
              id: receivable.id,
              account_id,
              contract_id,
              document_id: document.id,
              currency,
              amount_minor: receivable.amountMinor,
              open_minor: receivable.openMinor,
              due_date: document.dueDate,
              dunning_level: 0,
              effective_at,
            },
          ],
    credits:
      credit === null
        ? []
        : [
            {
              merchant_id,
              id: credit.id,
              account_id,
              document_id: document.id,
              payment_id: null,
              currency,
              amount_minor: credit.amountMinor,
              left_minor: credit.leftMinor,
              effective_at,
            },
          ],
    allocations: settlement.allocations.map((each) => ({
      merchant_id,
      id: newId('allocation'),
      credit_id: each.creditId,
      receivable_id: each.receivableId,
      amount_minor: each.amountMinor,
      effective_at,
      recorded_at: effective_at,
    })),
    attempts:
      attempt === null || receivable === null
        ? []
        : [
            {
              merchant_id,
              id: attempt.id,
              receivable_id: receivable.id,
              account_id,
              contract_id,
              payment_method_id: attempt.paymentMethodId,
              provider: attempt.provider,
              n: 1,
              currency,
              amount_minor: attempt.amountMinor,
              state: 'planned',
              lookups: 0,
              effective_at,
            },
          ],
    agenda:
      settlement.collectionAt === null || receivable === null
        ? []
        : [
            {
              workflow_id: `collection/${receivable.id}`,
              merchant_id,
              kind: 'collection',
              clock_id: context.clockId,
              due_at: settlement.collectionAt,
            },
          ],
  };
}

/** A document without number and counter. */
export function documentRow(context: ContractContext, step: Step, document: DocumentDraft): Row {
  return {
    ...byContract(context, step),
    id: document.id,
    account_id: context.accountId,
    issuer_id: context.issuer.id,
    clock_id: context.clockId,
    kind: document.kind,
    title: document.title,
    issue_date: document.issueDate,
    due_date: document.dueDate,
    service_from: document.serviceFrom,
    service_to: document.serviceTo,
    currency: step.state.currency,
    price_mode: step.state.priceMode,
    net_minor: document.netMinor,
    tax_minor: document.taxMinor,
    gross_minor: document.grossMinor,
    recipient_subject_id: context.recipient.subjectId,
    recipient_version: context.recipient.version,
    issuer_subject_id: context.issuer.subjectId,
    issuer_version: context.issuer.version,
    effective_at: step.at,
    recorded_at: step.at,
  };
}
