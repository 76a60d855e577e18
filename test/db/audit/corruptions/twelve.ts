import { ATTEMPT, INVOICE, MAY, PRORATED, type Corruption, first, line } from './book.ts';

/** The twelve that an audit must name. */
export const TWELVE: readonly Corruption[] = [
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
    name: 'a changed amount',
    by: [`update charges set amount_minor = amount_minor + 1 where id = ${MAY}`],
    found: ['document_totals', 'derivation_differs'],
    says: /^the net is \d+, its lines give \d+$/,
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
    name: 'a gap in the numbers',
    by: [`delete from documents where kind = 'invoice' and counter = 3`],
    found: ['series_gap', 'entry_without_fact'],
    says: /^number 4 follows 2 in invoice of iss_\w+ on clk_\w+$/,
  },
  {
    name: 'an unbalanced entry',
    by: [
      `update postings set amount_minor = amount_minor + 1 where ledger_account = 'receivable'
       and entry_id = (select min(entry_id) from postings)`,
    ],
    found: ['journal_unbalanced', 'balance_differs', 'document_without_postings'],
    says: /^its postings in EUR add up to 1 and not to 0$/,
  },
  {
    name: 'a wrong balance',
    by: [
      `update receivables set open_minor = 1 where id = ${first('receivables', 'open_minor = 0 and amount_minor > 0')}`,
    ],
    found: ['balance_differs', 'open_differs'],
    says: /^the ledger says that -?\d+ EUR are owed, receivables less credits are -?\d+$/,
  },
  {
    name: 'an orphaned attempt',
    by: [`update attempts set state = 'pending' where id = ${ATTEMPT}`],
    found: ['attempt_orphaned', 'payment_without_attempt'],
    says: /^it is pending, and nothing on the agenda is about receivable rec_\w+$/,
  },
  {
    name: 'a charge without an invoice',
    by: [`delete from document_lines where charge_id = ${MAY}`],
    found: ['charge_without_document', 'document_totals'],
    says: /^its \d+ EUR are on no document$/,
  },
  {
    name: 'a derivation that does not give its amount',
    by: [
      `update charges set derivation = jsonb_set(derivation, '{model,price}', '"28.00"') where id = ${PRORATED}`,
    ],
    found: ['derivation_differs'],
    says: /^the amount of its tier is \d+, the derivation gives 28$/,
  },
  {
    name: 'a document that was altered after it was final',
    by: [`update documents set due_date = due_date + 30 where id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it is not what it was when it became final$/,
  },
  {
    name: 'tax that does not follow from its lines',
    by: [`update document_taxes set tax_minor = tax_minor + 1 where document_id = ${INVOICE}`],
    found: ['document_totals'],
    says: /^the tax at 19 % is 2813, its lines give 2812$/,
  },
];
