import { OPEN_ATTEMPT } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import type { ClockStatus } from '../../domain/clocks/clock.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, type Tx, maybeRow, rows } from '../platform/pool.ts';
import { PREFIX } from '../../temporal/ids.ts';

// All of it is found from the clock downwards, by the indexes that look-ups have: its customers, accounts and contracts first.
const ON_CLOCK = 'where merchant_id = $1 and clock_id = $2';
const OF_CUSTOMERS = `customer_id in (select id from customers ${ON_CLOCK})`;
const OF_ACCOUNTS = `account_id in (select id from billing_accounts ${ON_CLOCK})`;
const OF_CONTRACTS = `contract_id in (select id from contracts ${ON_CLOCK})`;
const among = (column: string, of: string, table: string, where = OF_ACCOUNTS): string =>
  `${column} in (select ${of} from ${table} where merchant_id = $1 and ${where})`;
const OF_DOCUMENTS = among('document_id', 'id', 'documents');

/** Workflows that may run for a clock's contracts, and for those of its receivables that are not done with. */
export async function workflowsOfClock(db: Db, merchant: MerchantId, clockId: string): Promise<string[]> {
  const found = await rows<{ workflow_id: string }>(
    db,
    `select '${PREFIX.contract}' || id as workflow_id from contracts ${ON_CLOCK}
     union select '${PREFIX.collection}' || id from receivables where merchant_id = $1 and open_minor > 0 and ${OF_ACCOUNTS}
     union select '${PREFIX.collection}' || receivable_id from attempts
       where merchant_id = $1 and state in ${stateList(OPEN_ATTEMPT)} and ${OF_ACCOUNTS}`,
    [merchant, clockId],
  );
  return found.map((each) => each.workflow_id);
}

const INTENTS = `intent_id in (select id from sandbox.intents where ${among('key', 'id', 'attempts')})`;

/**
 * The rows that are deleted with a clock, in an order that leaves no dangling reference. Messages that were delivered stay
 * until their window is over, as nobody looks for them by their clock.
 */
export const BELOW_A_CLOCK: readonly [table: string, where: string][] = [
  ['agenda', 'clock_id = $2'],
  ['outbox', `clock_id = $2 and state in ('waiting', 'dead')`],
  ['incidents', among('workflow_id', `'${PREFIX.contract}' || id`, 'contracts', 'clock_id = $2')],
  ['incidents', among('workflow_id', `'${PREFIX.collection}' || id`, 'receivables', OF_DOCUMENTS)],
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
  ['attempts', OF_ACCOUNTS],
  ['receivables', OF_DOCUMENTS],
  ['postings', OF_ACCOUNTS],
  ['journal_entries', OF_ACCOUNTS],
  ['document_taxes', OF_DOCUMENTS],
  ['document_lines', OF_DOCUMENTS],
  ['document_seals', OF_DOCUMENTS],
  ['documents', OF_ACCOUNTS],
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
  ['contracts', 'clock_id = $2'],
  ['billing_accounts', 'clock_id = $2'],
  ['payment_methods', OF_CUSTOMERS],
  ['series_counters', 'clock_id = $2'],
];

/**
 * Locks a clock that is to be deleted, and waits for whoever decides or makes something on it. Null: there is none.
 */
export function lockClockToDelete(
  tx: Tx,
  merchant: MerchantId,
  clockId: string,
): Promise<{ readonly status: ClockStatus } | null> {
  // Not `for no key update`: this row will be deleted, and what is just being made on the clock is deleted with it.
  return maybeRow(tx, 'select status from test_clocks where merchant_id = $1 and id = $2 for update', [
    merchant,
    clockId,
  ]);
}

/** Deletes a clock and everything on it, in the caller's transaction, which holds its lock; nothing else is touched. */
export async function deleteBelowClock(tx: Tx, merchant: MerchantId, clockId: string): Promise<void> {
  await rows(tx, `select set_config('tenor.deleting_clock', $1, true)`, [clockId]);
  for (const [table, where] of BELOW_A_CLOCK) {
    const whose = table.startsWith('sandbox.') ? 'true' : 'merchant_id = $1';
    await rows(tx, `delete from ${table} where ${whose} and ${where} and $2::text is not null`, [
      merchant,
      clockId,
    ]);
  }
  const subjects = await rows<{ subject_id: string }>(
    tx,
    'delete from customers where merchant_id = $1 and clock_id = $2 returning subject_id',
    [merchant, clockId],
  );
  const ids = subjects.map((each) => each.subject_id);
  await rows(tx, 'delete from vault_records where merchant_id = $1 and subject_id = any($2)', [
    merchant,
    ids,
  ]);
  await rows(tx, 'delete from vault_subjects where merchant_id = $1 and id = any($2)', [merchant, ids]);
  await rows(tx, 'delete from test_clocks where merchant_id = $1 and id = $2', [merchant, clockId]);
}
