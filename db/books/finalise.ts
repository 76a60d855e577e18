import type { DocumentDraft } from '../../domain/books/document.ts';
import type { Bill } from '../../domain/books/bill.ts';
import type { BilledCharge } from '../../domain/books/charge.ts';
import { numberParts } from '../../domain/books/numbering.ts';
import { reduceCredits, reduceOpenAmounts } from './allocations.ts';
import type { AccountBooks } from './account-context.ts';
import type { Origin } from './charge-rows.ts';
import { documentRow, documentRows } from './document-rows.ts';
import { type Tx, send } from '../platform/pool.ts';
import { sqlFile, statement } from '../platform/statement.ts';
import type { BoundMutation, RowsByTable } from '../platform/write.ts';

/** The rows and changes of a document, for the statement that stores its charges. */
export interface Finalised {
  readonly tables: RowsByTable;
  readonly mutations: readonly BoundMutation[];
}

/**
 * Makes all rows of a document except its own: lines, taxes, postings, and how it is paid or pays others. The statement cannot
 * update rows that it inserts, so they have their remaining amounts from the start. `numberDocument` must follow.
 */
export function finalise(
  origin: Origin,
  billed: Bill<BilledCharge>,
  { openReceivables }: Pick<AccountBooks, 'openReceivables'>,
): Finalised {
  const merchant = origin.account.merchantId;
  const mutations =
    billed.initialPayment.allocations.length > 0
      ? [reduceOpenAmounts({ merchant }), reduceCredits({ merchant })]
      : [];
  return { tables: documentRows(origin, billed, openReceivables), mutations };
}

const insertDocument = statement('insertDocument', {
  sql: sqlFile(import.meta.url, 'insert-document.sql'),
  params: {
    merchant: 'text',
    issuer: 'text',
    kind: 'text',
    clock: 'text?',
    period: 'text',
    prefix: 'text',
    width: 'int',
    suffix: 'text',
    document: 'jsonb',
  },
  planned: true,
});

/**
 * Inserts the document's own row with the next number of its series. It is the last statement of its transaction, because it locks
 * the series for all other transactions.
 */
export function numberDocument(tx: Tx, origin: Origin, draft: DocumentDraft<BilledCharge>): void {
  const { account } = origin;
  const { kind, issueDate } = draft;
  const { periodKey, prefix, width, suffix } = numberParts(account.patterns[kind], issueDate);
  send(
    tx,
    insertDocument.run(tx, {
      merchant: account.merchantId,
      issuer: account.issuer.id,
      kind,
      clock: account.clockId,
      period: periodKey,
      prefix,
      width,
      suffix,
      document: documentRow(origin, draft),
    }),
  );
}
