import { ASKED_ABOUT, ATTEMPT, type Corruption, first } from './book.ts';

/** The ledger, allocations, attempts and payments. */
export const WRONG_PAYMENTS: readonly Corruption[] = [
  {
    name: 'an unbalanced entry',
    statements: [
      `update postings set amount_minor = amount_minor + 1 where ledger_account = 'receivable'
       and entry_id = (select min(entry_id) from postings)`,
    ],
    checks: ['journal_unbalanced', 'balance_differs', 'document_without_postings'],
    message: /^its postings in EUR add up to 1 and not to 0$/,
  },
  {
    name: 'a carried balance that is not the sum of its entries',
    statements: [
      `insert into carried_balances (merchant_id, account_id, effective_at, entry_id, balance_minor)
       select merchant_id, account_id, effective_at, id, balance_change(merchant_id, id) + 1
       from journal_entries where fact like 'document:%' order by effective_at, id limit 1
       on conflict (merchant_id, account_id, effective_at, entry_id) do update set balance_minor = excluded.balance_minor`,
    ],
    checks: ['carried_balance_differs'],
    message: /^-\d+ is carried after the entry ent_\w+, and its entries add up to -\d+$/,
  },
  {
    name: 'a payment without its event',
    statements: [
      `delete from events where type = 'payment.succeeded'
         and seq = (select max(seq) from events where type = 'payment.succeeded')`,
    ],
    checks: ['event_missing'],
    message: /^no event says that it was collected$/,
  },
  {
    name: 'a wrong balance',
    statements: [
      `update receivables set open_minor = 1 where id = ${first('receivables', 'open_minor = 0 and amount_minor > 0')}`,
    ],
    checks: ['balance_differs', 'open_differs', 'event_missing'],
    message: /^the ledger says that -?\d+ EUR are owed, receivables less credits are -?\d+$/,
  },
  {
    name: 'an attempt that no agenda row refers to',
    statements: [`update attempts set state = 'pending' where id = ${ATTEMPT}`],
    checks: ['attempt_orphaned', 'payment_without_attempt'],
    message: /^it is pending, and the agenda has no row for receivable rec_\w+$/,
  },
  {
    name: 'a credit whose rest does not match its allocations',
    statements: ['update credits set left_minor = left_minor - 7 where left_minor > 7'],
    checks: ['open_differs', 'balance_differs'],
    message: /^the rest is \d+, amount less allocations and reversals is \d+$/,
  },
  {
    name: 'an allocation beyond a receivable',
    statements: [
      `update allocations set amount_minor = amount_minor * 2 where id = ${first('allocations', 'amount_minor > 0')}`,
    ],
    checks: ['allocation_exceeds', 'open_differs'],
    message: /^\d+ are allocated to a receivable of \d+$/,
  },
  {
    name: 'an allocation across accounts',
    statements: [
      `update credits set account_id = (select max(id) from billing_accounts)
       where id = (select credit_id from allocations order by id limit 1)`,
    ],
    checks: ['allocation_crosses_accounts', 'copy_differs'],
    message: /^credit of account acc_\w+ pays for account acc_\w+$/,
  },
  {
    name: 'an attempt for another contract than its receivable',
    statements: [`update attempts set contract_id = null where id = ${ATTEMPT}`],
    checks: ['copy_differs'],
    message: /^its contract or account is not that of receivable rec_\w+$/,
  },
  {
    name: 'an attempt with an unknown payment method',
    statements: [`update attempts set payment_method_id = 'pay_0' where id = ${ATTEMPT}`],
    checks: ['copy_differs'],
    message: /^there is no payment method pay_0$/,
  },
  {
    name: 'an attempt that was planned and never sent',
    statements: [`update attempts set state = 'planned', sent_at = null where id = ${ATTEMPT}`, ASKED_ABOUT],
    checks: ['attempt_without_outcome', 'payment_without_attempt'],
    message: /^still planned, since 2024-01-31T09:00:00.000Z$/,
  },
  {
    name: 'an attempt that was sent, and whose lease has ended',
    statements: [
      `update attempts set state = 'sent', lease_until = clock_timestamp() where id = ${ATTEMPT}`,
      ASKED_ABOUT,
    ],
    checks: ['attempt_without_outcome', 'payment_without_attempt'],
    message: /^still sent, since 2024-01-31T09:00:00.000Z$/,
  },
  {
    name: 'a payment of an attempt that is still under way',
    statements: [
      `update attempts set state = 'sent', lease_until = clock_timestamp() + interval '1 hour' where id = ${ATTEMPT}`,
    ],
    checks: ['payment_without_attempt'],
    message: /^attempt att_\w+ is sent$/,
  },
  {
    name: 'an attempt that succeeded without a payment',
    statements: [`delete from payments where attempt_id = ${ATTEMPT}`],
    checks: ['attempt_without_payment', 'entry_without_fact'],
    message: /^it succeeded, and no payment of \d+ EUR is recorded$/,
  },
  {
    name: 'a payment without a journal entry',
    statements: [
      `update journal_entries set fact = 'lost' where fact = (select 'payment:' || id from payments where attempt_id = ${ATTEMPT})`,
    ],
    checks: ['payment_without_postings'],
    message: /^no entry posts its \d+ EUR$/,
  },
];
