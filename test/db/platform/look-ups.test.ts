// Each look-up of API, engine and relay on tables of 100,000 and 20,000 rows: the index that it must use, and the number of
// rows that it reads. Postgres itself counts them, also those that functions, triggers and references read.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deleteBelowClock, workflowsOfClock } from '../../../db/clocks/deletion.ts';
import { claimAdvancing, loadClockBacklog } from '../../../db/clocks/clocks.ts';
import { openWork } from '../../../db/clocks/views.ts';
import { lockAccount, lockAccountBooks } from '../../../db/books/account-context.ts';
import { isTaxRateUsed } from '../../../db/catalogue/tax.ts';
import { getAccount, listAccounts } from '../../../db/books/accounts.ts';
import { openReceivables, waitingCredits } from '../../../db/books/allocations.ts';
import { creditedLines, documentLines, getDocument } from '../../../db/books/documents.ts';
import { valuesOfSearch } from '../../../db/books/search.ts';
import { listDocuments } from '../../../db/books/list-documents.ts';
import { listEntries } from '../../../db/books/entries.ts';
import { getOneTime, listOneTime, waitingOn } from '../../../db/books/one-time.ts';
import {
  contractsOfRun,
  getRun,
  listRuns,
  loadRunContext,
  oneTimeOfRun,
  ownerOfAccount,
  waitingCharges,
} from '../../../db/books/runs.ts';
import { loadContract, merchantOfContract } from '../../../db/contracts/contracts.ts';
import { loadItems, subscriptionsOf } from '../../../db/contracts/items.ts';
import { answersOf, claimUndecided } from '../../../db/contracts/commands.ts';
import { lockBillingContracts } from '../../../db/contracts/locks.ts';
import { defaultAccount, lockOrderingCustomer } from '../../../db/contracts/orders.ts';
import { contractsOfCustomer, getContractView, listCommands } from '../../../db/contracts/views.ts';
import { createApiKey, findApiKey } from '../../../db/parties/api-keys.ts';
import { getCustomer } from '../../../db/parties/customers.ts';
import { customersOfAddress, listCustomers } from '../../../db/parties/list-customers.ts';
import { listContracts } from '../../../db/contracts/list-contracts.ts';
import { listPayments } from '../../../db/payments/list-payments.ts';
import { loadAttempt, nextPlanned } from '../../../db/payments/attempts.ts';
import { getCollection, listCollections } from '../../../db/payments/collection-terms.ts';
import {
  collectionsOfReceivables,
  loadCollections,
  receivablesToCollect,
} from '../../../db/payments/collections.ts';
import { loadCases, openReceivableIds, ownerOfCollected } from '../../../db/payments/cases.ts';
import { listPaymentMethods } from '../../../db/payments/methods.ts';
import { findCredit } from '../../../db/payments/payments.ts';
import { attemptOfObject, isKnownEvent } from '../../../db/payments/provider-events.ts';
import { loadAccountSpan, listStatements } from '../../../db/books/statements.ts';
import { getAttempt, getReceipt, listAttempts } from '../../../db/payments/views.ts';
import { claimMails } from '../../../db/mails/queue.ts';
import { listMails } from '../../../db/mails/list-mails.ts';
import { triesOf, getMail, resentWithinDay } from '../../../db/mails/mails.ts';
import { claimOverdue, noteLooks, setAgenda } from '../../../db/platform/agenda.ts';
import { loadBacklog } from '../../../db/platform/backlog.ts';
import { listDeadLetters } from '../../../db/platform/dead-letters.ts';
import { findKey } from '../../../db/platform/idempotency.ts';
import { findIncident, getIncident, listIncidents, openIncidents } from '../../../db/platform/incidents.ts';
import { claim, markDelivered, waitingCommands } from '../../../db/platform/outbox.ts';
import { type Pool, type Tx, createPool, inTransaction } from '../../../db/platform/pool.ts';
import { row, rows } from '../../support/rows.ts';
import { getEvent } from '../../../db/events/events.ts';
import { eventsOnwards, newestEvents } from '../../../db/events/list-events.ts';
import { claimPdfRequests, getSealedPdf } from '../../../db/books/pdfs.ts';
import { findNamed } from '../../../db/platform/refs.ts';
import { repairCandidates } from '../../../db/platform/repair-candidates.ts';
import { RETENTION_KINDS, forget } from '../../../db/platform/retention.ts';
import { listRatedPeriods, listUsage, loadUsage } from '../../../db/usage/usage.ts';
import {
  getDelivery,
  listDeliveries,
  listWebhookAttempts,
  replayAllDead,
} from '../../../db/webhooks/deliveries.ts';
import { disableEndpoint, enableEndpoint } from '../../../db/webhooks/endpoints.ts';
import { claimWebhooks, endpointsWithDue, storeAccepted } from '../../../db/webhooks/queue.ts';
import { readTotals } from '../../../db/usage/totals.ts';
import { createSettling } from '../../../engine/contracts/settle.ts';
import { reportUsage } from '../../../engine/usage/usage.ts';
import { findIntent, leftOf } from '../../../psp/sandbox/books.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';
import { type Many, createMany } from '../../support/many-rows.ts';
import { moveClock, vault } from '../../support/merchant.ts';
import { type Scan, scansOf as readBy } from '../../support/scans.ts';

