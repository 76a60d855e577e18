import { z } from 'zod';
import { instant, int, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

export const JOB_KINDS = ['bill', 'deactivate', 'activate'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

const SCOPE_KINDS = ['account', 'customer', 'issuer'] as const;

/** The accounts that a job is for: one, those of a customer and its descendants, or those of an issuer. */
export interface JobScope {
  readonly kind: (typeof SCOPE_KINDS)[number];
  readonly id: string;
}

const OF_JOB = { merchant: 'text', job: 'text' } as const;

const insertJob = statement('insertJob', {
  sql: `insert into account_jobs (merchant_id, id, kind, scope_kind, scope_id, state)
    values (:merchant, :job, :kind, :scopeKind, :scope, 'running')`,
  params: { ...OF_JOB, kind: 'text', scopeKind: 'text', scope: 'text' },
});

const insertItems = statement('insertJobItems', {
  sql: sqlFile(import.meta.url, 'insert-job-items.sql'),
  params: { ...OF_JOB, kind: 'text', scopeKind: 'text', scope: 'text' },
});

/** Stores a new job with its accounts. Accounts that are made later do not belong to it. Returns its id. */
export async function storeJob(
  tx: Tx,
  merchant: MerchantId,
  kind: JobKind,
  { kind: scopeKind, id: scope }: JobScope,
): Promise<string> {
  const job = newId('job');
  await insertJob.run(tx, { merchant, job, kind, scopeKind, scope });
  await insertItems.run(tx, { merchant, job, kind, scopeKind, scope });
  return job;
}

const jobView = {
  id: text,
  kind: z.enum(JOB_KINDS),
  scope_kind: z.enum(SCOPE_KINDS),
  scope_id: text,
  state: z.enum(['running', 'stopping', 'stopped', 'done']),
  asked_at: instant,
  ended_at: instant.nullable(),
  /** How many accounts the job has, and how many of them are done, skipped or failed. */
  accounts: int,
  done: int,
  skipped: int,
  failed: int,
  /** How many contracts were asked to pause or to resume. */
  contracts: int,
};

/** A job as the API shows it. */
export type JobView = RowOf<typeof jobView>;

const VIEW = sqlFile(import.meta.url, 'job-view.sql');

const selectJob = statement('jobView', { sql: `${VIEW} and j.id = :job`, params: OF_JOB, row: jobView });

export function getJob(db: Db, merchant: MerchantId, id: string): Promise<JobView | null> {
  return selectJob.maybeRow(db, { merchant, job: id });
}

const listViews = listStatement('jobViews', {
  sql: VIEW,
  params: { merchant: 'text' },
  row: jobView,
  newestFirst: true,
});

/** Jobs, the newest first. */
export function listJobs(db: Db, merchant: MerchantId, page: PageOf): Promise<Page<JobView>> {
  return listViews.page(db, { merchant }, page);
}

const itemView = {
  account: text,
  state: z.enum(['waiting', 'done', 'skipped', 'failed']),
  run: text.nullable(),
  invoice: text.nullable(),
  contracts: int,
  code: text.nullable(),
  detail: text.nullable(),
  ended_at: instant.nullable(),
};

/** An account of a job as the API shows it, with its result. */
export type JobItemView = RowOf<typeof itemView>;

const listItemViews = listStatement('jobItemViews', {
  sql: `
    select i.account_id as account, i.state, i.run_id as run, r.document_id as invoice, i.contracts, i.code, i.detail, i.ended_at
    from account_job_items i
    left join account_runs r on r.merchant_id = i.merchant_id and r.id = i.run_id
    where i.merchant_id = :merchant and i.job_id = :job and (:state is null or i.state = :state)`,
  params: { ...OF_JOB, state: 'text?' },
  row: itemView,
  key: 'account',
});

/** The accounts of a job, ordered by their ids. */
export function listJobItems(
  db: Db,
  merchant: MerchantId,
  job: string,
  state: JobItemView['state'] | undefined,
  page: PageOf,
): Promise<Page<JobItemView>> {
  return listItemViews.page(db, { merchant, job, state: state ?? null }, page);
}

const selectCollective = statement('collectiveAccountsOfScope', {
  sql: `
    select a.id from accounts_of_scope(:merchant, :scopeKind, :scope) a
    where a.kind = 'collective' order by a.id limit :most`,
  params: { merchant: 'text', scopeKind: 'text', scope: 'text', most: 'int' },
  row: { id: text },
});

/** The collective accounts of a scope, ordered by id. */
export async function collectiveAccounts(
  db: Db,
  merchant: MerchantId,
  { kind: scopeKind, id: scope }: JobScope,
  most: number,
): Promise<string[]> {
  return (await selectCollective.rows(db, { merchant, scopeKind, scope, most })).map(({ id }) => id);
}

const selectOwner = statement('ownerOfJob', {
  sql: 'select merchant_id as merchant, kind from account_jobs where id = :job',
  params: { job: 'text' },
  row: { merchant: merchantColumn, kind: z.enum(JOB_KINDS) },
});

/** The merchant and the kind of a job, by its id alone. */
export function ownerOfJob(
  db: Db,
  job: string,
): Promise<{ readonly merchant: MerchantId; readonly kind: JobKind } | null> {
  return selectOwner.maybeRow(db, { job });
}

const selectRunning = statement('jobIsRunning', {
  sql: `select state = 'running' as running from account_jobs where merchant_id = :merchant and id = :job`,
  params: OF_JOB,
  row: { running: truth },
});

/** Whether the job has neither ended nor been asked to stop. */
export async function isRunning(db: Db, merchant: MerchantId, job: string): Promise<boolean> {
  return (await selectRunning.row(db, { merchant, job })).running;
}

const selectWaiting = statement('waitingJobItems', {
  sql: `select account_id as account from account_job_items
    where merchant_id = :merchant and job_id = :job and state = 'waiting' order by account_id limit :most`,
  params: { ...OF_JOB, most: 'int' },
  row: { account: text },
});

/** The next accounts of a job. */
export async function waitingAccounts(
  db: Db,
  merchant: MerchantId,
  job: string,
  most: number,
): Promise<string[]> {
  return (await selectWaiting.rows(db, { merchant, job, most })).map(({ account }) => account);
}

const updateStopping = statement('stopJob', {
  sql: `update account_jobs set state = 'stopping' where merchant_id = :merchant and id = :job and state = 'running'`,
  params: OF_JOB,
});

/** Asks a job to stop. Returns false if it has ended or was asked before. */
export async function storeStopping(tx: Tx, merchant: MerchantId, job: string): Promise<boolean> {
  return (await updateStopping.run(tx, { merchant, job })) > 0;
}

const updateEnded = statement('endJob', {
  sql: `
    update account_jobs j set ended_at = clock_timestamp(), state = case when exists (
      select from account_job_items i where i.merchant_id = j.merchant_id and i.job_id = j.id and i.state = 'waiting')
      then 'stopped' else 'done' end
    where j.merchant_id = :merchant and j.id = :job and j.ended_at is null`,
  params: OF_JOB,
});

/** Ends a job: it is `done`, or `stopped` if accounts are left. */
export async function storeJobEnded(tx: Tx, merchant: MerchantId, job: string): Promise<void> {
  await updateEnded.run(tx, { merchant, job });
}
