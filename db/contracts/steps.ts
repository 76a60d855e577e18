import type { Bill } from '../../domain/books/bill.ts';
import type { BilledCharge } from '../../domain/books/charge.ts';
import type { Step } from '../../domain/billing/steps.ts';
import { type CreditedElsewhere, accountOf } from '../../domain/books/moved.ts';
import type { ContractContext } from './contracts.ts';
import type { AccountBooks } from '../books/account-context.ts';
import { chargeRow, waitingRow } from '../books/charge-rows.ts';
import { type Finalised, finalise, numberDocument } from '../books/finalise.ts';
import { takeWaiting } from '../books/store-run.ts';
import { type Tx, send } from '../platform/pool.ts';
import { contractRows, originOf } from './step-rows.ts';
import { writeRows } from '../platform/write.ts';
import { contractMutations } from './step-mutations.ts';

/** The document of a step, and the account's books by which it is settled. */
export interface StepBill {
  readonly billed: Bill<BilledCharge>;
  /** The charges of earlier steps that are on it, and no longer wait for the run of a collective account. */
  readonly takenIds: readonly string[];
  readonly books: AccountBooks;
  /** Locks the account after everything is written and before the number is taken; null if the account is locked already. */
  readonly lock: (() => Promise<void>) | null;
}

const NO_DOCUMENT: Finalised = { tables: {}, mutations: [] };

/**
 * Stores a step in **one statement**: phases, items, charges (those of a collective account, and credits that belong to another
 * account, wait), the lines and postings of its document, the receivable and its attempt, the answer of the command, and the instant at which the contract is due next. A second statement, the last of the
 * transaction, inserts the document's own row with its number.
 */
export function storeStep(
  tx: Tx,
  context: ContractContext,
  step: Step,
  {
    bill,
    due,
    elsewhere,
  }: {
    readonly bill: StepBill | null;
    readonly due: string | null;
    readonly elsewhere: CreditedElsewhere;
  },
): void {
  const origin = originOf(context, step);
  const { tables, mutations } = bill === null ? NO_DOCUMENT : finalise(origin, bill.billed, bill.books);
  const charges = step.charges.map((charge) => ({
    ...chargeRow(origin, step.decision?.commandId ?? null, charge),
    account_id: accountOf(charge, elsewhere, context.accountId),
  }));
  const ownWait = bill === null && context.accountKind === 'collective';
  const waiting_charges = charges
    .filter(({ account_id }) => ownWait || account_id !== context.accountId)
    .map(waitingRow);
  const taken = bill?.takenIds ?? [];
  const documentId = bill?.billed.document.id ?? null;
  send(
    tx,
    writeRows(tx, 'storeStep', { ...contractRows(context, step), charges, waiting_charges, ...tables }, [
      ...contractMutations(context, step, { due, documentId }),
      ...mutations,
      ...(taken.length > 0 ? [takeWaiting({ merchant: context.merchantId, charges: taken })] : []),
    ]),
  );
  if (bill === null) return;
  if (bill.lock !== null) send(tx, bill.lock());
  numberDocument(tx, origin, bill.billed.document);
}
