import type { DocumentDraft } from '../../domain/books/document.ts';
import type { Billed } from '../../domain/books/settlement.ts';
import { numberParts } from '../../domain/books/numbering.ts';
import { lessCredit, lessOpen } from './allocations.ts';
import type { AccountBooks } from './account-context.ts';
import type { Origin } from './charge-rows.ts';
import { documentRow, documentRows } from './document-rows.ts';
import { type Tx, send } from '../platform/pool.ts';
import { sqlFile, statement } from '../platform/statement.ts';
import type { BoundChange, RowsByTable } from '../platform/write.ts';

/** The rows and changes of a document, for the statement that stores its charges. */
export interface Finalised {
  readonly tables: RowsByTable;
  readonly changes: readonly BoundChange[];
}

/**
 * Everything of a document but the document: its lines and taxes, what it books, and how it pays or is paid. What the
 * statement inserts is not there yet to be updated, and has its rest already. `numberDocument` must follow.
 */
export function finalise(
  origin: Origin,
  billed: Billed,
  { openReceivables }: Pick<AccountBooks, 'openReceivables'>,
): Finalised {
  const merchant = origin.account.merchantId;
  const changes =
    billed.settlement.allocations.length > 0 ? [lessOpen({ merchant }), lessCredit({ merchant })] : [];
  return { tables: documentRows(origin, billed, openReceivables), changes };
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
 * Makes the document itself under the next number of its series: the last statement of its transaction, as it locks
 * the series for all others.
 */
export function numberDocument(tx: Tx, origin: Origin, draft: DocumentDraft): void {
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
