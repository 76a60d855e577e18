// A merchant with many rows in every table: a contract that the use cases have run, and copies of its rows.
import type { MerchantId } from '../../db/platform/ids.ts';
import { createApiKey } from '../../db/parties/api-keys.ts';
import { closeIncident, openIncident } from '../../db/platform/incidents.ts';
import { finishKey } from '../../db/platform/idempotency.ts';
import { type Pool, inTransaction } from '../../db/platform/pool.ts';
import { row, rows } from './rows.ts';
import { loadAttempt } from '../../db/payments/attempts.ts';
import { markSent } from '../../engine/payments/attempts.ts';
import { recordProviderEvent } from '../../engine/payments/provider-events.ts';
import { EVERYTHING, sellEveryKind, useEverything } from './every-kind.ts';
import { command, createClock, createSampleMerchant, moveClock, order, settle } from './merchant.ts';

export interface Many {
  readonly merchant: MerchantId;
  /** The clock of the original contract. */
  readonly clock: string;
  readonly contract: string;
  /** The party of its customer in the vault. */
  readonly subject: string;
}

/** The number of copies in the largest tables, and in all others. */
const [MOST, MANY] = [100_000, 20_000];

/** Columns of a copy as SQL, by the number `n` of the copy. All other columns are those of the row that is copied. */
type Copied = Readonly<Record<string, string>>;
const id = (prefix: string): string => `'${prefix}_' || n`;
/** Instants that lie one minute apart. */
const ago = (days: number): string => `clock_timestamp() - interval '${days} days' - n * interval '1 minute'`;
const OWN = { contract_id: id('con'), account_id: id('acc') };
/** True for one copy in a thousand. These are of the same merchant, while every second copy is another merchant's. */
const FEW = '(n % 1000 = 501)';

