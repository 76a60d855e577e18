import type { DocumentDraft } from '../../domain/books/document.ts';
import type { Billed } from '../../domain/books/settlement.ts';
import { numberParts } from '../../domain/books/numbering.ts';
import { CREDIT_CHANGES, OPEN_CHANGES } from './allocations.ts';
import type { AccountBooks } from './account-context.ts';
import type { Origin } from './charge-rows.ts';
import { documentRow, documentRows } from './document-rows.ts';
import { type Tx, send } from '../platform/pool.ts';
import { type Row, type RowsByTable, writeRows } from '../platform/write.ts';

/** What a document brings into the statement that stores what it is made of; `$2` of that is the merchant. */
export interface Finalised {
  readonly tables: RowsByTable;
  readonly more: readonly string[];
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
  const tables = documentRows(origin, billed, openReceivables);
  return { tables, more: billed.settlement.allocations.length > 0 ? [OPEN_CHANGES, CREDIT_CHANGES] : [] };
}

/**
 * Makes the document itself under the next number of its series: the last statement of its transaction, as it locks
 * the series for all others.
 */
export function numberDocument(tx: Tx, origin: Origin, draft: DocumentDraft): void {
  const { account } = origin;
  const { kind, issueDate } = draft;
  const document = documentRow(origin, draft);
  const series = {
    ...numberParts(account.patterns[kind], issueDate),
    issuer: account.issuer.id,
    kind,
    clock: account.clockId ?? '',
  };
  const data = { numbered: [document], series: [series] };
  send(tx, writeRows(tx, {}, { more: numbered(document), data, params: [account.merchantId] }));
}

/** Takes the next number of the series and makes the document with it. */
function numbered(document: Row): string[] {
  const columns = Object.keys(document).join(', ');
  return [
    `series as (select jsonb_array_elements($1::jsonb->'series') s)`,
    `counted as (insert into series_counters as k (merchant_id, issuer_id, kind, clock_id, period_key, last_counter)
      select n.merchant_id, n.issuer_id, n.kind, s->>'clock', s->>'periodKey', n.first_counter
      from series, number_series n where n.merchant_id = $2 and n.issuer_id = s->>'issuer' and n.kind = s->>'kind'
      on conflict (merchant_id, issuer_id, kind, clock_id, period_key) do update set last_counter = k.last_counter + 1
      returning last_counter)`,
    `put_documents as (insert into documents (${columns}, number, period_key, counter)
    select ${columns}, (s->>'prefix') || lpad(last_counter::text, greatest((s->>'width')::int, length(last_counter::text)), '0') || (s->>'suffix'),
      s->>'periodKey', last_counter
    from series, counted, jsonb_populate_recordset(null::documents, $1::jsonb->'numbered'))`,
  ];
}
