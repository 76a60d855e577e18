import { CREDIT, MAY, ONCE, PRORATED, type Corruption, line } from './book.ts';

/** Lines and credits: the days that they cover, their amounts and derivations. */
export const WRONG_LINES: readonly Corruption[] = [
  {
    name: 'a missing line',
    statements: [
      `delete from document_lines where charge_id = ${MAY}`,
      `delete from charges where id = ${MAY}`,
    ],
    checks: ['day_not_covered', 'document_totals'],
    message: /: 2024-05-14 to before 2024-06-14$/,
  },
  {
    name: 'a doubled line',
    statements: [
      `insert into charges select (jsonb_populate_record(c, '{"id": "chg_again"}')).* from charges c where id = ${MAY}`,
      `insert into document_lines select (jsonb_populate_record(l, '{"charge_id": "chg_again", "position": 99}')).*
       from document_lines l where charge_id = ${MAY}`,
    ],
    checks: ['day_covered_twice', 'document_totals'],
    message: /: 2024-05-14 to before 2024-06-14$/,
  },
  {
    name: 'a range that is not covered',
    statements: [
      `update charges set starts_at = starts_at + interval '2 days' where id = ${line('paused', `starts_at >= '2024-04-20'`)}`,
    ],
    checks: ['day_not_covered', 'derivation_differs'],
    message: /: 2024-04-30 to before 2024-05-02$/,
  },
  {
    name: 'a charge without an invoice',
    statements: [`delete from document_lines where charge_id = ${MAY}`],
    checks: ['charge_without_document', 'document_totals'],
    message: /^its \d+ EUR are on no document, and wait for none$/,
  },
  {
    name: 'a line whose derivation gives another amount',
    statements: [
      `update charges set derivation = derivation || '{"model": {"kind": "simple", "price": "28.00"}}' where id = ${PRORATED}`,
    ],
    checks: ['derivation_differs'],
    message: /^the amount of its tier is \d+, the derivation gives 28$/,
  },
  {
    name: 'a day that is covered twice',
    statements: [`update charges set ends_at = '2024-02-29T23:00:00.000Z' where id = ${line('free')}`],
    checks: ['day_covered_twice', 'derivation_differs'],
    message: /^csu_\w+: 2024-02-29 to before 2024-03-01$/,
  },
  {
    name: 'a credit line for days before its line',
    statements: [`update charges set starts_at = starts_at - interval '60 days' where id = ${CREDIT}`],
    checks: ['day_credited_twice', 'day_not_covered', 'derivation_differs'],
    message: /^line chg_\w+: /,
  },
  {
    name: 'days that were credited twice',
    statements: [
      `insert into charges select (jsonb_populate_record(c, '{"id": "chg_again"}')).* from charges c where id = ${CREDIT}`,
    ],
    checks: ['day_credited_twice', 'charge_without_document', 'credit_exceeds'],
    message: /^line chg_\w+: /,
  },
  {
    name: 'a credit line whose derivation gives another amount',
    statements: [`update charges set amount_minor = amount_minor - 1 where id = ${CREDIT}`],
    checks: ['derivation_differs', 'document_totals'],
    message: /^the stored amount is -\d+, the derivation gives -\d+$/,
  },
  {
    name: 'a derivation that cannot be computed',
    statements: [
      `update charges set derivation = derivation || '{"fraction": {"days": 9, "of": 3}}' where id = ${PRORATED}`,
    ],
    checks: ['derivation_differs'],
    message: /^the derivation cannot be computed: /,
  },
  ...['pre_paid', 'post_paid', 'billed_until'].map((mode): Corruption => {
    const march = line('everything', `text = '${mode}' and starts_at = '2024-02-28T23:00:00Z'`);
    return {
      name: `a missing line, ${mode}`,
      statements: [
        `delete from document_lines where charge_id = ${march}`,
        `delete from charges where id = ${march}`,
      ],
      checks: ['day_not_covered', 'document_totals'],
      message: /: 2024-02-29 to before 2024-03-31$/,
    };
  }),
  {
    name: 'a changed amount of a one-time charge',
    statements: [`update charges set amount_minor = 3001 where id = ${ONCE}`],
    checks: ['one_time_differs', 'derivation_differs', 'document_totals'],
    message: /^its line has 3001, quantity × price gives 3000$/,
  },
  {
    name: 'a changed quantity of a one-time charge',
    statements: [`update charges set quantity = 4 where id = ${ONCE}`],
    checks: ['one_time_differs', 'derivation_differs'],
    message: /^its line is of another account, contract, currency, price or day$/,
  },
  {
    name: 'a billed one-time charge without a line',
    statements: [
      `delete from document_lines where charge_id = ${ONCE}`,
      `delete from charges where id = ${ONCE}`,
    ],
    checks: ['one_time_differs', 'document_totals'],
    message: /^it is billed, and there is no line of it$/,
  },
  {
    name: 'a billed one-time charge in the state `waiting`',
    statements: [`update one_time_charges set state = 'waiting' where kind = 'charge'`],
    checks: ['one_time_differs'],
    message: /^it is waiting, and there is a line of it$/,
  },
];
