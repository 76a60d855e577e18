import type { Bill } from '../../domain/books/bill.ts';
import type { BilledCharge, Charge } from '../../domain/books/charge.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import { newId } from '../platform/ids.ts';
import { type Tx, send } from '../platform/pool.ts';
import { type BoundMutation, mutation, writeRows } from '../platform/write.ts';
import type { AccountBooks } from './account-context.ts';
import { type Origin, chargeRow } from './charge-rows.ts';
import { type Finalised, finalise, numberDocument } from './finalise.ts';
import type { Tables } from '../tables.ts';

const finishPlanned = mutation('finish_run', {
  sql: `update account_runs set state = 'done', document_id = :document, left_out = :leftOut, done_at = :at
    where merchant_id = :merchant and id = :run and state = 'planned'`,
  params: {
    merchant: 'text',
    run: 'text',
    document: 'text?',
    leftOut: 'text[]',
    at: 'timestamptz',
  },
});

const moveAccount = mutation('move_account', {
  sql: 'update billing_accounts set next_run_at = :next where merchant_id = :merchant and id = :account',
  params: { merchant: 'text', account: 'text', next: 'timestamptz?' },
});

/** Charges that a document has now wait no longer. */
export const takeWaiting = mutation('take_waiting', {
  sql: 'delete from waiting_charges where merchant_id = :merchant and charge_id = any(:charges)',
  params: { merchant: 'text', charges: 'text[]' },
});

const setBilled = mutation('set_billed_by_run', {
  sql: `update one_time_charges set state = 'billed' where merchant_id = :merchant and id = any(:oneTime)`,
  params: { merchant: 'text', oneTime: 'text[]' },
});

/** The line of a one-time charge that a run bills. */
export interface OneTimeLine {
  /** Null for a charge of the account itself. */
  readonly contractId: string | null;
  readonly line: Charge;
}

/** Everything that a run writes. */
export interface DoneRun {
  /** The id of a run by hand; null for any other, which is stored now. */
  readonly plannedId: string | null;
  readonly cause: 'calendar' | 'hand' | 'credits';
  /** When it was done. */
  readonly at: string;
  readonly nextRunAt: string | null;
  readonly leftOut: readonly string[];
  /** The charges that no longer wait. */
  readonly takenIds: readonly string[];
  readonly oneTime: readonly OneTimeLine[];
  /** Null if there is nothing to bill. */
  readonly bill: { readonly billed: Bill<BilledCharge>; readonly books: AccountBooks } | null;
}

const NO_DOCUMENT: Finalised = { tables: {}, mutations: [] };

/** The contracts that have lines on a document. */
function contractRows(
  { account, at }: Origin,
  document: DocumentDraft<BilledCharge> | undefined,
): Tables['document_contracts'][] {
  if (document === undefined) return [];
  const contracts = new Set(document.lines.flatMap(({ contractId }) => contractId ?? []));
  return [...contracts].map((contract_id) => ({
    merchant_id: account.merchantId,
    contract_id,
    effective_at: at,
    document_id: document.id,
  }));
}

/** Stores a run in one statement. A second one, the last of the transaction, inserts the document's own row with its number. */
export function storeRun(tx: Tx, origin: Origin, run: DoneRun): void {
  const { merchantId: merchant, accountId: account } = origin.account;
  const { tables, mutations } =
    run.bill === null ? NO_DOCUMENT : finalise(origin, run.bill.billed, run.bill.books);
  const document = run.bill?.billed.document.id ?? null;
  const charges = run.oneTime.map(({ contractId, line }) => chargeRow({ ...origin, contractId }, null, line));
  const stored = {
    merchant_id: merchant,
    id: newId('run'),
    account_id: account,
    until_at: origin.at,
    cause: run.cause,
    state: 'done',
    document_id: document,
    left_out: run.leftOut,
    asked_at: origin.at,
    done_at: run.at,
  };
  const bound: BoundMutation[] = [...mutations, moveAccount({ merchant, account, next: run.nextRunAt })];
  if (run.plannedId !== null)
    bound.push(finishPlanned({ merchant, run: run.plannedId, document, leftOut: run.leftOut, at: run.at }));
  if (run.takenIds.length > 0) bound.push(takeWaiting({ merchant, charges: run.takenIds }));
  const oneTime = run.oneTime.flatMap(({ line }) => line.oneTimeId ?? []);
  if (oneTime.length > 0) bound.push(setBilled({ merchant, oneTime }));
  const document_contracts = contractRows(origin, run.bill?.billed.document);
  const account_runs = run.plannedId === null ? [stored] : [];
  send(tx, writeRows(tx, 'storeRun', { ...tables, charges, document_contracts, account_runs }, bound));
  if (run.bill !== null) numberDocument(tx, origin, run.bill.billed.document);
}
