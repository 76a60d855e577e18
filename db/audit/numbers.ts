import { sqlFile } from '../platform/statement.ts';
import { type Check, checkInSql } from './slices.ts';

/**
 * Checks that the numbers of each series have no gap, and that none occurs twice. A number is committed after the one before it, so a
 * slice never sees a number without the one before.
 */
export const numberChecks: readonly Check[] = [
  checkInSql({
    name: 'numbers',
    table: 'documents',
    size: 200,
    columns: `merchant_id, id, issuer_id, kind, coalesce(clock_id, '') as clock_id, period_key, counter`,
    // The columns of the index `one_document_per_number`.
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
