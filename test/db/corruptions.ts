// What can be wrong in a book, one thing at a time, as statements that the triggers would have refused.

export interface Corruption {
  readonly name: string;
  readonly by: readonly string[];
  /** The checks that find it, and no others; the first one is there for it. */
  readonly found: readonly [string, ...string[]];
  /** What the first one says. */
  readonly says: RegExp;
}

const of = (contract: string): string =>
  `contract_id = (select id from contracts where external_id = '${contract}')`;
const first = (table: string, where: string): string =>
  `(select id from ${table} where ${where} order by id limit 1)`;
const line = (contract: string, where = 'true'): string =>
  first('charges', `${of(contract)} and kind = 'recurring' and ${where}`);
const CREDIT = first('charges', `kind = 'credit'`);
const PRORATED = first('charges', `kind = 'recurring' and days < full_days`);
const INVOICE = first('documents', `kind = 'invoice'`);
const MAY = line('upgraded', `starts_at >= '2024-05-01'`);
const ATTEMPT = first('attempts', `state = 'succeeded'`);
/** So that somebody still asks about the attempt. */
const ASKED_ABOUT = `insert into agenda (workflow_id, merchant_id, kind, clock_id, due_at)
  select 'collection/' || t.receivable_id, t.merchant_id, 'collection', a.clock_id, '2024-07-02T00:00:00Z'
  from attempts t join billing_accounts a on a.merchant_id = t.merchant_id and a.id = t.account_id where t.state in ('planned', 'sent')`;

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

/** What else may be wrong, and the same things in other places. */
export const OTHERS: readonly Corruption[] = [
  {
    name: 'a credit whose rest is not what was allocated of it',
    by: ['update credits set left_minor = left_minor - 7 where left_minor > 7'],
    found: ['open_differs', 'balance_differs'],
    says: /^left are \d+, amount less allocations and reversals are \d+$/,
  },
  {
    name: 'an allocation beyond a receivable',
    by: [
      `update allocations set amount_minor = amount_minor * 2 where id = ${first('allocations', 'amount_minor > 0')}`,
    ],
    found: ['allocation_exceeds', 'open_differs'],
    says: /^\d+ are allocated to a receivable of \d+$/,
  },
  {
    name: 'an allocation across accounts',
    by: [
      `update credits set account_id = (select max(id) from billing_accounts)
       where id = (select credit_id from allocations order by id limit 1)`,
    ],
    found: ['allocation_crosses_accounts'],
    says: /^credit of account acc_\w+ pays for account acc_\w+$/,
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
    name: 'a day that is covered twice',
    by: [`update charges set ends_at = '2024-02-29T23:00:00.000Z' where id = ${line('free')}`],
    found: ['day_covered_twice', 'derivation_differs'],
    says: /^csu_\w+: 2024-02-29 to before 2024-03-01$/,
  },
  {
    name: 'days that were credited beyond their line',
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
    name: 'a credit whose derivation does not give its amount',
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
  {
    name: 'a net of a line that does not add up',
    by: [`update document_lines set net_minor = net_minor - 1 where document_id = ${INVOICE}`],
    found: ['document_totals'],
    says: /^the net of line 1 is \d+, its lines give \d+$/,
  },
  {
    name: 'a total that its lines do not give',
    by: [
      `update documents set net_minor = net_minor + 1, gross_minor = gross_minor + 1 where id = ${INVOICE}`,
    ],
    found: ['document_totals', 'document_unsettled', 'document_without_postings'],
    says: /^the net is \d+, its lines give \d+$/,
  },
  {
    name: 'another title',
    by: [`update documents set title = 'Consulting' where id = ${INVOICE}`],
    found: ['document_altered'],
    says: /^it is not what it was/,
  },
  {
    name: 'another text of a line',
    by: [
      `update charges set text = 'Consulting' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    found: ['document_altered'],
    says: /^it is not what it was/,
  },
  {
    name: 'another text of the tax',
    by: [`update document_taxes set text = 'exempt' where document_id = ${INVOICE}`],
    found: ['document_altered'],
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
    name: 'a document that nobody owes',
    by: [`update receivables set document_id = null where document_id = ${INVOICE}`],
    found: ['document_unsettled'],
    says: /^its receivables are 0, its total is \d+$/,
  },
  {
    name: 'an attempt that was planned and never sent',
    by: [`update attempts set state = 'planned', sent_at = null where id = ${ATTEMPT}`, ASKED_ABOUT],
    found: ['attempt_without_outcome', 'payment_without_attempt'],
    says: /^still planned, since 2024-01-31T09:00:00.000Z$/,
  },
  {
    name: 'an attempt that was sent, and whose lease has ended',
    by: [
      `update attempts set state = 'sent', lease_until = clock_timestamp() where id = ${ATTEMPT}`,
      ASKED_ABOUT,
    ],
    found: ['attempt_without_outcome', 'payment_without_attempt'],
    says: /^still sent, since 2024-01-31T09:00:00.000Z$/,
  },
  {
    name: 'money of an attempt that is under way, and nothing else while its lease lasts',
    by: [
      `update attempts set state = 'sent', lease_until = clock_timestamp() + interval '1 hour' where id = ${ATTEMPT}`,
    ],
    found: ['payment_without_attempt'],
    says: /^attempt att_\w+ is sent$/,
  },
  {
    name: 'an attempt that succeeded without a payment',
    by: [`delete from payments where attempt_id = ${ATTEMPT}`],
    found: ['attempt_without_payment', 'entry_without_fact'],
    says: /^it succeeded, and no payment of \d+ EUR is booked$/,
  },
  {
    name: 'a payment that no entry books',
    by: [
      `update journal_entries set fact = 'lost' where fact = (select 'payment:' || id from payments where attempt_id = ${ATTEMPT})`,
    ],
    found: ['payment_without_postings'],
    says: /^no entry books its \d+ EUR$/,
  },
  {
    name: 'an open incident',
    by: [
      `insert into incidents (merchant_id, id, workflow_id, step, error)
       select merchant_id, 'inc_1', 'contract/x', 'settle', E'Error: no rate\\nat line 1' from contracts limit 1`,
    ],
    found: ['incident_open'],
    says: /^contract\/x stands still since .* at settle: Error: no rate$/,
  },
  {
    name: 'a command that nobody decided',
    by: [`update commands set state = 'pending', answer = null where ${of('left')} and kind = 'cancel'`],
    found: ['command_undecided'],
    says: /^cancel of con_\w+ is undecided since /,
  },
];