/** Each table with the number of its copies, and the columns that differ. `of` selects the row that is copied. */
const COPIES: readonly { table: string; copies: number; of?: string; own: Copied }[] = [
  {
    table: 'test_clocks',
    copies: MANY,
    own: {
      id: id('clk'),
      status: `case when ${FEW} then 'advancing' else 'ready' end`,
      held_until: `case when ${FEW} then ${ago(1)} end`,
    },
  },
  { table: 'vault_subjects', copies: MANY, own: { id: id('sub') } },
  { table: 'vault_records', copies: MANY, own: { subject_id: id('sub') } },
  {
    table: 'vault_words',
    copies: MANY,
    own: {
      subject_id: id('sub'),
      hash: `case when n % 10 = 7 then (t.whole).hash else sha256(n::text::bytea) end`,
    },
  },
  { table: 'api_keys', copies: MANY, own: { id: id('key'), hash: `sha256(n::text::bytea)` } },
  {
    table: 'customers',
    copies: MANY,
    of: 'clock_id is not null',
    own: {
      id: id('cus'),
      external_id: `'customer-' || n`,
      clock_id: 'null',
      parent_id: `case when n % 10 = 3 then 'cus_' || n - 2 end`,
      subject_id: id('sub'),
    },
  },
  { table: 'payment_methods', copies: MANY, own: { id: id('pay'), customer_id: id('cus') } },
  {
    table: 'billing_accounts',
    copies: MANY,
    own: { id: id('acc'), customer_id: id('cus'), clock_id: 'null', payment_method_id: id('pay') },
  },
  {
    table: 'contracts',
    copies: MOST,
    own: {
      id: id('con'),
      external_id: `'contract-' || n`,
      customer_id: id('cus'),
      account_id: id('acc'),
      clock_id: 'null',
      payment_method_id: id('pay'),
      phase: `case when ${FEW} then 'inactive' when n % 50 = 1 then 'ended' else 'normal' end`,
    },
  },
  {
    table: 'commands',
    copies: MANY,
    of: `kind = 'order'`,
    own: {
      id: id('cmd'),
      ...OWN,
      recorded_at: ago(1),
      state: `case when n % 20 < 2 then 'pending' else 'applied' end`,
      answer: `case when n % 20 >= 2 then '{}'::jsonb end`,
    },
  },
  { table: 'contract_phases', copies: MANY, own: { id: id('pha'), ...OWN, command_id: id('cmd') } },
  { table: 'component_subscriptions', copies: MANY, own: { id: id('csu'), ...OWN } },
  {
    table: 'items',
    copies: MANY,
    of: `subject = 'fee'`,
    own: { id: `'itm_fee_' || n`, ...OWN, command_id: id('cmd') },
  },
  {
    table: 'items',
    copies: MANY,
    of: `subject <> 'fee' and origin_id is null
      and component_version_id in (select id from component_versions where aggregation is not null)`,
    own: {
      id: id('itm'),
      ...OWN,
      subject: id('csu'),
      subscription_id: id('csu'),
      command_id: id('cmd'),
    },
  },
  {
    table: 'scheduled_changes',
    copies: MANY,
    own: {
      id: id('sch'),
      ...OWN,
      command_id: id('cmd'),
      state: `case when ${FEW} then 'scheduled' else 'done' end`,
    },
  },
  {
    table: 'charges',
    copies: MOST,
    of: `kind = 'recurring'`,
    own: {
      id: id('chg'),
      contract_id: `'con_' || n % 1000`,
      item_id: `'itm_fee_' || n % 1000`,
      command_id: 'null',
      starts_at: `(t.whole).starts_at - n / 1000 * interval '1 month'`,
      ends_at: `(t.whole).ends_at - n / 1000 * interval '1 month'`,
    },
  },
  {
    table: 'charges',
    copies: MANY,
    of: `kind = 'usage'`,
    own: {
      id: `'chg_use_' || n`,
      contract_id: `'con_' || n % 1000`,
      item_id: `'itm_' || n % 1000`,
      starts_at: `(t.whole).starts_at - n / 1000 * interval '1 month'`,
      ends_at: `(t.whole).ends_at - n / 1000 * interval '1 month'`,
    },
  },
  {
    table: 'documents',
    copies: MOST,
    own: {
      id: id('doc'),
      ...OWN,
      clock_id: 'null',
      number: `'R-2024-' || 10000 + n`,
      counter: '10000 + n',
      kind: `case when ${FEW} then 'credit_note' else 'invoice' end`,
    },
  },
  {
    table: 'document_lines',
    copies: MANY,
    own: { document_id: id('doc'), charge_id: id('chg'), position: '1' },
  },
  { table: 'account_statements', copies: MANY, own: { id: id('sta'), account_id: id('acc') } },
  { table: 'pdfs', copies: MANY, own: { object_id: id('doc'), clock_id: 'null' } },
  {
    table: 'pdf_requests',
    copies: MANY,
    own: {
      object_id: id('doc'),
      clock_id: 'null',
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
    },
  },
  { table: 'document_taxes', copies: MANY, own: { document_id: id('doc') } },
  { table: 'document_seals', copies: MANY, own: { document_id: id('doc') } },
  { table: 'journal_entries', copies: MANY, own: { id: id('ent'), ...OWN, fact: `'document:doc_' || n` } },
  {
    table: 'postings',
    copies: MANY,
    of: `ledger_account = 'receivable'`,
    own: { entry_id: id('ent'), n: '1', ...OWN },
  },
  {
    table: 'receivables',
    copies: MANY,
    own: {
      id: id('rec'),
      ...OWN,
      document_id: id('doc'),
      open_minor: `case when ${FEW} then (t.whole).amount_minor else 0 end`,
    },
  },
  {
    table: 'attempts',
    copies: MANY,
    own: {
      id: id('att'),
      ...OWN,
      receivable_id: id('rec'),
      payment_method_id: id('pay'),
      provider_object: id('sbi'),
      n: '1',
      state: `case when ${FEW} then 'planned' else 'succeeded' end`,
    },
  },
  {
    table: 'attempts',
    copies: MANY,
    own: {
      id: id('atc'),
      ...OWN,
      contract_id: 'null',
      receivable_id: 'null',
      collection_id: id('col'),
      payment_method_id: id('pay'),
      provider_object: `'sbc_' || n`,
      n: '1',
      state: `case when ${FEW} then 'planned' else 'succeeded' end`,
    },
  },
  { table: 'payments', copies: MANY, own: { id: id('pmt'), ...OWN, attempt_id: id('att') } },
  {
    table: 'credits',
    copies: MANY,
    own: {
      id: id('crd'),
      ...OWN,
      payment_id: `case when n % 4 <> 3 then ${id('pmt')} end`,
      document_id: `case when n % 4 = 3 then ${id('doc')} end`,
    },
  },
  {
    table: 'allocations',
    copies: MANY,
    own: { id: id('all'), credit_id: id('crd'), receivable_id: id('rec') },
  },
  {
    table: 'one_time_charges',
    copies: MANY,
    own: {
      id: id('otc'),
      ...OWN,
      state: `case when ${FEW} then 'waiting' when n % 1000 = 1 then 'withdrawn' else 'billed' end`,
    },
  },
  {
    table: 'usage_events',
    copies: MOST,
    own: {
      event_id: `'event-' || n`,
      contract_id: `'con_' || n % 1000`,
      subscription_id: `'csu_' || n % 1000`,
    },
  },
  { table: 'usage_totals', copies: MANY, own: { ...OWN, subscription_id: id('csu') } },
  { table: 'metered_periods', copies: MANY, own: { ...OWN, subscription_id: id('csu'), item_id: id('itm') } },
  {
    table: 'provider_events',
    copies: MANY,
    own: { event_id: id('evt'), provider_object: id('sbi'), recorded_at: ago(0) },
  },
  {
    table: 'incidents',
    copies: MANY,
    own: { id: id('inc'), workflow_id: `'contract/con_' || n`, closed_at: ago(0) },
  },
  {
    table: 'mails',
    copies: MOST,
    own: {
      id: id('mai'),
      event_id: id('evt'),
      customer_id: id('cus'),
      document_id: id('doc'),
      purpose: `case when ${FEW} then 'action_required' else 'invoice' end`,
      state: `case when ${FEW} then 'failed' when n % 4 < 2 then 'queued' else 'sent' end`,
      created_at: ago(0),
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
      done_at: `case when n % 4 >= 2 or ${FEW} then ${ago(0)} end`,
    },
  },
  { table: 'mail_attempts', copies: MOST, own: { mail_id: id('mai') } },
  { table: 'idempotency_keys', copies: MANY, own: { key: `'key-' || n`, created_at: ago(0) } },
  {
    table: 'agenda',
    copies: MOST,
    of: `kind = 'contract'`,
    own: {
      workflow_id: `'contract/con_' || n`,
      clock_id: 'null',
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
    },
  },
  {
    table: 'agenda',
    copies: MANY,
    of: `kind = 'contract'`,
    own: {
      workflow_id: `'collection/rec_' || n`,
      kind: `'collection'`,
      clock_id: 'null',
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
    },
  },
  {
    table: 'outbox',
    copies: MOST,
    own: {
      object: `'contract/con_' || n`,
      command_id: 'null',
      clock_id: 'null',
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
      state: `case when ${FEW} then 'dead' when n % 4 < 2 then 'waiting' else 'delivered' end`,
      done_at: `case when n % 4 >= 2 and not ${FEW} then ${ago(0)} end`,
    },
  },
  {
    table: 'events',
    copies: MOST,
    of: `type = 'invoice.finalised'`,
    own: {
      id: id('evt'),
      seq: '1000 + n',
      type: `case when ${FEW} then 'invoice.reopened' else 'invoice.finalised' end`,
      object_id: id('doc'),
      customer_id: `'cus_' || n % ${MANY}`,
      contract_id: id('con'),
      recorded_at: ago(0),
    },
  },
  { table: 'document_contracts', copies: MANY, own: { document_id: id('doc'), contract_id: id('con') } },
  { table: 'waiting_charges', copies: MANY, own: { charge_id: id('chg'), account_id: id('acc') } },
  { table: 'account_runs', copies: MANY, own: { id: id('run'), account_id: id('acc'), until_at: ago(0) } },
  {
    table: 'collections',
    copies: MANY,
    own: {
      id: id('col'),
      account_id: id('acc'),
      state: `case when ${FEW} then 'planned' else 'collected' end`,
    },
  },
  {
    table: 'collection_receivables',
    copies: MANY,
    own: { collection_id: id('col'), receivable_id: id('rec') },
  },
  {
    table: 'attempt_receivables',
    copies: MANY,
    own: { attempt_id: id('att'), receivable_id: id('rec'), is_open: FEW },
  },
  { table: 'webhook_endpoints', copies: 20, own: { id: id('whe') } },
  {
    table: 'webhook_deliveries',
    copies: MOST,
    of: `state = 'waiting'`,
    own: {
      event_id: id('evt'),
      object_id: `'doc_' || n % 1000`,
      sequence: 'n',
      due_at: `clock_timestamp() + (n - 500) * interval '1 minute'`,
      state: `case when ${FEW} then 'dead' when n % 4 < 2 then 'waiting' else 'delivered' end`,
      tries: `case when n % 1000 = 1 then 1 else 0 end`,
      done_at: `case when n % 4 >= 2 or ${FEW} then ${ago(0)} end`,
    },
  },
  { table: 'webhook_attempts', copies: MANY, own: { id: 'n', event_id: id('evt'), at: ago(0) } },
  {
    table: 'sandbox.intents',
    copies: MANY,
    own: { id: id('sbi'), key: id('att'), clock_id: 'null' },
  },
  { table: 'sandbox.events', copies: MANY, own: { id: id('evt'), intent_id: id('sbi') } },
  { table: 'sandbox.movements', copies: MANY, own: { intent_id: id('sbi'), key: 'null' } },
];

