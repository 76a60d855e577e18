import { CREDIT, INVOICE, MAY, type Corruption } from './book.ts';

/** Documents: their numbers, totals, taxes and seals. */
export const WRONG_DOCUMENTS: readonly Corruption[] = [
  {
    name: 'a changed amount',
    by: [`update charges set amount_minor = amount_minor + 1 where id = ${MAY}`],
    found: ['document_totals', 'derivation_differs'],
    says: /^the net is \d+, its lines give \d+$/,
  },
  {
    name: 'a gap in the numbers',
    by: [`delete from documents where kind = 'invoice' and counter = 3`],
    found: ['series_gap', 'entry_without_fact'],
    says: /^number 4 follows 2 in invoice of iss_\w+ on clk_\w+$/,
  },
  {
    name: 'a document that was altered after it was finalised',
    by: [`update documents set due_date = due_date + 30 where id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it is not what it was when it became final$/,
  },
  {
    name: 'a tax that differs from that of its lines',
    by: [`update document_taxes set tax_minor = tax_minor + 1 where document_id = ${INVOICE}`],
    found: ['document_totals'],
    says: /^the tax at 19 % is 2813, its lines give 2812$/,
  },
  {
    name: 'a gap at the beginning of a series',
    by: [`delete from documents where kind = 'invoice' and counter = 1`],
    found: ['series_gap', 'entry_without_fact'],
    says: /^the first number is 2 and not 1/,
  },
  {
    name: 'a gap at the end of a series',
    by: [`delete from documents where kind = 'invoice' and counter = (select max(counter) from documents)`],
    found: ['series_gap', 'entry_without_fact'],
    says: /^the counter stands at \d+, the last document has \d+/,
  },
  {
    name: 'a counter that is ahead of its series',
    by: ['update series_counters set last_counter = last_counter + 1'],
    found: ['series_gap'],
    says: /^the counter stands at \d+, the last document has \d+/,
  },
  {
    name: 'a series without a counter',
    by: ['delete from series_counters'],
    found: ['series_gap'],
    says: /^there is no counter for/,
  },
  {
    name: 'a number that was given twice',
    by: [`update documents set number = 'R-2024-0001' where kind = 'invoice' and counter in (1, 2)`],
    found: ['series_double'],
    says: /^2 documents have the number R-2024-0001$/,
  },
  {
    name: 'a net amount of a line that does not add up',
    by: [`update document_lines set net_minor = net_minor - 1 where document_id = ${INVOICE}`],
    found: ['document_totals'],
    says: /^the net of line 1 is \d+, its lines give \d+$/,
  },
  {
    name: 'a tax of a line that does not add up',
    by: [`update document_lines set tax_minor = tax_minor - 1 where document_id = ${INVOICE}`],
    found: ['document_totals'],
    says: /^the tax of line 1 is \d+, its lines give \d+$/,
  },
  {
    name: 'credits that give back more tax than their invoice had',
    by: [`update document_lines set tax_minor = tax_minor - 100000 where charge_id = ${CREDIT}`],
    found: ['credits_exceed_invoice', 'document_totals'],
    says: /^of standard at 19 % it had \d+ and \d+ of tax, credited are \d+ and 10\d{4}$/,
  },
  {
    name: 'two tax categories in one tax group',
    by: [
      `update charges set tax_category = 'reduced' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    found: ['tax_groups_merged'],
    says: /^it has no tax group of reduced at 19 %$/,
  },
  {
    name: 'a total that differs from the sum of its lines',
    by: [
      `update documents set net_minor = net_minor + 1, gross_minor = gross_minor + 1 where id = ${INVOICE}`,
    ],
    found: ['document_totals', 'document_unsettled', 'document_without_postings'],
    says: /^the net is \d+, its lines give \d+$/,
  },
  {
    name: 'a changed title',
    by: [`update documents set title = 'Consulting' where id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it is not what it was/,
  },
  {
    name: 'a changed text of a line',
    by: [
      `update charges set text = 'Consulting' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    found: ['document_altered'],
    says: /^it is not what it was/,
  },
  {
    name: 'a changed text of a tax',
    by: [`update document_taxes set text = 'exempt' where document_id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it is not what it was/,
  },
  {
    name: 'a cent of tax that was moved between two lines of a group',
    by: [
      `update document_lines set tax_minor = tax_minor + (case position when 1 then 1 else -1 end)
       where position <= 2 and document_id = (select l.document_id from document_lines l join document_taxes t using (merchant_id, document_id)
         group by l.document_id having count(distinct l.position) > 1 and count(distinct (t.category, t.rate)) = 1 order by 1 limit 1)`,
    ],
    found: ['document_altered', 'document_totals'],
    says: /^it is not what it was/,
  },
  {
    name: 'a document without its seal',
    by: [`delete from document_seals where document_id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it has no seal$/,
  },
  {
    name: 'a document without postings',
    by: [
      `delete from postings where entry_id = (select id from journal_entries where fact = 'document:' || ${INVOICE})`,
    ],
    found: ['document_without_postings', 'balance_differs'],
    says: /^booked are 0 receivable, 0 deferred and 0 tax; it says \d+, -\d+ and -\d+$/,
  },
  {
    name: 'an invoice without a receivable',
    by: [`update receivables set document_id = null where document_id = ${INVOICE}`],
    found: ['document_unsettled'],
    says: /^its receivables are 0, its total is \d+$/,
  },
];
