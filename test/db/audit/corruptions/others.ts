import {
  ASKED_ABOUT,
  ATTEMPT,
  CREDIT,
  INVOICE,
  ONCE,
  PRORATED,
  USAGE,
  USED,
  type Corruption,
  first,
  line,
  of,
} from './book.ts';

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
    name: 'two categories of a rate in one tax group',
    by: [
      `update charges set tax_category = 'reduced' where id = (select charge_id from document_lines where document_id = ${INVOICE} and position = 1)`,
    ],
    found: ['tax_groups_merged'],
    says: /^it has no tax group of reduced at 19 %$/,
  },
  {
    name: 'a total that its lines do not give',
    by: [
      `update documents set net_minor = net_minor + 1, gross_minor = gross_minor + 1 where id = ${INVOICE}`,
    ],
    found: ['document_totals', 'document_unsettled', 'document_without_postings'],
    says: /^the net is \d+, its lines give \d+$/,
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
    name: 'a period of usage that was not rated',
    by: [`delete from metered_periods where ${USED}`],
    found: ['period_not_rated'],
    says: /^2024-01-31 to before 2024-02-29$/,
  },
  {
    name: 'a period of usage of other bounds',
    by: [`update metered_periods set ends_at = ends_at - interval '1 day' where ${USED}`],
    found: ['period_misplaced', 'period_not_rated'],
    says: /^no period of item itm_\w+ is 2024-01-31 to before 2024-02-28$/,
  },
  {
    name: 'another total of usage',
    by: [`update metered_periods set total = total + 1 where ${USED}`],
    found: ['usage_differs'],
    says: /: rated are 13, the events add up to 12$/,
  },
  {
    name: 'usage that came without opening its period again',
    by: [
      `insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, reported, recorded_at)
       select merchant_id, contract_id, 'late', subscription_id, at, 5, '{}', recorded_at from usage_events`,
    ],
    found: ['usage_differs', 'usage_total_differs'],
    says: /: rated are 12, the events add up to 17$/,
  },
  {
    name: 'another total that is kept of usage',
    by: [`update usage_totals set total = total + 1 where ${USED}`],
    found: ['usage_total_differs'],
    says: /: kept are 13, the events add up to 12$/,
  },
  {
    name: 'another quantity that is kept of a value',
    by: [
      `insert into usage_values (merchant_id, subscription_id, starts_at, value, quantity)
       select merchant_id, subscription_id, starts_at, 'anna', 2 from usage_totals where ${USED}`,
    ],
    found: ['usage_total_differs'],
    says: /: of value “anna” another quantity is kept than its events add up to$/,
  },
  {
    name: 'a missing line of usage',
    by: [`delete from document_lines where charge_id = ${USAGE}`, `delete from charges where id = ${USAGE}`],
    found: ['usage_differs', 'document_totals'],
    says: /: its lines come to 60, 12 cost 560$/,
  },
  {
    name: 'another amount of a line of usage',
    by: [`update charges set amount_minor = amount_minor + 1 where id = ${USAGE}`],
    found: ['usage_differs', 'derivation_differs', 'document_totals'],
    says: /: its lines come to 561, 12 cost 560$/,
  },
  {
    name: 'another amount of what was charged once',
    by: [`update charges set amount_minor = 3001 where id = ${ONCE}`],
    found: ['one_time_differs', 'derivation_differs', 'document_totals'],
    says: /^its line has 3001, quantity × price are 3000$/,
  },
  {
    name: 'another quantity of what was charged once',
    by: [`update charges set quantity = 4 where id = ${ONCE}`],
    found: ['one_time_differs', 'derivation_differs'],
    says: /^its line is of another account, contract, currency, price or day$/,
  },
  {
    name: 'what was charged once and has no line',
    by: [`delete from document_lines where charge_id = ${ONCE}`, `delete from charges where id = ${ONCE}`],
    found: ['one_time_differs', 'document_totals'],
    says: /^it is billed, and there is no line of it$/,
  },
  {
    name: 'what was charged once and still waits',
    by: [`update one_time_charges set state = 'waiting' where kind = 'charge'`],
    found: ['one_time_differs'],
    says: /^it is waiting, and there is a line of it$/,
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
    name: 'a cent of tax that went from one line of a group to another',
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
