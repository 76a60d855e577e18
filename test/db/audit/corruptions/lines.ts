import { CREDIT, MAY, ONCE, PRORATED, type Corruption, line } from './book.ts';

/** Lines and credits: the days that they cover, their amounts and derivations. */
export const WRONG_LINES: readonly Corruption[] = [
  {
    name: 'a missing line',
    by: [`delete from document_lines where charge_id = ${MAY}`, `delete from charges where id = ${MAY}`],
    found: ['day_not_covered', 'document_totals'],
    says: /: 2024-05-14 to before 2024-06-14$/,
  },
  {
    name: 'a doubled line',
    by: [
      `insert into charges select (jsonb_populate_record(c, '{"id": "chg_again"}')).* from charges c where id = ${MAY}`,
      `insert into document_lines select (jsonb_populate_record(l, '{"charge_id": "chg_again", "position": 99}')).*
       from document_lines l where charge_id = ${MAY}`,
    ],
    found: ['day_covered_twice', 'document_totals'],
    says: /: 2024-05-14 to before 2024-06-14$/,
  },
  {
    name: 'a range that is not covered',
    by: [
      `update charges set starts_at = starts_at + interval '2 days' where id = ${line('paused', `starts_at >= '2024-04-20'`)}`,
    ],
    found: ['day_not_covered', 'derivation_differs'],
    says: /: 2024-04-30 to before 2024-05-02$/,
  },
  {
    name: 'a charge without an invoice',
    by: [`delete from document_lines where charge_id = ${MAY}`],
    found: ['charge_without_document', 'document_totals'],
    says: /^its \d+ EUR are on no document$/,
  },
  {
    name: 'a line whose derivation gives another amount',
    by: [
      `update charges set derivation = derivation || '{"model": {"kind": "simple", "price": "28.00"}}' where id = ${PRORATED}`,
    ],
    found: ['derivation_differs'],
    says: /^the amount of its tier is \d+, the derivation gives 28$/,
  },
  {
    name: 'a day that is covered twice',
    by: [`update charges set ends_at = '2024-02-29T23:00:00.000Z' where id = ${line('free')}`],
    found: ['day_covered_twice', 'derivation_differs'],
    says: /^csu_\w+: 2024-02-29 to before 2024-03-01$/,
  },
  {
    name: 'a credit line for days before its line',
    by: [`update charges set starts_at = starts_at - interval '60 days' where id = ${CREDIT}`],
    found: ['day_credited_twice', 'day_not_covered', 'derivation_differs'],
    says: /^line chg_\w+: /,
  },
  {
    name: 'days that were credited twice',
    by: [
      `insert into charges select (jsonb_populate_record(c, '{"id": "chg_again"}')).* from charges c where id = ${CREDIT}`,
    ],
    found: ['day_credited_twice', 'charge_without_document', 'credit_exceeds'],
    says: /^line chg_\w+: /,
  },
  {
    name: 'a credit line whose derivation gives another amount',
    by: [`update charges set amount_minor = amount_minor - 1 where id = ${CREDIT}`],
    found: ['derivation_differs', 'document_totals'],
    says: /^stored are -\d+, the derivation gives -\d+$/,
  },
  {
    name: 'a derivation that cannot be computed',
    by: [
      `update charges set derivation = derivation || '{"fraction": {"days": 9, "of": 3}}' where id = ${PRORATED}`,
    ],
    found: ['derivation_differs'],
    says: /^the derivation cannot be computed: /,
  },
  ...['pre_paid', 'post_paid', 'billed_until'].map((mode): Corruption => {
    const march = line('everything', `text = '${mode}' and starts_at = '2024-02-28T23:00:00Z'`);
    return {
      name: `a missing line, ${mode}`,
      by: [
        `delete from document_lines where charge_id = ${march}`,
        `delete from charges where id = ${march}`,
      ],
      found: ['day_not_covered', 'document_totals'],
      says: /: 2024-02-29 to before 2024-03-31$/,
    };
  }),
  {
    name: 'a changed amount of a one-time charge',
    by: [`update charges set amount_minor = 3001 where id = ${ONCE}`],
    found: ['one_time_differs', 'derivation_differs', 'document_totals'],
    says: /^its line has 3001, quantity × price are 3000$/,
  },
  {
    name: 'a changed quantity of a one-time charge',
    by: [`update charges set quantity = 4 where id = ${ONCE}`],
    found: ['one_time_differs', 'derivation_differs'],
    says: /^its line is of another account, contract, currency, price or day$/,
  },
  {
    name: 'a billed one-time charge without a line',
    by: [`delete from document_lines where charge_id = ${ONCE}`, `delete from charges where id = ${ONCE}`],
    found: ['one_time_differs', 'document_totals'],
    says: /^it is billed, and there is no line of it$/,
  },
  {
    name: 'a billed one-time charge in the state `waiting`',
    by: [`update one_time_charges set state = 'waiting' where kind = 'charge'`],
    found: ['one_time_differs'],
    says: /^it is waiting, and there is a line of it$/,
  },
];
