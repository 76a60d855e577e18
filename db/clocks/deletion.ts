import { PREFIX } from '../../temporal/ids.ts';
import { text } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { clockStatus } from './clocks.ts';

// All rows are found downwards from the clock, by the indexes of ordinary look-ups: first its customers, accounts and contracts.
const ON_CLOCK = 'where merchant_id = :merchant and clock_id = :clock';
const OF_CUSTOMERS = `customer_id in (select id from customers ${ON_CLOCK})`;
const OF_ACCOUNTS = `account_id in (select id from billing_accounts ${ON_CLOCK})`;
const OF_CONTRACTS = `contract_id in (select id from contracts ${ON_CLOCK})`;
const among = (column: string, of: string, table: string, where = OF_ACCOUNTS): string =>
  `${column} in (select ${of} from ${table} where merchant_id = :merchant and ${where})`;
const OF_DOCUMENTS = among('document_id', 'id', 'documents');

const OF_CLOCK = { merchant: 'text', clock: 'text' } as const;

const selectWorkflows = statement('workflowsOfClock', {
  sql: sqlFile(import.meta.url, 'workflows-of-clock.sql'),
  params: OF_CLOCK,
  row: { workflow_id: text },
});

/** The ids of workflows that may run for a clock's contracts, and for its receivables that are open or have an open attempt. */
export async function workflowsOfClock(db: Db, merchant: MerchantId, clockId: string): Promise<string[]> {
  const found = await selectWorkflows.rows(db, { merchant, clock: clockId });
  return found.map((each) => each.workflow_id);
}

const INTENTS = `intent_id in (select id from sandbox.intents where ${among('key', 'id', 'attempts')})`;

/** The webhooks of events, found by their events and by the few endpoints of the merchant. */
const ofEvents = (which: string): string => `(endpoint_id, event_id) in (
  select w.id, v.id from webhook_endpoints w join (select merchant_id, id from events where merchant_id = :merchant and ${which}) v
    on v.merchant_id = w.merchant_id)`;

/**
 * The rows that are deleted with a clock, in an order that leaves no dangling reference. Messages that were delivered stay until
 * their retention is over, as no index has them by clock.
 */
export const BELOW_A_CLOCK: readonly [table: string, where: string][] = [
  ...(['webhook_attempts', 'webhook_deliveries'] as const).flatMap((table): [string, string][] => [
    [table, ofEvents(OF_CUSTOMERS)],
    [table, ofEvents('object_id = :clock')],
  ]),
  ['events', OF_CUSTOMERS],
  ['events', 'object_id = :clock'],
  ['agenda', 'clock_id = :clock'],
  ['outbox', `clock_id = :clock and state in ('waiting', 'dead')`],
  ['mails', OF_CUSTOMERS],
  ['incidents', among('workflow_id', `'${PREFIX.contract}' || id`, 'contracts', 'clock_id = :clock')],
  ['incidents', among('workflow_id', `'${PREFIX.account}' || id`, 'billing_accounts', 'clock_id = :clock')],
  ['incidents', among('workflow_id', `'${PREFIX.collection}' || id`, 'receivables', OF_DOCUMENTS)],
  ['incidents', among('workflow_id', `'${PREFIX.collection}' || id`, 'collections', OF_ACCOUNTS)],
  [
    'provider_events',
    `provider = 'sandbox' and event_id in (select id from sandbox.events where ${INTENTS})`,
  ],
  ['sandbox.events', INTENTS],
  ['sandbox.movements', INTENTS],
  ['sandbox.intents', among('key', 'id', 'attempts')],
  ['allocations', among('receivable_id', 'id', 'receivables', OF_DOCUMENTS)],
  ['credits', OF_DOCUMENTS],
  ['credits', among('payment_id', 'id', 'payments')],
  ['payments', OF_ACCOUNTS],
  ['attempt_receivables', among('attempt_id', 'id', 'attempts', OF_ACCOUNTS)],
  ['collection_receivables', among('collection_id', 'id', 'collections', OF_ACCOUNTS)],
  ['attempts', OF_ACCOUNTS],
  ['collections', OF_ACCOUNTS],
  ['receivables', OF_DOCUMENTS],
  ['carried_balances', OF_ACCOUNTS],
  ['postings', OF_ACCOUNTS],
  ['journal_entries', OF_ACCOUNTS],
  ['pdf_requests', 'clock_id = :clock'],
  ['pdfs', 'clock_id = :clock'],
  ['account_job_items', OF_ACCOUNTS],
  ['account_runs', OF_ACCOUNTS],
  ['document_contracts', OF_CONTRACTS],
  ['document_taxes', OF_DOCUMENTS],
  ['document_lines', OF_DOCUMENTS],
  ['document_seals', OF_DOCUMENTS],
  ['documents', OF_ACCOUNTS],
  ['waiting_charges', OF_ACCOUNTS],
  ['charges', OF_CONTRACTS],
  ['charges', among('one_time_id', 'id', 'one_time_charges')],
  ['one_time_charges', OF_ACCOUNTS],
  ['metered_periods', OF_CONTRACTS],
  ['usage_values', among('subscription_id', 'id', 'component_subscriptions', OF_CONTRACTS)],
  ['usage_totals', among('subscription_id', 'id', 'component_subscriptions', OF_CONTRACTS)],
  ['usage_events', OF_CONTRACTS],
  ['items', OF_CONTRACTS],
  ['component_subscriptions', OF_CONTRACTS],
  ['contract_phases', OF_CONTRACTS],
  ['scheduled_changes', OF_CONTRACTS],
  ['commands', OF_CONTRACTS],
  ['account_statements', OF_ACCOUNTS],
  ['contracts', 'clock_id = :clock'],
  ['billing_accounts', 'clock_id = :clock'],
  ['payment_methods', OF_CUSTOMERS],
  ['series_counters', 'clock_id = :clock'],
  ['number_series', among('issuer_id', 'id', 'issuers', OF_CUSTOMERS)],
  ['issuers', OF_CUSTOMERS],
];

