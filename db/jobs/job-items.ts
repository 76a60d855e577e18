import { text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { sqlFile, statement } from '../platform/statement.ts';

/** An account of a job. */
export interface JobItem {
  readonly job: string;
  readonly account: string;
}

const OF_ITEM = { merchant: 'text', job: 'text', account: 'text' } as const;
const THIS = 'merchant_id = :merchant and job_id = :job and account_id = :account';

const updateRun = statement('setRunOfJobItem', {
  sql: `update account_job_items set run_id = :run where ${THIS} and state = 'waiting'`,
  params: { ...OF_ITEM, run: 'text' },
});

/** Stores which run bills an account of a job. */
export async function storeRunOfItem(
  tx: Tx,
  merchant: MerchantId,
  item: JobItem,
  run: string,
): Promise<void> {
  await updateRun.run(tx, { merchant, ...item, run });
}

const updateItem = statement('endJobItem', {
  sql: `
    update account_job_items set state = :state, code = :code, detail = :detail, ended_at = clock_timestamp()
    where ${THIS} and state = 'waiting'`,
  params: { ...OF_ITEM, state: 'text', code: 'text?', detail: 'text?' },
});

/** The end of an account in a job. Without a reason it is done. */
export interface ItemEnd {
  readonly state: 'done' | 'skipped' | 'failed';
  readonly code?: string;
  readonly detail?: string;
}

/** Ends an account of a job. One that has ended stays as it is. */
export async function storeItemEnd(
  db: Db,
  merchant: MerchantId,
  item: JobItem,
  {
    state,
    code = null,
    detail = null,
  }: { readonly [K in keyof ItemEnd]: ItemEnd[K] | null } & Pick<ItemEnd, 'state'>,
): Promise<void> {
  await updateItem.run(db, { merchant, ...item, state, code, detail });
}

const progress = { waiting: truth, last: text.nullable(), run: text.nullable() };

const selectProgress = statement('progressOfJobItem', {
  sql: `select state = 'waiting' as waiting, last_contract_id as last, run_id as run from account_job_items where ${THIS}`,
  params: OF_ITEM,
  row: progress,
});

/** The progress of a job with an account: whether it waits, the last contract that was asked, and its run. */
export function progressOfItem(
  db: Db,
  merchant: MerchantId,
  item: JobItem,
): Promise<{ readonly waiting: boolean; readonly last: string | null; readonly run: string | null }> {
  return selectProgress.row(db, { merchant, ...item });
}

const updateProgress = statement('moveJobItem', {
  sql: `update account_job_items set contracts = contracts + :count, last_contract_id = :last where ${THIS}`,
  params: { ...OF_ITEM, count: 'int', last: 'text' },
});

/** Stores that contracts up to `last` were asked. */
export async function storeProgress(
  tx: Tx,
  merchant: MerchantId,
  item: JobItem,
  asked: { readonly count: number; readonly last: string },
): Promise<void> {
  await updateProgress.run(tx, { merchant, ...item, ...asked });
}

const selectToAsk = statement('contractsToAsk', {
  sql: sqlFile(import.meta.url, 'contracts-to-ask.sql'),
  params: { merchant: 'text', account: 'text', after: 'text', pause: 'boolean', most: 'int' },
  row: { id: text, clock: text.nullable() },
});

/** The next contracts of an account that have to pause (`pause`) or to resume. */
export function contractsToAsk(
  db: Db,
  merchant: MerchantId,
  account: string,
  of: { readonly after: string; readonly pause: boolean; readonly most: number },
): Promise<{ readonly id: string; readonly clock: string | null }[]> {
  return selectToAsk.rows(db, { merchant, account, ...of });
}

const selectNotStarted = statement('contractsNotStarted', {
  sql: `select id from contracts c where c.merchant_id = :merchant and c.account_id = :account and c.phase = 'ordered'
    order by c.id limit 10`,
  params: { merchant: 'text', account: 'text' },
  row: { id: text },
});

/** Contracts of an account that have not started, at most ten. */
export async function notStarted(db: Db, merchant: MerchantId, account: string): Promise<string[]> {
  return (await selectNotStarted.rows(db, { merchant, account })).map(({ id }) => id);
}

const updateState = statement('setAccountState', {
  sql: `
    update billing_accounts set deactivated_at = :at
    where merchant_id = :merchant and id = :account and (deactivated_at is null) <> (:at::timestamptz is null)`,
  params: { merchant: 'text', account: 'text', at: 'timestamptz?' },
});

/** Deactivates an account at an instant, or activates it (null). Returns false if it was in that state already. */
export async function storeAccountState(
  tx: Tx,
  merchant: MerchantId,
  account: string,
  at: string | null,
): Promise<boolean> {
  return (await updateState.run(tx, { merchant, account, at })) > 0;
}
