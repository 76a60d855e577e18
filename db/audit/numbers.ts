import { sqlFile } from '../platform/statement.ts';
import { type Check, checkInSql } from './slices.ts';

/**
 * The numbers of documents, series by series: no gap, and none twice. A number is committed after the one before it, so a slice never
 * sees one without the other.
 */
export const numberChecks: readonly Check[] = [
  checkInSql({
    name: 'numbers',
    table: 'documents',
    size: 200,
    columns: `merchant_id, id, issuer_id, kind, coalesce(clock_id, '') as clock_id, period_key, counter`,
    // As `one_document_per_number` has it.
    key: {
      merchant: { column: 'merchant_id' },
      issuer: { column: 'issuer_id' },
      kind: { column: 'kind' },
      clock: { column: `coalesce(clock_id, '')` },
      period: { column: 'period_key' },
      counter: { column: 'counter', type: 'bigint', start: '-1' },
      id: { column: 'id' },
    },
    overlapping: true,
    sql: sqlFile(import.meta.url, 'numbers.sql'),
  }),
  checkInSql({
    name: 'counters',
    table: 'series_counters',
    size: 200,
    key: {
      merchant: { column: 'merchant_id' },
      issuer: { column: 'issuer_id' },
      kind: { column: 'kind' },
      clock: { column: 'clock_id' },
      period: { column: 'period_key' },
    },
    sql: sqlFile(import.meta.url, 'counters.sql'),
  }),
];
