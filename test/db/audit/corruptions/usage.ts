import { USAGE, USED, type Corruption } from './book.ts';

/** Usage: its periods, totals and lines. */
export const WRONG_USAGE: readonly Corruption[] = [
  {
    name: 'a period of usage that was not rated',
    statements: [`delete from metered_periods where ${USED}`],
    checks: ['period_not_rated'],
    message: /^2024-01-31 to before 2024-02-29$/,
  },
  {
    name: 'a period of usage with wrong bounds',
    statements: [`update metered_periods set ends_at = ends_at - interval '1 day' where ${USED}`],
    checks: ['period_misplaced', 'period_not_rated'],
    message: /^no period of item itm_\w+ is 2024-01-31 to before 2024-02-28$/,
  },
  {
    name: 'a changed total of a rated period',
    statements: [`update metered_periods set total = total + 1 where ${USED}`],
    checks: ['usage_differs'],
    message: /: the rated total is 13, the events add up to 12$/,
  },
  {
    name: 'late usage that did not reopen its period',
    statements: [
      `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
       select merchant_id, contract_id, 'late', subscription_id, at, 5, '{}', recorded_at from usage_events`,
    ],
    checks: ['usage_differs', 'usage_total_differs'],
    message: /: the rated total is 12, the events add up to 17$/,
  },
  {
    name: 'a changed usage total',
    statements: [`update usage_totals set total = total + 1 where ${USED}`],
    checks: ['usage_total_differs'],
    message: /: the stored total is 13, the events add up to 12$/,
  },
  {
    name: 'a changed quantity of a unique value',
    statements: [
      `insert into usage_values (merchant_id, subscription_id, starts_at, value, quantity)
       select merchant_id, subscription_id, starts_at, 'anna', 2 from usage_totals where ${USED}`,
    ],
    checks: ['usage_total_differs'],
    message: /: the stored quantity of value “anna” differs from its events$/,
  },
  {
    name: 'a missing line of usage',
    statements: [
      `delete from document_lines where charge_id = ${USAGE}`,
      `delete from charges where id = ${USAGE}`,
    ],
    checks: ['usage_differs', 'document_totals'],
    message: /: its lines add up to 60, a total of 12 costs 560$/,
  },
  {
    name: 'a changed amount of a line of usage',
    statements: [`update charges set amount_minor = amount_minor + 1 where id = ${USAGE}`],
    checks: ['usage_differs', 'derivation_differs', 'document_totals'],
    message: /: its lines add up to 561, a total of 12 costs 560$/,
  },
];
