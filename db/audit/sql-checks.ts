import { OPEN_ATTEMPT, UNANSWERED } from '../../domain/payments/attempt.ts';
import { PREFIX } from '../../temporal/ids.ts';
import { sqlFile } from '../platform/statement.ts';
import { type Check, checkInSql } from './slices.ts';

const sql = (file: string): string => sqlFile(import.meta.url, file);

/** Checks of the ledger: by entry, account, receivable, credit and allocation. A slice has all rows of an account. */
export const ledgerChecks: readonly Check[] = [
  checkInSql({ name: 'entries', table: 'journal_entries', size: 1_000, sql: sql('entries.sql') }),
  checkInSql({ name: 'accounts', table: 'billing_accounts', size: 200, sql: sql('accounts.sql') }),
  checkInSql({
    name: 'carried_balances',
    table: 'billing_accounts',
    size: 200,
    sql: sql('carried-balances.sql'),
  }),
  checkInSql({ name: 'receivables', table: 'receivables', size: 1_000, sql: sql('receivables.sql') }),
  checkInSql({ name: 'credits', table: 'credits', size: 1_000, sql: sql('credits.sql') }),
  checkInSql({
    name: 'allocations',
    table: 'allocations',
    size: 1_000,
    sql: `
      select 'allocation_crosses_accounts' as check_name, a.merchant_id, a.id,
        'credit of account ' || c.account_id || ' pays for account ' || r.account_id as message
      from part a
      join credits c on c.merchant_id = a.merchant_id and c.id = a.credit_id
      join receivables r on r.merchant_id = a.merchant_id and r.id = a.receivable_id
      where c.account_id <> r.account_id or c.currency <> r.currency`,
  }),
];

/** Checks of documents, and of charges that are on no document. */
export const documentChecks: readonly Check[] = [
  checkInSql({ name: 'documents', table: 'documents', size: 200, sql: sql('documents.sql') }),
  checkInSql({
    name: 'credited_documents',
    table: 'documents',
    size: 200,
    sql: sql('credited-documents.sql'),
  }),
  checkInSql({ name: 'charges', table: 'charges', size: 1_000, sql: sql('charges.sql') }),
];

/** Checks of collective accounts: of charges that wait, of runs that were done and that are due next; and of deactivated accounts. */
export const runChecks: readonly Check[] = [
  checkInSql({
    name: 'waiting_charges',
    table: 'waiting_charges',
    size: 1_000,
    key: { merchant: { column: 'merchant_id' }, charge: { column: 'charge_id' } },
    sql: sql('waiting-charges.sql'),
  }),
  checkInSql({ name: 'account_runs', table: 'account_runs', size: 1_000, sql: sql('account-runs.sql') }),
  checkInSql({
    name: 'runs_due',
    table: 'billing_accounts',
    size: 1_000,
    sql: sql('runs-due.sql'),
    params: { prefix: 'text' },
    given: () => ({ prefix: PREFIX.account }),
  }),
  checkInSql({
    name: 'deactivated_accounts',
    table: 'billing_accounts',
    size: 200,
    sql: sql('deactivated-accounts.sql'),
  }),
];

/** Checks of stored PDFs. The files are encrypted, so the audit compares a checksum of what is stored. */
export const pdfChecks: readonly Check[] = [
  checkInSql({
    name: 'pdfs',
    table: 'pdfs',
    size: 50,
    key: { merchant: { column: 'merchant_id' }, object: { column: 'object_id' } },
    sql: `
      select 'pdf_altered' as check_name, merchant_id, object_id as id, 'its stored PDF has changed since it was made' as message
      from part
      where checksum <> sha256(sha256 || sealed)`,
  }),
];

/** The check that no mail is missing. */
export const mailChecks: readonly Check[] = [
  checkInSql({
    name: 'mails',
    table: 'events',
    size: 1_000,
    columns: 'merchant_id, id, type, object_id, account_id, recorded_at',
    sql: sql('mails.sql'),
  }),
];

/** Checks of attempts and payments, of open incidents and commands, and of events of contracts. */
export const openChecks: readonly Check[] = [
  checkInSql({
    name: 'attempts',
    table: 'attempts',
    size: 1_000,
    sql: sql('attempts.sql'),
    params: { open: 'text[]', unanswered: 'text[]', collection: 'text', patience: 'float8' },
    given: ({ attemptSeconds }) => ({
      open: OPEN_ATTEMPT,
      unanswered: UNANSWERED,
      collection: PREFIX.collection,
      patience: attemptSeconds,
    }),
  }),
  checkInSql({
    name: 'collections',
    table: 'collections',
    size: 1_000,
    sql: sql('collections.sql'),
    params: { collection: 'text' },
    given: () => ({ collection: PREFIX.collection }),
  }),
  checkInSql({ name: 'payments', table: 'payments', size: 1_000, sql: sql('payments.sql') }),
  checkInSql({
    name: 'incidents',
    table: 'incidents',
    size: 1_000,
    sql: String.raw`
      select 'incident_open' as check_name, merchant_id, id,
        workflow_id || ' has failed in ' || step || ' since ' || iso(opened_at) || ': ' || split_part(error, E'\n', 1) as message
      from part
      where closed_at is null and mode_of(merchant_id) = any(:modes)`,
    params: { modes: 'text[]' },
    given: ({ incidentsOf }) => ({ modes: incidentsOf }),
  }),
  checkInSql({
    name: 'contract_events',
    table: 'contracts',
    size: 500,
    sql: `
      select 'event_missing' as check_name, c.merchant_id, c.id,
        'the contract is ' || c.phase || ', and the last event of a phase says ' || (e.data->>'phase') as message
      from part c
      cross join lateral (
        select x.data from events x
        where x.merchant_id = c.merchant_id and x.object_id = c.id
          and x.type in ('contract.phase_started', 'contract.paused', 'contract.resumed', 'contract.ended')
        order by x.sequence desc limit 1) e
      where e.data->>'phase' <> c.phase`,
  }),
  checkInSql({
    name: 'commands',
    table: 'commands',
    size: 1_000,
    sql: `
      select 'command_undecided' as check_name, merchant_id, id,
        kind || ' of ' || contract_id || ' is undecided since ' || iso(recorded_at) as message
      from part
      where state = 'pending' and recorded_at + make_interval(secs => :patience) <= clock_timestamp()`,
    params: { patience: 'float8' },
    given: ({ commandSeconds }) => ({ patience: commandSeconds }),
  }),
];