let database: TestDatabase;
let many: Many;
let observer: Pool;
/** The pools of an API, a worker and a relay, with one connection each, whose counters the tests read. */
let api: Pool;
let worker: Pool;
let relay: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const one = { max: 1, limits: { statementMs: 0 } };
  observer = createPool(database.url, { max: 1 });
  api = createPool(database.url, one);
  worker = createPool(database.url, { ...one, onePlan: true });
  relay = createPool(database.url, { ...one, onePlan: true, inOrder: true });
  const filling = createPool(database.url, one);
  many = await createMany(filling);
  await filling.end();
}, 600_000);
afterAll(async () => {
  await Promise.all([api, worker, relay, observer].map((pool) => pool?.end()));
  await database?.drop();
});

const scansOf = (pool: Pool, look: (pool: Pool) => Promise<unknown>): Promise<Scan[]> =>
  readBy(observer, pool, look);

/** Runs a look-up in a transaction that is rolled back. */
const rolledBack =
  (look: (tx: Tx) => Promise<unknown>) =>
  async (pool: Pool): Promise<void> => {
    const rollback = new Error('rolled back');
    const done = inTransaction(pool, async (tx) => {
      await look(tx);
      throw rollback;
    });
    await done.catch((error: unknown) => {
      if (error !== rollback) throw error;
    });
  };

type LookUp = [name: string, index: string, look: (pool: Pool) => Promise<unknown>];
const PAGE = { limit: 20 };
const ON = { contractId: 'con_777', accountId: 'acc_777' };
const LOOKS = { overdue: 60, wait: 60, longest: 600 };
const TRIED = { at: '2024-02-02T08:00:00.000Z', durationMs: 1, status: 200, error: null, answer: null };
const used = new Set<string>();

/** The most rows and entries that a look-up may read in tables of up to 100,000: a page of 20 with all its details, or a batch. */
const MOST_READ = 1_500;

async function expectScans(
  pool: Pool,
  index: string,
  look: (pool: Pool) => Promise<unknown>,
  most = MOST_READ,
): Promise<void> {
  const scans = await scansOf(pool, look);
  for (const { name } of scans) used.add(name);
  const summary = scans.map(({ name, read }) => `${name} ${read}`).join(', ');
  expect(
    index.split(' or ').some((each) => scans.some(({ name }) => name === each)),
    summary,
  ).toBe(true);
  expect(
    scans.reduce((sum, { read }) => sum + read, 0),
    summary,
  ).toBeLessThanOrEqual(most);
}

const merchant = (): Many['merchant'] => many.merchant;

