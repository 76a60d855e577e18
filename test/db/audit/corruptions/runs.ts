import { type Corruption } from './book.ts';

const RUN = `(select id from account_runs limit 1)`;
const BILLED = `(select document_id from account_runs where document_id is not null limit 1)`;

/** Collective accounts: charges that wait, and runs. */
export const WRONG_RUNS: readonly Corruption[] = [
  {
    name: 'a charge that no run will take',
    statements: ['delete from waiting_charges'],
    checks: ['charge_without_document'],
    message: /^its 9900 EUR are on no document, and wait for none$/,
  },
  {
    name: 'a charge that waits and is on a document',
    statements: [
      `insert into waiting_charges (merchant_id, charge_id, account_id, effective_at)
       select c.merchant_id, c.id, c.account_id, c.effective_at from charges c
       join document_lines l on l.charge_id = c.id where l.document_id = ${BILLED} and l.position = 1`,
    ],
    checks: ['waiting_charge_billed'],
    message: /^it waits for a run, and is on doc_\w+$/,
  },
  {
    name: 'a charge that waits on an immediate account',
    statements: [
      `update waiting_charges set account_id = (select id from billing_accounts where kind = 'immediate' limit 1)`,
    ],
    checks: ['waiting_charge_lost', 'waiting_charge_elsewhere'],
    message:
      /^(no run takes it, because its account is immediate|it belongs to acc_\w+, and waits on acc_\w+)$/,
  },
  {
    name: 'a run that was done twice',
    statements: [
      'drop index runs_of_calendar',
      `insert into account_runs (merchant_id, id, account_id, until_at, cause, state, asked_at, done_at)
       select r.merchant_id, x, r.account_id, r.until_at, 'calendar', 'done', r.asked_at, r.done_at
       from account_runs r cross join (values ('run_1'), ('run_2')) twice(x) where r.id = ${RUN}`,
    ],
    checks: ['run_double'],
    message: /^the run of 2024-07-01T06:00:00.000Z was also done as run_1$/,
  },
  {
    name: 'a run with the document of another account',
    statements: [
      `update account_runs set account_id = (select id from billing_accounts where kind = 'immediate' limit 1) where id = ${RUN}`,
    ],
    checks: ['run_differs'],
    message: /^its document doc_\w+ is of another account or instant$/,
  },
  {
    name: 'a collective document that the list of its contract lacks',
    statements: [`delete from document_contracts where document_id = ${BILLED}`],
    checks: ['contract_of_document'],
    message: /^it has lines of con_\w+, and is not listed for it$/,
  },
  {
    name: 'a run that is not on the agenda',
    statements: [`delete from agenda where kind = 'account'`],
    checks: ['run_not_on_agenda'],
    message: /^its run of 2024-07-31T22:00:00.000Z is not on the agenda$/,
  },
  {
    name: 'amounts that are booked for another contract of a collective document',
    statements: [
      `update postings set contract_id = null where entry_id = (
         select id from journal_entries where fact = 'document:' || ${BILLED})`,
    ],
    checks: ['group_sum_differs'],
    message:
      /^its entry has (11781 for the account itself, the lines have 0|0 for con_\w+, the lines have 11781)$/,
  },
  {
    name: 'a contract that is not paused on a deactivated account',
    statements: [
      `update billing_accounts set deactivated_at = clock_timestamp() where id = (select account_id from account_runs limit 1)`,
    ],
    checks: ['contract_not_deactivated'],
    message: /^it is not paused, although its account acc_\w+ is deactivated$/,
  },
];
