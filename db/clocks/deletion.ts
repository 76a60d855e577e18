import { OPEN_ATTEMPT } from '../../domain/payments/attempt.ts';
import { stateList } from '../platform/state-list.ts';
import type { ClockStatus } from '../../domain/clocks/clock.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, type Tx, maybeRow, rows } from '../platform/pool.ts';
import { PREFIX } from '../../temporal/ids.ts';

/** Workflows that may run for a clock's contracts, and for those of its receivables that are not done with. */
export async function workflowsOfClock(db: Db, merchant: MerchantId, clockId: string): Promise<string[]> {
  const found = await rows<{ workflow_id: string }>(
    db,
    `select '${PREFIX.contract}' || id as workflow_id from contracts where merchant_id = $1 and clock_id = $2
     union all select '${PREFIX.collection}' || r.id from receivables r join billing_accounts b on b.merchant_id = r.merchant_id and b.id = r.account_id
       where r.merchant_id = $1 and b.clock_id = $2 and (r.open_minor > 0 or exists (select from attempts t
         where t.merchant_id = r.merchant_id and t.receivable_id = r.id
           and t.state in ${stateList(OPEN_ATTEMPT)}))`,
    [merchant, clockId],
  );
  return found.map((each) => each.workflow_id);
}

const OF_ACCOUNTS =
  'account_id in (select id from billing_accounts where merchant_id = $1 and clock_id = $2)';
const OF_CONTRACTS = 'contract_id in (select id from contracts where merchant_id = $1 and clock_id = $2)';
const OF_CUSTOMERS = 'customer_id in (select id from customers where merchant_id = $1 and clock_id = $2)';

/** The tables that are deleted with a clock, in an order that leaves no dangling reference. */
export const BELOW_A_CLOCK: readonly [table: string, where: string][] = [
  ['agenda', 'clock_id = $2'],
  ['outbox', 'clock_id = $2'],
  [
    'incidents',
    `(workflow_id in (select '${PREFIX.contract}' || id from contracts where merchant_id = $1 and clock_id = $2)
       or workflow_id in (select '${PREFIX.collection}' || id from receivables where merchant_id = $1 and ${OF_ACCOUNTS}))`,
  ],
  [
    'provider_events',
    `provider_object in (select provider_object from attempts where merchant_id = $1 and ${OF_ACCOUNTS})`,
  ],
  ['allocations', `credit_id in (select id from credits where merchant_id = $1 and ${OF_ACCOUNTS})`],
  ['credits', OF_ACCOUNTS],
  ['payments', OF_ACCOUNTS],
  ['attempts', OF_ACCOUNTS],
  ['receivables', OF_ACCOUNTS],
  ['postings', OF_ACCOUNTS],
  ['journal_entries', OF_ACCOUNTS],
  ['document_taxes', 'document_id in (select id from documents where merchant_id = $1 and clock_id = $2)'],
  ['document_lines', 'document_id in (select id from documents where merchant_id = $1 and clock_id = $2)'],
  ['document_seals', 'document_id in (select id from documents where merchant_id = $1 and clock_id = $2)'],
  ['documents', 'clock_id = $2'],
  ['charges', OF_ACCOUNTS],
  ['one_time_charges', OF_ACCOUNTS],
  ['metered_periods', OF_CONTRACTS],
  [
    'usage_values',
    `subscription_id in (select id from component_subscriptions where merchant_id = $1 and ${OF_CONTRACTS})`,
  ],
  ['usage_totals', OF_CONTRACTS],
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
    await rows(tx, `delete from ${table} where merchant_id = $1 and ${where} and $2::text is not null`, [
      merchant,
      clockId,
    ]);
  }
  const sandbox = 'intent_id in (select id from sandbox.intents where merchant_id = $1 and clock_id = $2)';
  await rows(tx, `delete from sandbox.events where ${sandbox}`, [merchant, clockId]);
  await rows(tx, `delete from sandbox.movements where ${sandbox}`, [merchant, clockId]);
  await rows(tx, 'delete from sandbox.intents where merchant_id = $1 and clock_id = $2', [merchant, clockId]);
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
