// The filters and orders of entries, payments, contracts and customers in a large book.
import { type EntryFilter, listEntries } from '../../db/books/entries.ts';
import { type ContractFilter, listContracts } from '../../db/contracts/list-contracts.ts';
import { type CustomerFilter, listCustomers } from '../../db/parties/list-customers.ts';
import { type PaymentFilter, listPayments } from '../../db/payments/list-payments.ts';
import { MANY_WORD, RARE_WORD } from './book-lists.ts';
import { type Case, type ListCases, ONE_MORE, single } from './large-case.ts';

const [FIRST, LATER] = ['2024-01-03T00:00:00.000Z', '2024-01-05T00:00:00.000Z'];
const within = (column: string): string => `d.${column} >= '${FIRST}' and d.${column} < '${LATER}'`;

const ON_ACCOUNT = `d.account_id = 'acc_00000001'`;
/** The entries of the page, and those since the nearest carried balance: one in 32 has one, so hardly ever 400. */
const entry = (name: string, filter: EntryFilter, where: string, order?: string): Case<EntryFilter> =>
  single(name, filter, 'entries_of_account', `${ON_ACCOUNT} and ${where}`, {
    most: ONE_MORE + 400,
    ...(order === undefined ? {} : { order }),
  });
export const entryCases: ListCases<EntryFilter> = {
  name: 'entries',
  table: 'journal_entries',
  order: 'd.effective_at desc, d.id desc',
  list: (pool, merchant, filter, page) => listEntries(pool, merchant, 'acc_00000001', filter, page),
  single: [
    entry('an account', {}, 'true'),
    entry('an account, oldest first', { ascending: true }, 'true', 'd.effective_at, d.id'),
    entry('a span in the middle', { from: FIRST, before: LATER }, within('effective_at')),
    entry(
      'from an instant on, oldest first',
      { from: LATER, ascending: true },
      `d.effective_at >= '${LATER}'`,
      'd.effective_at, d.id',
    ),
  ],
  combined: [],
};

const EUR = `d.currency = 'EUR'`;
const BY_AMOUNT = 'd.amount_minor desc, d.effective_at desc, d.id desc';
export const paymentCases: ListCases<PaymentFilter> = {
  name: 'payments',
  table: 'payments',
  order: 'd.effective_at desc, d.id desc',
  list: listPayments,
  single: [
    single('no filter', {}, 'payments_by_time', 'true'),
    single('no filter, oldest first', { ascending: true }, 'payments_by_time', 'true', {
      order: 'd.effective_at, d.id',
    }),
    single('a span', { from: FIRST, before: LATER }, 'payments_by_time', within('effective_at')),
    single('a customer', { customer: 'cus_00000001' }, 'payments_on_account', ON_ACCOUNT),
    single('an account', { account: 'acc_00000001' }, 'payments_on_account', ON_ACCOUNT),
    single(
      'a contract',
      { contract: 'con_00000003' },
      'payments_on_account',
      `d.account_id = 'acc_00000003'`,
    ),
    single('a rare currency', { currency: 'CHF' }, 'payments_by_currency', `d.currency = 'CHF'`),
    single(
      'a reference',
      { reference: 'transfer 777' },
      'payments_by_reference',
      `d.reference = 'transfer 777'`,
    ),
    single(
      'an amount',
      { currency: 'EUR', amountMin: 4500n, amountMax: 4500n },
      'payments_by_amount',
      `${EUR} and d.amount_minor = 4500`,
    ),
    single(
      'a range of amounts',
      { currency: 'EUR', amountMin: 4500n, amountMax: 9900n },
      'payments_by_amount',
      `${EUR} and d.amount_minor between 4500 and 9900`,
      { order: BY_AMOUNT },
    ),
    single(
      'the smallest amounts first',
      { currency: 'CHF', sort: 'amount', ascending: true },
      'payments_by_amount',
      `d.currency = 'CHF'`,
      { order: 'd.amount_minor, d.effective_at, d.id' },
    ),
  ],
  combined: [
    {
      name: 'a contract without payments on an account with many',
      filter: { contract: 'con_of_1' },
      where: 'false',
    },
    {
      name: 'a rare currency of a customer with many payments',
      filter: { customer: 'cus_00000001', currency: 'CHF' },
      where: `${ON_ACCOUNT} and d.currency = 'CHF'`,
    },
    {
      name: 'an amount of a customer',
      filter: { customer: 'cus_00000001', currency: 'EUR', amountMin: 4200n, amountMax: 4200n },
      where: `${ON_ACCOUNT} and ${EUR} and d.amount_minor = 4200`,
    },
    {
      name: 'a range of amounts in a span',
      filter: { currency: 'EUR', amountMin: 450_000n, from: FIRST, before: LATER },
      where: `${EUR} and d.amount_minor >= 450000 and ${within('effective_at')}`,
      order: BY_AMOUNT,
    },
  ],
};

