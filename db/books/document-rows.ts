import { type DocumentDraft, documentPostings } from '../../domain/books/document.ts';
import { type Bill, type InitialPayment, collectionsPaid } from '../../domain/books/bill.ts';
import type { BilledCharge } from '../../domain/books/charge.ts';
import type { AccountBooks, AccountTerms } from './account-context.ts';
import type { Origin } from './charge-rows.ts';
import { newId } from '../platform/ids.ts';
import type { Tables } from '../tables.ts';
import type { RowsByTable } from '../platform/write.ts';
import { collectionWorkflow } from '../../temporal/ids.ts';

/** The columns that the rows of a document and of its payment share. */
interface Shared {
  readonly merchant_id: string;
  readonly account_id: string;
  readonly contract_id: string | null;
  readonly currency: string;
  readonly effective_at: string;
}

/** All rows of a document except its own, which waits for its number. */
export function documentRows(
  { account, contractId, currency, at }: Origin,
  { document, initialPayment }: Bill<BilledCharge>,
  openReceivables: AccountBooks['openReceivables'],
): RowsByTable {
  const shared: Shared = {
    merchant_id: account.merchantId,
    account_id: account.accountId,
    contract_id: contractId,
    currency,
    effective_at: at,
  };
  return {
    ...printedRows(shared, document),
    ...journalRows(shared, document),
    ...receivableRows(shared, document, initialPayment, account.clockId),
    ...creditRows(shared, document, initialPayment),
    ...wakeRows(account, openReceivables, initialPayment),
  };
}

function printedRows({ merchant_id }: Shared, document: DocumentDraft<BilledCharge>): RowsByTable {
  return {
    document_lines: document.lines.map((line) => ({
      merchant_id,
      document_id: document.id,
      position: line.position,
      charge_id: line.charge.id,
      net_minor: line.netMinor,
      tax_minor: line.taxMinor,
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
  };
}

function journalRows(shared: Shared, document: DocumentDraft<BilledCharge>): RowsByTable {
  const { merchant_id, account_id, currency, effective_at } = shared;
  const entry_id = newId('entry');
  return {
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
    postings: documentPostings(document).map((posting, index) => ({
      merchant_id,
      entry_id,
      n: index + 1,
      account_id,
      contract_id: posting.contractId,
      ledger_account: posting.ledgerAccount,
      currency,
      amount_minor: posting.amountMinor,
    })),
  };
}

/** The receivable, its first attempt, and the agenda row by which its collection takes over. */
function receivableRows(
  shared: Shared,
  document: DocumentDraft<BilledCharge>,
  initialPayment: InitialPayment,
  clock_id: string | null,
): RowsByTable {
  const { receivable, attempt, collectionAt } = initialPayment;
  if (receivable === null) return {};
  return {
    receivables: [
      {
        ...shared,
        id: receivable.id,
        document_id: document.id,
        amount_minor: receivable.amountMinor,
        open_minor: receivable.openMinor,
        due_date: document.dueDate,
        dunning_level: 0,
      },
    ],
    attempts: attempt === null ? [] : [attemptRow(shared, receivable.id, attempt)],
    agenda: collectionAt === null ? [] : [collectionRow(shared, receivable.id, clock_id, collectionAt)],
  };
}

function attemptRow(
  shared: Shared,
  receivable_id: string,
  attempt: NonNullable<InitialPayment['attempt']>,
): Tables['attempts'] {
  return {
    ...shared,
    id: attempt.id,
    receivable_id,
    payment_method_id: attempt.paymentMethodId,
    provider: attempt.provider,
    n: 1,
    amount_minor: attempt.amountMinor,
    state: 'planned',
    lookups: 0,
  };
}

function collectionRow(
  { merchant_id }: Shared,
  receivableId: string,
  clock_id: string | null,
  due_at: string,
): Tables['agenda'] {
  return { workflow_id: collectionWorkflow(receivableId), merchant_id, kind: 'collection', clock_id, due_at };
}

function creditRows(
  shared: Shared,
  document: DocumentDraft<BilledCharge>,
  { credit, allocations }: InitialPayment,
): RowsByTable {
  const { merchant_id, account_id, currency, effective_at } = shared;
  return {
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
    allocations: allocations.map((each) => ({
      merchant_id,
      id: newId('allocation'),
      credit_id: each.creditId,
      receivable_id: each.receivableId,
      amount_minor: each.amountMinor,
      effective_at,
      recorded_at: effective_at,
    })),
  };
}

function wakeRows(
  { merchantId, clockId }: AccountTerms,
  openReceivables: AccountBooks['openReceivables'],
  initialPayment: InitialPayment,
): RowsByTable {
  return {
    outbox: collectionsPaid(initialPayment, openReceivables).map((id) => ({
      merchant_id: merchantId,
      kind: 'wake',
      object: collectionWorkflow(id),
      clock_id: clockId,
    })),
  };
}

/** The row of a document without its number and counter. */
export function documentRow(
  origin: Origin,
  document: DocumentDraft<BilledCharge>,
): Omit<Tables['documents'], 'number' | 'period_key' | 'counter'> {
  const { account, contractId, currency, priceMode, at } = origin;
  return {
    merchant_id: account.merchantId,
    contract_id: contractId,
    id: document.id,
    account_id: account.accountId,
    issuer_id: account.issuer.id,
    clock_id: account.clockId,
    kind: document.kind,
    title: document.title,
    issue_date: document.issueDate,
    due_date: document.dueDate,
    service_from: document.serviceFrom,
    service_to: document.serviceTo,
    currency,
    price_mode: priceMode,
    net_minor: document.netMinor,
    tax_minor: document.taxMinor,
    gross_minor: document.grossMinor,
    recipient_subject_id: account.recipient.subjectId,
    recipient_version: account.recipient.version,
    issuer_subject_id: account.issuer.subjectId,
    issuer_version: account.issuer.version,
    effective_at: at,
    recorded_at: at,
  };
}