const OF_API: LookUp[] = [
  [
    'a contract by its id',
    'contracts_pkey or contracts_id_key',
    (db) => getContractView(db, merchant(), 'con_777'),
  ],
  [
    'a contract by its external id',
    'contracts_merchant_id_external_id_key',
    (db) => findNamed(db, merchant(), 'contract', 'contract-777'),
  ],
  ['the newest contracts', 'contracts_by_time', (db) => listContracts(db, merchant(), {}, PAGE)],
  [
    'contracts of a customer',
    'contracts_for_customer',
    (db) => listContracts(db, merchant(), { customer: 'cus_777' }, PAGE),
  ],
  [
    'contracts of an account',
    'contracts_on_account',
    (db) => listContracts(db, merchant(), { account: 'acc_777' }, PAGE),
  ],
  [
    'collections of an account',
    'collections_of_account',
    (db) => listCollections(db, merchant(), 'acc_777', PAGE),
  ],
  [
    'a collection by its id',
    'collections_pkey or collections_id_key',
    (db) => getCollection(db, merchant(), 'col_777'),
  ],
  ['runs of an account', 'runs_of_account', (db) => listRuns(db, merchant(), 'acc_777', PAGE)],
  ['a run by its id', 'account_runs_pkey', (db) => getRun(db, merchant(), 'run_777')],
  [
    'contracts in a currency',
    'contracts_by_time',
    (db) => listContracts(db, merchant(), { currency: 'EUR' }, PAGE),
  ],
  [
    'contracts by a rare phase',
    'contracts_in_phase',
    (db) => listContracts(db, merchant(), { phase: 'inactive' }, PAGE),
  ],
  [
    'contracts by a phase that none has',
    'contracts_in_phase',
    (db) => listContracts(db, merchant(), { phase: 'trial' }, PAGE),
  ],
  [
    'contracts by their external id',
    'contracts_merchant_id_external_id_key',
    (db) => listContracts(db, merchant(), { externalId: 'contract-777' }, PAGE),
  ],
  [
    'contracts that are due before a day',
    'agenda_due_contracts',
    (db) => listContracts(db, merchant(), { dueBefore: '2024-06-01T00:00:00.000Z' }, PAGE),
  ],
  ['commands of a contract', 'commands_of_contract', (db) => listCommands(db, merchant(), 'con_777', PAGE)],
  [
    'commands by their ids',
    'commands_pkey or commands_id_key',
    (db) => answersOf(db, merchant(), ['cmd_777']),
  ],
  ['a document by its id', 'documents_pkey', (db) => getDocument(db, merchant(), 'doc_777')],
  [
    'a document by its number',
    'documents_numbered',
    (db) => listDocuments(db, merchant(), { number: 'R-2024-10777' }, PAGE),
  ],
  ['the newest documents', 'documents_by_kind', (db) => listDocuments(db, merchant(), {}, PAGE)],
  ['credit notes', 'documents_by_kind', (db) => listDocuments(db, merchant(), { kind: 'credit_note' }, PAGE)],
  [
    'documents of a customer',
    'accounts_of_customer',
    (db) => listDocuments(db, merchant(), { customer: 'cus_777' }, PAGE),
  ],
  [
    'documents of an account',
    'documents_on_account',
    (db) => listDocuments(db, merchant(), { account: 'acc_777' }, PAGE),
  ],
  [
    'documents of a contract',
    'documents_for_contract',
    (db) => listDocuments(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  [
    'collective documents of a contract',
    'collective_documents_of_contract',
    (db) => listDocuments(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  [
    'the PDF of a document',
    'pdfs_pkey',
    (db) => getSealedPdf(db, merchant(), { kind: 'document', id: 'doc_777' }),
  ],
  ['open documents', 'receivables_by_state', (db) => listDocuments(db, merchant(), { state: 'open' }, PAGE)],
  [
    'open credit notes',
    'credits_by_state',
    (db) => listDocuments(db, merchant(), { state: 'open', kind: 'credit_note' }, PAGE),
  ],
  [
    'invoices that are overdue',
    'receivables_by_due_date',
    (db) => listDocuments(db, merchant(), { state: 'open', dueBefore: '2030-01-01' }, PAGE),
  ],
  [
    'documents in a currency',
    'documents_by_currency',
    (db) => listDocuments(db, merchant(), { currency: 'EUR' }, PAGE),
  ],
  [
    'documents by amount',
    'documents_by_amount',
    (db) => listDocuments(db, merchant(), { currency: 'EUR', sort: 'amount' }, PAGE),
  ],
  ['lines of a document', 'document_lines_pkey', (db) => documentLines(db, merchant(), 'doc_777')],
  [
    'lines that are credited',
    'document_lines_merchant_id_charge_id_key',
    (db) => creditedLines(db, merchant(), ['chg_777']),
  ],
  ['an account with its balance', 'carried_balances_pkey', (db) => getAccount(db, merchant(), 'acc_777')],
  ['accounts of a customer', 'accounts_of_customer', (db) => listAccounts(db, merchant(), 'cus_777', PAGE)],
  [
    'the first accounts',
    'billing_accounts_pkey or billing_accounts_id_key',
    (db) => listAccounts(db, merchant(), undefined, PAGE),
  ],
  ['entries of an account', 'entries_of_account', (db) => listEntries(db, merchant(), 'acc_777', {}, PAGE)],
  [
    'statements of an account',
    'statements_of_account',
    (db) => listStatements(db, merchant(), 'acc_777', PAGE),
  ],
  [
    'the entries of an account in a span',
    'entries_of_account',
    (db) =>
      loadAccountSpan(db, merchant(), 'acc_777', {
        fromAt: '2030-01-01T00:00:00.000Z',
        toAt: '2030-02-01T00:00:00.000Z',
        most: 5_000,
      }),
  ],
  ['the receipt of a payment', 'payments_pkey', (db) => getReceipt(db, merchant(), 'pmt_777')],
  ['a one-time charge', 'one_time_charges_pkey', (db) => getOneTime(db, merchant(), 'otc_777')],
  [
    'one-time charges that wait',
    'one_time_unbilled',
    (db) => listOneTime(db, merchant(), { state: 'waiting' }, PAGE),
  ],
  [
    'one-time charges that were withdrawn',
    'one_time_unbilled',
    (db) => listOneTime(db, merchant(), { state: 'withdrawn' }, PAGE),
  ],
  [
    'one-time charges of an account',
    'one_time_of_account',
    (db) => listOneTime(db, merchant(), { account: 'acc_777' }, PAGE),
  ],
  [
    'one-time charges of a contract',
    'one_time_of_contract',
    (db) => listOneTime(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  [
    'payments of an account',
    'payments_on_account',
    (db) => listPayments(db, merchant(), { account: 'acc_777' }, PAGE),
  ],
  [
    'payments of a contract',
    'payments_on_account',
    (db) => listPayments(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  ['the newest payments', 'payments_by_time', (db) => listPayments(db, merchant(), {}, PAGE)],
  [
    'payments in a currency',
    'payments_by_currency',
    (db) => listPayments(db, merchant(), { currency: 'EUR' }, PAGE),
  ],
  [
    'payments by amount',
    'payments_by_amount',
    (db) => listPayments(db, merchant(), { currency: 'EUR', sort: 'amount' }, PAGE),
  ],
  [
    'payments by their reference',
    'payments_by_reference',
    (db) => listPayments(db, merchant(), { reference: 'att_777' }, PAGE),
  ],
  [
    'customers by a word of their name',
    'vault_words_pkey',
    async (db) => {
      const words = await vault.searched(db, merchant(), 'Nordlicht');
      return listCustomers(db, merchant(), { words }, PAGE);
    },
  ],
  [
    'documents by the digits of their number',
    'documents_by_digits',
    async (db) => {
      const search = await valuesOfSearch(db, vault, merchant(), '2024 10777');
      return listDocuments(db, merchant(), { search }, PAGE);
    },
  ],
  ['the newest customers', 'customers_by_time', (db) => listCustomers(db, merchant(), {}, PAGE)],
  ['an attempt', 'attempts_pkey or attempts_id_key', (db) => getAttempt(db, merchant(), 'att_777')],
  [
    'attempts of an account',
    'attempts_on_account',
    (db) => listAttempts(db, merchant(), { account: 'acc_777' }, PAGE),
  ],
  [
    'attempts of an invoice',
    'receivables_of_document',
    (db) => listAttempts(db, merchant(), { invoice: 'doc_777' }, PAGE),
  ],
  [
    'attempts that collect an invoice with others',
    'attempts_of_receivable',
    (db) => listAttempts(db, merchant(), { invoice: 'doc_777' }, PAGE),
  ],
  ['a customer', 'customers_pkey', (db) => getCustomer(db, merchant(), 'cus_777')],
  [
    'a customer by its external id',
    'customers_merchant_id_external_id_key',
    (db) => listCustomers(db, merchant(), { externalId: 'customer-777' }, PAGE),
  ],
  [
    'customers below another',
    'customers_below',
    (db) => listCustomers(db, merchant(), { parent: 'cus_771' }, PAGE),
  ],
  [
    'customers on a clock',
    'customers_on_clock',
    (db) => listCustomers(db, merchant(), { clock: many.clock }, PAGE),
  ],
  [
    'payment methods of a customer',
    'methods_of_customer_key',
    (db) => listPaymentMethods(db, merchant(), 'cus_777', PAGE),
  ],
  [
    'open contracts of a customer',
    'contracts_for_customer',
    (db) => contractsOfCustomer(db, merchant(), 'cus_777'),
  ],
  ['a mail', 'mails_pkey', (db) => getMail(db, merchant(), 'mai_777')],
  ['how often a mail was sent again', 'mails_resent', (db) => resentWithinDay(db, merchant(), 'mai_777')],
  ['the tries of a mail', 'mail_attempts_pkey', (db) => triesOf(db, merchant(), 'mai_777')],
  ['mails', 'mails_in_order', (db) => listMails(db, merchant(), {}, PAGE)],
  [
    'mails of a customer',
    'mails_to_customer',
    (db) => listMails(db, merchant(), { customer: 'cus_777' }, PAGE),
  ],
  [
    'customers of a mail address',
    'vault_words_pkey',
    (db) => customersOfAddress(db, vault, merchant(), 'ada@nordlicht.example'),
  ],
  [
    'mails of a document',
    'mails_about_document',
    (db) => listMails(db, merchant(), { document: 'doc_777' }, PAGE),
  ],
  ['mails of a state', 'mails_in_state', (db) => listMails(db, merchant(), { state: 'failed' }, PAGE)],
  [
    'mails of a purpose',
    'mails_for_purpose',
    (db) => listMails(db, merchant(), { purpose: 'action_required' }, PAGE),
  ],
  ['an incident', 'incidents_pkey', (db) => getIncident(db, merchant(), 'inc_777')],
  ['an incident of any merchant', 'incidents_pkey', (db) => findIncident(db, 'inc_777')],
  ['open incidents of all merchants', 'one_open_incident', (db) => openIncidents(db)],
  ['open incidents', 'incidents_by_state', (db) => listIncidents(db, merchant(), { state: 'open' }, PAGE)],
  [
    'closed incidents',
    'incidents_by_state',
    (db) => listIncidents(db, merchant(), { state: 'closed' }, PAGE),
  ],
  [
    'incidents of a contract',
    'incidents_of_workflow',
    (db) => listIncidents(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  [
    'incidents of a clock',
    'contracts_of_clock',
    (db) => listIncidents(db, merchant(), { clock: many.clock, state: 'open' }, PAGE),
  ],
  [
    'webhooks of an endpoint',
    'webhook_deliveries_pkey',
    (db) => listDeliveries(db, merchant(), { endpoint: 'whe_0' }, PAGE),
  ],
  [
    'dead webhooks',
    'webhook_deliveries_undelivered',
    (db) => listDeliveries(db, merchant(), { endpoint: 'whe_0', state: 'dead' }, PAGE),
  ],
  [
    'a webhook',
    'webhook_deliveries_pkey',
    (db) => getDelivery(db, merchant(), { endpoint: 'whe_0', event: 'evt_777' }),
  ],
  [
    'the log of a webhook',
    'webhook_attempts_pkey',
    (db) => listWebhookAttempts(db, merchant(), { endpoint: 'whe_0', event: 'evt_777' }),
  ],
  [
    'dead webhooks to send again',
    'webhook_deliveries_undelivered',
    rolledBack((tx) => replayAllDead(tx, merchant(), 'whe_0')),
  ],
  [
    'what waits for an endpoint that is enabled again',
    'webhook_deliveries_tried',
    rolledBack(async (tx) => {
      await disableEndpoint(tx, merchant(), 'whe_0', 'merchant');
      await enableEndpoint(tx, merchant(), 'whe_0');
    }),
  ],
  ['an event', 'events_pkey', (db) => getEvent(db, merchant(), 'evt_777')],
  ['the newest events', 'events_in_order', (db) => newestEvents(db, merchant(), {}, PAGE)],
  [
    'events onwards',
    'events_in_order',
    (db) => eventsOnwards(db, merchant(), {}, { ...PAGE, after: 'evt_777' }),
  ],
  [
    'events of a type',
    'events_of_type',
    (db) => newestEvents(db, merchant(), { types: ['invoice.reopened'] }, PAGE),
  ],
  [
    'events of several types in a span',
    'events_by_age',
    (db) =>
      newestEvents(
        db,
        merchant(),
        { types: ['invoice.reopened', 'invoice.paid'], recordedFrom: '2024-01-01T00:00:00.000Z' },
        PAGE,
      ),
  ],
  [
    'events of an object',
    'events_of_object',
    (db) => newestEvents(db, merchant(), { object: 'doc_777' }, PAGE),
  ],
  [
    'events of a customer',
    'events_of_customer',
    (db) => eventsOnwards(db, merchant(), { customer: 'cus_777' }, { ...PAGE, after: 'evt_777' }),
  ],
  [
    'events of a contract',
    'events_of_contract',
    (db) => newestEvents(db, merchant(), { contract: 'con_777' }, PAGE),
  ],
  ['usage of a contract', 'usage_in_order', (db) => listUsage(db, merchant(), 'con_777', {}, PAGE)],
  [
    'rated periods of a contract',
    'periods_of_contract',
    (db) => listRatedPeriods(db, merchant(), 'con_777', PAGE),
  ],
  [
    'known usage events',
    'usage_events_pkey',
    (db) => loadUsage(db, merchant(), 'con_777', { components: ['cmp_1'], eventIds: ['event-777'] }),
  ],
  [
    'totals of usage',
    'usage_totals_pkey',
    (db) =>
      readTotals(db, merchant(), [
        {
          subscriptionId: 'csu_777',
          startsAt: '2024-01-01T00:00:00.000Z',
          endsAt: '2024-02-01T00:00:00.000Z',
          aggregation: 'sum',
        },
      ]),
  ],
  ['an answer under an idempotency key', 'idempotency_keys_pkey', (db) => findKey(db, merchant(), 'key-777')],
  [
    'a key',
    'api_keys_hash_key',
    async (db) => findApiKey(db, (await createApiKey(db, merchant(), 'key', ['read'])).key),
  ],
  [
    'a party',
    'vault_records_pkey',
    (db) => vault.open(db, merchant(), { subjectId: many.subject, version: 1 }),
  ],
  [
    'a line that was billed at a tax rate',
    'charges_ahead',
    async (db) => {
      const { id } = await row<{ id: string }>(db, 'select id from tax_policies where merchant_id = $1', [
        merchant(),
      ]);
      await isTaxRateUsed(db, merchant(), { taxPolicyId: id, country: 'DE', validFrom: '2020-01-01' });
    },
  ],
  ['open work on a clock', 'commands_pending', (db) => openWork(db, merchant(), many.clock)],
];

const OF_ENGINE: LookUp[] = [
  ['the merchant of a contract', 'contracts_id_key', (db) => merchantOfContract(db, 'con_777')],
  [
    'a contract with the rows that a step needs',
    'charges_of_contract',
    (db) => loadContract(db, merchant(), 'con_777'),
  ],
  [
    'items and subscriptions of a contract',
    'items_of_contract',
    (db) => loadItems(db, merchant(), 'con_777'),
  ],
  [
    'subscriptions of a component',
    'subscriptions_of_contract_key',
    (db) =>
      subscriptionsOf(db, merchant(), {
        contractId: 'con_777',
        componentId: 'cmp_1',
        now: '2024-02-01T00:00:00.000Z',
      }),
  ],
  ['the books of an account', 'receivables_open', rolledBack((tx) => lockAccountBooks(tx, merchant(), ON))],
  [
    'an account under its lock',
    'billing_accounts_pkey or billing_accounts_id_key',
    rolledBack((tx) => lockAccount(tx, merchant(), 'acc_777')),
  ],
  [
    'contracts that an account may bill',
    'contracts_on_account',
    rolledBack((tx) => lockBillingContracts(tx, merchant(), 'acc_777', null)),
  ],
  [
    'a customer under its lock for an order',
    'customers_pkey',
    rolledBack((tx) => lockOrderingCustomer(tx, merchant(), 'cus_777')),
  ],
  [
    'the default account of a customer',
    'one_default_account',
    rolledBack(async (tx) => {
      const customer = await lockOrderingCustomer(tx, merchant(), 'cus_777');
      const [{ issuer_id: issuerId } = { issuer_id: '' }] = await rows<{ issuer_id: string }>(
        tx,
        `select issuer_id from billing_accounts where merchant_id = $1 and id = 'acc_777'`,
        [merchant()],
      );
      await defaultAccount(tx, merchant(), customer, { issuerId, currency: 'EUR', paymentTermDays: 0 });
    }),
  ],
  [
    'charges that wait on an account',
    'one_time_waiting',
    rolledBack((tx) => waitingOn(tx, merchant(), 'acc_777')),
  ],
  ['open receivables of an account', 'receivables_open', (db) => openReceivables(db, merchant(), 'acc_777')],
  ['credits of an account', 'credits_left', (db) => waitingCredits(db, merchant(), 'acc_777')],
  [
    'open amounts of an account',
    'receivables_open',
    rolledBack((tx) => openReceivableIds(tx, merchant(), 'acc_777')),
  ],
  ['an attempt by its id alone', 'attempts_id_key', (db) => loadAttempt(db, 'att_777')],
  [
    'the next attempt of a contract',
    'attempts_to_send',
    (db) => nextPlanned(db, merchant(), 'con_777', 'sandbox'),
  ],
  ['the merchant of an account', 'billing_accounts_id_key', (db) => ownerOfAccount(db, 'acc_777')],
  ['the next run of an account', 'runs_planned', (db) => loadRunContext(db, merchant(), 'acc_777')],
  [
    'contracts to settle before a run',
    'contracts_on_account',
    (db) =>
      contractsOfRun(db, merchant(), 'acc_777', { until: '2024-02-01T00:00:00Z', failed: false, most: 50 }),
  ],
  [
    'charges that wait for a run',
    'waiting_charges_of_account',
    (db) => waitingCharges(db, merchant(), 'acc_777', { until: '2024-03-01T00:00:00Z', priceMode: 'net' }),
  ],
  [
    'one-time charges that wait for a run',
    'one_time_waiting',
    (db) => oneTimeOfRun(db, merchant(), 'acc_777', '2024-03-01T00:00:00Z'),
  ],
  ['the merchant of a receivable', 'receivables_id_key', (db) => ownerOfCollected(db, 'rec_777')],
  ['the merchant of a collection', 'collections_id_key', (db) => ownerOfCollected(db, 'col_777')],
  [
    'a collection with its attempts',
    'attempts_by_collection',
    rolledBack((tx) => loadCollections(tx, merchant(), ['col_777'])),
  ],
  [
    'collections of receivables',
    'collections_of_receivable',
    rolledBack((tx) => collectionsOfReceivables(tx, merchant(), ['rec_777'])),
  ],
  [
    'the collection of an account that is planned',
    'collections_planned',
    (db) => getAccount(db, merchant(), 'acc_777'),
  ],
  [
    'open receivables that no collection has',
    'receivables_open',
    rolledBack((tx) => receivablesToCollect(tx, merchant(), 'acc_777', { byHand: false })),
  ],
  [
    'a receivable with its attempts',
    'attempts_merchant_id_receivable_id_n_key',
    rolledBack((tx) => loadCases(tx, merchant(), ['rec_777'])),
  ],
  [
    'an attempt by the provider’s object',
    'one_attempt_per_object',
    rolledBack((tx) => attemptOfObject(tx, merchant(), { provider: 'sandbox', providerObject: 'sbi_777' })),
  ],
  ['a provider’s event', 'provider_events_pkey', rolledBack((tx) => isKnownEvent(tx, 'sandbox', 'evt_777'))],
  [
    'the credit of a payment',
    'one_payment_per_attempt',
    rolledBack((tx) => findCredit(tx, merchant(), 'att_777')),
  ],
  [
    'the commands that wait for a contract',
    'outbox_commands',
    (db) => waitingCommands(db, merchant(), 'con_777'),
  ],
  ['a charge of the sandbox', 'sandbox.intents_pkey', (db) => findIntent(db, 'sbi_777')],
  [
    'the rest of a charge of the sandbox',
    'sandbox.movements_of_intent',
    (db) => leftOf(db, 'sbi_777', 'refund'),
  ],
  ['the backlog of a clock', 'agenda_by_clock', (db) => loadClockBacklog(db, merchant(), many.clock)],
  ['workflows of a clock', 'accounts_of_clock', (db) => workflowsOfClock(db, merchant(), many.clock)],
  [
    'the agenda row of a workflow',
    'agenda_pkey',
    rolledBack((tx) =>
      setAgenda(tx, merchant(), {
        workflowId: 'contract/con_777',
        kind: 'contract',
        clockId: null,
        dueAt: null,
      }),
    ),
  ],
];

const OF_RELAY: LookUp[] = [
  ['PDFs that were requested', 'pdf_requests_of_merchant', rolledBack((tx) => claimPdfRequests(tx))],
  ['messages that are due', 'outbox_of_merchant', rolledBack((tx) => claim(tx))],
  ['messages of a clock', 'outbox_of_clock', rolledBack((tx) => claim(tx, { clockId: many.clock }))],
  ['messages that were delivered', 'outbox_pkey', rolledBack((tx) => markDelivered(tx, [777n]))],
  ['mails that are due', 'mails_queued_of_merchant', rolledBack((tx) => claimMails(tx))],
  [
    'endpoints with due webhooks',
    'webhook_deliveries_due',
    (db) => endpointsWithDue(db, { merchant: '', endpoint: '' }, { busy: [], limit: 50 }),
  ],
  [
    'webhooks that are due',
    'webhook_deliveries_of_object',
    rolledBack((tx) => claimWebhooks(tx, [{ merchant: merchant(), endpoint: 'whe_0', most: 8 }])),
  ],
  [
    'a webhook that was accepted',
    'webhook_deliveries_of_object',
    rolledBack((tx) => storeAccepted(tx, merchant(), { endpoint: 'whe_0', event: 'evt_777' }, TRIED)),
  ],
  ['dead letters', 'outbox_dead', (db) => listDeadLetters(db)],
  [
    'contracts that are overdue',
    'agenda_of_merchant',
    rolledBack((tx) => claimOverdue(tx, 'contract', LOOKS)),
  ],
  [
    'collections that are due',
    'agenda_of_merchant',
    rolledBack((tx) => claimOverdue(tx, 'collection', LOOKS)),
  ],
  ['undecided commands', 'commands_of_merchant', rolledBack((tx) => claimUndecided(tx, LOOKS))],
  ['advancing clocks without progress', 'test_clocks_advancing', rolledBack((tx) => claimAdvancing(tx, 60))],
  [
    'the next look at an agenda row',
    'agenda_pkey',
    rolledBack((tx) => noteLooks(tx, ['contract/con_777'], LOOKS)),
  ],
];

describe('a look-up of the API uses its index on large tables', () => {
  it.each(OF_API)('%s: %s', async (_name, index, look) => expectScans(api, index, look));
});

describe('a look-up of the engine uses its index, with the generic plan of a worker', () => {
  it.each(OF_ENGINE)('%s: %s', async (_name, index, look) => expectScans(worker, index, look));
});

describe('a look-up of the relay reads its index in order, with the generic plan of a worker', () => {
  it.each(OF_RELAY)('%s: %s', async (_name, index, look) => expectScans(relay, index, look));

  // There are only a few buckets of rate limits, and they have no index by age.
  it.each(RETENTION_KINDS.filter((kind) => kind !== 'bucket'))('expired rows of the kind %s', (kind) => {
    const index = {
      message: 'outbox_done',
      payload: 'events_with_payload',
      incident: 'incidents_closed',
      mail: 'mails_done',
      webhook_try: 'webhook_attempts_by_age',
      webhook: 'webhook_deliveries_delivered',
      key: 'idempotency_by_age',
      event: 'events_by_age',
    }[kind];
    return expectScans(
      relay,
      index,
      rolledBack((tx) => forget(tx, kind, 1, 100)),
    );
  });
});

describe('use cases on large tables', () => {
  it('a step reads only the lines of the last periods of its contract', async () => {
    // The contract has 120 lines of ten years.
    const scans = await scansOf(worker, (db) => loadContract(db, merchant(), 'con_777'));
    const lines = scans.find(({ name }) => name === 'charges_of_contract');
    expect(lines?.read).toBeLessThanOrEqual(10);
  });

  it('a renewal with usage reads at most 1,500 rows', async () => {
    await moveClock(observer, many.clock, '2024-03-02T08:00:00.000Z');
    await expectScans(worker, 'charges_of_contract', (pool) =>
      createSettling({ pool, limit: 250 })(many.contract, {
        woken: '1970-01-01T00:00:00.000Z',
        asked: [],
        orders: [],
      }),
    );
  });

  it('a report of usage reads at most 1,500 rows', () =>
    expectScans(
      api,
      'usage_totals_pkey',
      rolledBack((tx) =>
        reportUsage(tx, merchant(), many.contract, [
          {
            path: 'usage[0]',
            eventId: 'new',
            componentId: 'sum',
            quantity: '1',
            at: '2024-03-02T07:00:00.000Z',
            value: null,
          },
        ]),
      ),
    ));

  it('deleting a clock uses indexes, however many rows its merchant has', async () => {
    // No index may exist for this use case alone, so the indexes that it uses do not count as used.
    const scans = await scansOf(
      api,
      rolledBack((tx) => deleteBelowClock(tx, merchant(), many.clock)),
    );
    const most = scans.toSorted((a, b) => b.read - a.read).slice(0, 5);
    expect(most.filter(({ read }) => read > 1_000)).toEqual([]);
  });

  it('the metrics of the backlog read the due and open rows, and none that are due later', async () => {
    const counting = createPool(database.url, { max: 1, inOrder: true });
    const scans = await scansOf(counting, (pool) => loadBacklog(pool, ['sandbox']));
    await counting.end();
    for (const { name } of scans) used.add(name);
    // About 1,000 of 120,000 agenda rows are due, and two more each minute.
    const agenda = scans.filter(({ name }) => name.startsWith('agenda'));
    expect(agenda).toEqual([{ name: 'agenda_waiting', scans: 10, read: expect.any(Number) }]);
    expect(agenda[0]?.read).toBeLessThanOrEqual(5_000);
    const tables = ['attempts', 'incidents', 'outbox', 'provider_events', 'idempotency_keys', 'test_clocks'];
    expect(scans.filter(({ name }) => tables.includes(name))).toEqual([]);
  });

  it('repair reads each table once, in batches in the order of its key', async () => {
    const scans = await scansOf(worker, async (pool) => {
      for await (const batch of repairCandidates(pool)) if (batch.length > 0) break;
    });
    for (const { name } of scans) used.add(name);
    expect(scans.find(({ name }) => name === 'contracts_pkey')?.read).toBeLessThanOrEqual(2_001);
  });
});

/** The reasons for indexes that no look-up above uses, and that enforce nothing. */
const REASONS: Readonly<Record<string, string>> = {
  account_job_items_of_account:
    'reference to billing_accounts; the audit finds jobs of deactivated accounts by it',
  accounts_of_issuer: 'jobs over the accounts of an issuer; here all accounts have one issuer',
  pdf_requests_of_clock: 'reference to test_clocks; only test merchants have any',
  pdfs_of_clock: 'reference to test_clocks; only test merchants have any',
  postings_of_account: 'reference to billing_accounts; the audit compares ledgers with open amounts by it',
  'sandbox.events_of_intent': 'reference to sandbox.intents; only test merchants have any',
};

describe('each index', () => {
  it('serves a look-up or a constraint, or has a reason in the list above', async () => {
    const others = await rows<{ name: string }>(
      observer,
      `select i.indexrelid::regclass::text as name from pg_index i join pg_class c on c.oid = i.indrelid
       where c.relnamespace in ('public'::regnamespace, 'sandbox'::regnamespace) and not i.indisunique order by 1`,
    );
    expect(others.map(({ name }) => name).filter((name) => !used.has(name))).toEqual(
      Object.keys(REASONS).sort(),
    );
  });
});