const DUE = `(select g.due_at from agenda g where g.workflow_id = 'contract/' || d.id)`;
const DUE_BEFORE = '2025-01-03T00:00:00.000Z';
export const contractCases: ListCases<ContractFilter> = {
  name: 'contracts',
  table: 'contracts',
  order: 'd.created_at desc, d.id desc',
  list: listContracts,
  single: [
    single('no filter', {}, 'contracts_by_time', 'true'),
    single('no filter, oldest first', { ascending: true }, 'contracts_by_time', 'true', {
      order: 'd.created_at, d.id',
    }),
    single('a span', { createdFrom: FIRST, createdBefore: LATER }, 'contracts_by_time', within('created_at')),
    single(
      'a customer',
      { customer: 'cus_00000001' },
      'contracts_for_customer',
      `d.customer_id = 'cus_00000001'`,
    ),
    single('an account', { account: 'acc_00000001' }, 'contracts_on_account', ON_ACCOUNT),
    single('a rare phase', { phase: 'inactive' }, 'contracts_in_phase', `d.phase = 'inactive'`),
    single('the most frequent currency', { currency: 'EUR' }, 'contracts_by_time', 'true'),
    single(
      'an external id',
      { externalId: 'contract-777' },
      'contracts_merchant_id_external_id_key',
      `d.external_id = 'contract-777'`,
    ),
    single(
      'the next due first',
      { sort: 'next_due_at', ascending: true },
      'agenda_due_contracts',
      `${DUE} is not null`,
      { order: `${DUE}, d.id` },
    ),
    single(
      'due before a day',
      { dueBefore: DUE_BEFORE },
      'agenda_due_contracts',
      `${DUE} < '${DUE_BEFORE}'`,
      { order: `${DUE} desc, d.id desc` },
    ),
  ],
  combined: [
    { name: 'a currency that none has', filter: { currency: 'CHF' }, where: 'false' },
    {
      name: 'a rare phase of a customer with many',
      filter: { customer: 'cus_00000001', phase: 'inactive' },
      where: `d.customer_id = 'cus_00000001' and d.phase = 'inactive'`,
    },
    {
      name: 'a rare phase that is due',
      filter: { phase: 'inactive', dueBefore: DUE_BEFORE },
      where: `d.phase = 'inactive' and ${DUE} < '${DUE_BEFORE}'`,
      order: `${DUE} desc, d.id desc`,
    },
  ],
};

const RARE =
  "d.subject_id in (select subject_id from vault_words where subject_id = d.subject_id and hash = decode('" +
  RARE_WORD.toString('hex') +
  "', 'hex'))";
export const customerCases: ListCases<CustomerFilter> = {
  name: 'customers',
  table: 'customers',
  order: 'd.created_at desc, d.id desc',
  list: listCustomers,
  single: [
    single('no filter', {}, 'customers_by_time', 'true'),
    single('no filter, oldest first', { ascending: true }, 'customers_by_time', 'true', {
      order: 'd.created_at, d.id',
    }),
    single('a span', { createdFrom: FIRST, createdBefore: LATER }, 'customers_by_time', within('created_at')),
    single('a parent', { parent: 'cus_00000001' }, 'customers_below', `d.parent_id = 'cus_00000001'`),
    single('a test clock', { clock: 'clk_large' }, 'customers_on_clock', `d.clock_id = 'clk_large'`),
    single(
      'an external id',
      { externalId: 'customer-777' },
      'customers_merchant_id_external_id_key',
      `d.external_id = 'customer-777'`,
    ),
    single('a word', { words: [MANY_WORD] }, 'vault_words_pkey', 'length(d.id) = 12', {
      order: 'd.subject_id desc',
    }),
  ],
  combined: [
    {
      name: 'two words, of which one is rare',
      filter: { words: [RARE_WORD, MANY_WORD] },
      where: RARE,
      order: 'd.subject_id desc',
    },
    {
      name: 'a frequent word below a parent',
      filter: { words: [MANY_WORD], parent: 'cus_00000001' },
      where: `d.parent_id = 'cus_00000001'`,
      order: 'd.subject_id desc',
    },
    {
      name: 'a parent, in a span',
      filter: { parent: 'cus_00000001', createdBefore: FIRST },
      where: `d.parent_id = 'cus_00000001' and d.created_at < '${FIRST}'`,
    },
    {
      name: 'a parent on a test clock',
      filter: { parent: 'cus_00000001', clock: 'clk_large' },
      where: 'false',
    },
  ],
};