const deletions = BELOW_A_CLOCK.map(([table, where], place) => {
  const whose = table.startsWith('sandbox.') ? '' : 'merchant_id = :merchant and ';
  return statement(`deleteOfClock${place + 1}_${table}`, {
    sql: `delete from ${table} where ${whose}${where}`,
    params: OF_CLOCK,
  });
});

const locked = { status: clockStatus };

// Not `for no key update`: the lock also waits for transactions that insert rows with this clock, so that those are deleted, too.
const lock = statement('lockClockToDelete', {
  sql: 'select status from test_clocks where merchant_id = :merchant and id = :clock for update',
  params: OF_CLOCK,
  row: locked,
});

/** Locks a clock that is to be deleted. Waits for all transactions that decide or make something on it. Null if there is no clock. */
export function lockClockToDelete(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
): Promise<RowOf<typeof locked> | null> {
  return lock.maybeRow(tx, { merchant, clock: clockId });
}

/** Makes the triggers that protect the books allow deletions on this clock, until the transaction ends. */
const allowDeletion = statement('allowDeletionOfClock', {
  sql: `select set_config('tenor.deleting_clock', :clock, true)`,
  params: { clock: 'text' },
});

const deleteCustomers = statement('deleteCustomersOfClock', {
  sql: 'delete from customers where merchant_id = :merchant and clock_id = :clock returning subject_id',
  params: OF_CLOCK,
  row: { subject_id: text },
});

const OF_SUBJECTS = { merchant: 'text', subjects: 'text[]' } as const;

const deleteWords = statement('deleteVaultWords', {
  sql: 'delete from vault_words where merchant_id = :merchant and subject_id = any(:subjects)',
  params: OF_SUBJECTS,
});

const deleteRecords = statement('deleteVaultRecords', {
  sql: 'delete from vault_records where merchant_id = :merchant and subject_id = any(:subjects)',
  params: OF_SUBJECTS,
});

const deleteSubjects = statement('deleteVaultSubjects', {
  sql: 'delete from vault_subjects where merchant_id = :merchant and id = any(:subjects)',
  params: OF_SUBJECTS,
});

const deleteClock = statement('deleteClock', {
  sql: 'delete from test_clocks where merchant_id = :merchant and id = :clock',
  params: OF_CLOCK,
});

/** Deletes a clock and everything on it, and nothing else. The caller's transaction holds its lock. */
export async function deleteBelowClock(tx: Tx, merchant: MerchantId, clockId: string): Promise<void> {
  const of = { merchant, clock: clockId };
  await allowDeletion.run(tx, { clock: clockId });
  for (const deletion of deletions) await deletion.run(tx, of);
  const customers = await deleteCustomers.rows(tx, of);
  const subjects = customers.map((each) => each.subject_id);
  await deleteWords.run(tx, { merchant, subjects });
  await deleteRecords.run(tx, { merchant, subjects });
  await deleteSubjects.run(tx, { merchant, subjects });
  await deleteClock.run(tx, of);
}