/** Runs a contract of `EVERYTHING` for two months, and copies its rows without triggers. No one else may use the database. */
export async function createMany(pool: Pool): Promise<Many> {
  const merchant = await createSampleMerchant(pool);
  await sellEveryKind(pool, merchant);
  const clock = await createClock(pool, merchant, '2024-01-01T08:00:00.000Z');
  const contract = await live(pool, merchant, clock);
  await rows(pool, `insert into merchants (id, name) values ('mer_other', 'Regenbogen')`);
  await pool.query(`set session_replication_role = replica`);
  const whose = { merchant_id: `case when n % 2 = 0 then 'mer_other' else (t.whole).merchant_id end` };
  for (const { own, ...rest } of COPIES) await copy(pool, { ...rest, own: { ...whose, ...own } });
  await pool.query(`set session_replication_role = origin`);
  await pool.query(`select setval('events_seq', ${1_000 + MOST})`);
  await pool.query('vacuum analyze');
  const { subject } = await row<{ subject: string }>(
    pool,
    'select subject_id as subject from customers where clock_id = $1',
    [clock],
  );
  return { merchant, clock, contract, subject };
}

async function live(pool: Pool, merchant: MerchantId, clock: string): Promise<string> {
  const party = { name: 'Nordlicht' };
  const customer = { party, country: 'DE', time_zone: 'Europe/Berlin', language: 'de', clock };
  const payment_method = { provider: 'sandbox', token: 'card' };
  await rows(
    pool,
    `insert into webhook_endpoints (merchant_id, id, url, sealed_secret) values ($1, 'whe_0', 'https://shop.example/', '')`,
    [merchant],
  );
  const { contractId } = await order(pool, merchant, { customer, ...EVERYTHING, payment_method });
  await settle(pool, contractId);
  await useEverything(pool, contractId, '2024-01-15T00:00:00.000Z');
  const { commandId } = await command(pool, merchant, contractId, {
    kind: 'cancel',
    effective: 'period_end',
  });
  await settle(pool, contractId);
  await command(pool, merchant, contractId, { kind: 'withdraw', command: commandId });
  await moveClock(pool, clock, '2024-02-02T08:00:00.000Z');
  await settle(pool, contractId);
  await rows(
    pool,
    `insert into waiting_charges (merchant_id, charge_id, account_id, effective_at)
     select merchant_id, id, account_id, effective_at from charges limit 1`,
  );
  await rows(
    pool,
    `insert into document_contracts (merchant_id, contract_id, effective_at, document_id)
     select merchant_id, contract_id, effective_at, id from documents limit 1`,
  );
  await rows(
    pool,
    `insert into account_runs (merchant_id, id, account_id, until_at, cause, state, asked_at, done_at)
     select merchant_id, 'run_0', id, created_at, 'hand', 'done', created_at, created_at from billing_accounts limit 1`,
  );
  await rows(
    pool,
    `insert into webhook_attempts (merchant_id, endpoint_id, event_id, at, duration_ms)
     select merchant_id, endpoint_id, event_id, clock_timestamp(), 1 from webhook_deliveries limit 1`,
  );
  const { id: attempt } = await row<{ id: string }>(pool, 'select min(id) as id from attempts');
  await rows(
    pool,
    `insert into collections (merchant_id, id, account_id, cause, state, due_at, currency, amount_minor, threshold_minor, asked_at, ended_at)
     select merchant_id, 'col_0', id, 'calendar', 'collected', created_at, currency, 1, 0, created_at, created_at
     from billing_accounts limit 1`,
  );
  await rows(
    pool,
    `insert into collection_receivables (merchant_id, collection_id, receivable_id, amount_minor)
     select merchant_id, 'col_0', id, 1 from receivables limit 1`,
  );
  await rows(
    pool,
    `insert into attempt_receivables (merchant_id, attempt_id, receivable_id, amount_minor, is_open)
     select merchant_id, id, receivable_id, 1, false from attempts where id = $1`,
    [attempt],
  );
  const found = await loadAttempt(pool, attempt);
  await rows(
    pool,
    `insert into sandbox.intents (id, key, merchant_id, clock_id, token, amount_minor, currency, state, prepared_at)
     values ('sbi_0', $1, $2, $3, 'card', 1, 'EUR', 'succeeded', clock_timestamp())`,
    [attempt, merchant, clock],
  );
  await rows(
    pool,
    `insert into sandbox.events (id, merchant_id, intent_id, type, due_at, body) values ('evt_0', $1, 'sbi_0', 'succeeded', clock_timestamp(), '{}')`,
    [merchant],
  );
  await rows(
    pool,
    `insert into pdfs (merchant_id, object_id, kind, subject_id, clock_id, file_name, sha256, sealed, checksum)
     values ($1, 'doc_0', 'document', 'sub_0', $2, 'R.pdf', '', '', '')`,
    [merchant, clock],
  );
  await rows(
    pool,
    `insert into account_statements (merchant_id, id, account_id, from_date, to_date, opening_minor, closing_minor, entries,
       recipient_subject_id, recipient_version, issuer_subject_id, issuer_version, effective_at)
     select merchant_id, 'sta_0', id, '2024-01-01', '2024-02-01', 0, 0, '[]', 'sub_0', 1, 'sub_0', 1, clock_timestamp()
     from billing_accounts where clock_id = $1`,
    [clock],
  );
  await rows(
    pool,
    `insert into pdf_requests (merchant_id, object_id, kind, clock_id) values ($1, 'doc_0', 'document', $2)`,
    [merchant, clock],
  );
  await rows(
    pool,
    `insert into sandbox.movements (intent_id, kind, amount_minor, moved_at) values ('sbi_0', 'charge', 1, clock_timestamp())`,
  );
  await inTransaction(pool, (tx) => markSent(tx, found!, 'sbi_0', { leaseSeconds: 20, again: false }));
  const event = {
    eventId: 'evt_0',
    merchantId: merchant,
    providerObject: 'sbi_0',
    type: 'succeeded',
  } as const;
  await recordProviderEvent(pool, 'sandbox', { ...event, at: '2024-02-02T08:00:00.000Z' });
  const workflow = `contract/${contractId}`;
  await closeIncident(
    pool,
    merchant,
    await openIncident(pool, merchant, workflow, 'settle', new Error('broken')),
  );
  await createApiKey(pool, merchant, 'key', ['read']);
  await rows(
    pool,
    `insert into mails (merchant_id, id, purpose, customer_id, account_id, object_id, tries)
     select merchant_id, 'mai_0', 'invoice', customer_id, account_id, id, 1 from contracts where id = $1`,
    [contractId],
  );
  await rows(pool, `insert into mail_attempts (merchant_id, mail_id, n) values ($1, 'mai_0', 1)`, [merchant]);
  await finishKey(pool, merchant, 'key-0', { requestHash: Buffer.from('x'), status: 201, body: {} });
  return contractId;
}

/** Copies a row of a table, with other values in the columns of `own`. Each is SQL, with the number `n` of the copy. */
export async function copy(
  pool: Pool,
  {
    table,
    copies,
    from,
    of = 'true',
    where = 'true',
    own,
  }: {
    readonly table: string;
    readonly copies: number;
    /** The row that is copied: by default a row of the table for which `of` is true. */
    readonly from?: string;
    readonly of?: string;
    /** Which of the copies are made. */
    readonly where?: string;
    readonly own: Copied;
  },
): Promise<void> {
  const columns = await rows<{ name: string }>(
    pool,
    `select attname as name from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attidentity = ''`,
    [table],
  );
  const names = columns.map(({ name }) => name);
  const values = names.map((name) => own[name] ?? `(t.whole).${name}`);
  const whole =
    from === undefined
      ? `select whole from ${table} whole where ${of} limit 1`
      : `select whole from (${from}) whole`;
  const { rowCount } = await pool.query(
    `with t as materialized (${whole})
     insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from t cross join generate_series(1, ${copies}) as copy(n)
     where ${where}`,
  );
  if (rowCount === 0) throw new Error(`${table} has no row to copy`);
}
