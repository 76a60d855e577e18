import { CREDIT, INVOICE, MAY, type Corruption } from './book.ts';

/** Documents: their numbers, totals, taxes and seals. */
export const WRONG_DOCUMENTS: readonly Corruption[] = [
  {
    name: 'an invoice without its mail, of an issuer that has mails switched on',
    statements: [`update issuers set mail_enabled_at = '2020-01-01'`],
    checks: ['mail_missing'],
    message: /^no mail \(invoice\) was queued for invoice\.finalised of \d{4}-/,
  },
  {
    name: 'a changed amount',
    statements: [`update charges set amount_minor = amount_minor + 1 where id = ${MAY}`],
    checks: ['document_totals', 'derivation_differs'],
    message: /^the net is \d+, its lines give \d+$/,
  },
  {
    name: 'a gap in the numbers',
    statements: [`delete from documents where kind = 'invoice' and counter = 3`],
    checks: ['series_gap', 'entry_without_fact'],
    message: /^number 4 follows 2 in invoice of iss_\w+ on clk_\w+$/,
  },
  {
    name: 'a document that was altered after it was finalised',
    statements: [`update documents set due_date = due_date + 30 where id = ${INVOICE}`],
    checks: ['document_altered'],
    message: /^it has changed since it was finalised$/,
  },
  {
    name: 'a tax that differs from that of its lines',
    statements: [`update document_taxes set tax_minor = tax_minor + 1 where document_id = ${INVOICE}`],
    checks: ['document_totals'],
    message: /^the tax at 19 % is 2813, its lines give 2812$/,
  },
  {
    name: 'a gap at the beginning of a series',
    statements: [`delete from documents where kind = 'invoice' and counter = 1`],
    checks: ['series_gap', 'entry_without_fact'],
    message: /^the first number is 2 and not 1/,
  },
  {
    name: 'a gap at the end of a series',
    statements: [
      `delete from documents where kind = 'invoice' and counter = (select max(counter) from documents)`,
    ],
    checks: ['series_gap', 'entry_without_fact'],
    message: /^the counter stands at \d+, the last document has \d+/,
  },
  {
    name: 'a counter that is ahead of its series',
    statements: ['update series_counters set last_counter = last_counter + 1'],
    checks: ['series_gap'],
    message: /^the counter stands at \d+, the last document has \d+/,
  },
  {
    name: 'a series without a counter',
    statements: ['delete from series_counters'],
    checks: ['series_gap'],
    message: /^there is no counter for/,
  },
  {
    name: 'an invoice without its event',
    statements: [
      `delete from events where type = 'invoice.finalised' and object_id = (
         select id from documents where kind = 'invoice' order by id desc limit 1)`,
    ],
    checks: ['event_missing'],
    message: /^no event says that it was finalised$/,
  },
  {
    name: 'a paid invoice without the event that it is paid',
    statements: [
      `delete from events where type = 'invoice.paid' and object_id = (
         select min(object_id) from events where type = 'invoice.paid')`,
    ],
    checks: ['event_missing'],
    message: /^the open amount is 0, and its last event is invoice.finalised$/,
  },
  {
    name: 'a number that was given twice',
    statements: [`update documents set number = 'R-2024-0001' where kind = 'invoice' and counter in (1, 2)`],
    checks: ['series_double'],
    message: /^2 documents have the number R-2024-0001$/,
  },
  {
    name: 'a net amount of a line that does not add up',
    statements: [`update document_lines set net_minor = net_minor - 1 where document_id = ${INVOICE}`],
    checks: ['document_totals'],
    message: /^the net of line 1 is \d+, its lines give \d+$/,
  },
  {
    name: 'a tax of a line that does not add up',
    statements: [`update document_lines set tax_minor = tax_minor - 1 where document_id = ${INVOICE}`],
    checks: ['document_totals'],
    message: /^the tax of line 1 is \d+, its lines give \d+$/,
  },
  {
    name: 'credits that give back more tax than their invoice had',
    statements: [`update document_lines set tax_minor = tax_minor - 100000 where charge_id = ${CREDIT}`],
    checks: ['credits_exceed_invoice', 'document_totals'],
    message: /^of standard at 19 % it has \d+ and \d+ of tax, its credits have \d+ and 10\d{4}$/,
  },
  {
    name: 'two tax categories in one tax group',
    statements: [
      `update charges set tax_category = 'reduced' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    checks: ['tax_groups_merged'],
    message: /^it has no tax group of reduced at 19 %$/,
  },
  {
    name: 'a total that differs from the sum of its lines',
    statements: [
      `update documents set net_minor = net_minor + 1, gross_minor = gross_minor + 1 where id = ${INVOICE}`,
    ],
    checks: ['document_totals', 'document_unsettled', 'document_without_postings'],
    message: /^the net is \d+, its lines give \d+$/,
  },
  {
    name: 'a changed title',
    statements: [`update documents set title = 'Consulting' where id = ${INVOICE}`],
    checks: ['document_altered'],
    message: /^it has changed since/,
  },
  {
    name: 'a changed text of a line',
    statements: [
      `update charges set text = 'Consulting' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    checks: ['document_altered'],
    message: /^it has changed since/,
  },
  {
    name: 'a changed text of a tax',
    statements: [`update document_taxes set text = 'exempt' where document_id = ${INVOICE}`],
    checks: ['document_altered'],
    message: /^it has changed since/,
  },
  {
    name: 'a cent of tax that was moved between two lines of a group',
    statements: [
      `update document_lines set tax_minor = tax_minor + (case position when 1 then 1 else -1 end)
       where position <= 2 and document_id = (select l.document_id from document_lines l join document_taxes t using (merchant_id, document_id)
         group by l.document_id having count(distinct l.position) > 1 and count(distinct (t.category, t.rate)) = 1 order by 1 limit 1)`,
    ],
    checks: ['document_altered', 'document_totals'],
    message: /^it has changed since/,
  },
  {
    name: 'a document without its seal',
    statements: [`delete from document_seals where document_id = ${INVOICE}`],
    checks: ['document_altered'],
    message: /^it has no seal$/,
  },
  {
    name: 'a document without postings',
    statements: [
      `delete from postings where entry_id = (select id from journal_entries where fact = 'document:' || ${INVOICE})`,
    ],
    checks: ['document_without_postings', 'balance_differs'],
    message: /^its entry has 0 receivable, 0 deferred and 0 tax; the document has \d+, -\d+ and -\d+$/,
  },
  {
    name: 'a stored PDF that has changed',
    statements: [`update pdfs set sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)`],
    checks: ['pdf_altered'],
    message: /^its stored PDF has changed since it was made$/,
  },
  {
    name: 'a stored PDF with the hash of another file',
    statements: [`update pdfs set sha256 = sha256('another')`],
    checks: ['pdf_altered'],
    message: /^its stored PDF has changed since it was made$/,
  },
  {
    name: 'an invoice without a receivable',
    statements: [`update receivables set document_id = null where document_id = ${INVOICE}`],
    checks: ['document_unsettled'],
    message: /^its receivables are 0, its total is \d+$/,
  },
];
