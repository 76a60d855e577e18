import { z } from 'zod';
import { ATTEMPT_STATES } from '../../domain/payments/attempt.ts';
import { PAUSE_LEVEL } from '../../domain/payments/dunning.ts';
import { bigint, instant, int, list, merchant as merchantColumn, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

/** An attempt of a case. */
export const attemptOfCase = z.strictObject({
  id: text,
  n: int,
  state: z.enum(ATTEMPT_STATES),
  methodId: text,
  provider: text,
  effectiveAt: instant,
  sentAt: instant.nullable(),
  decidedAt: instant.nullable(),
  lookups: int,
});

const receivableCase = {
  id: text,
  accountId: text,
  customerId: text,
  contractId: text.nullable(),
  contractEnded: truth,
  clockId: text.nullable(),
  currency: text,
  openMinor: bigint,
  dunningLevel: int,
  /**
   * Whether the contract is or will be paused for dunning. The newest source counts: a command of collection that is not stored
   * yet, one that is not decided yet, or the contract itself.
   */
  pausedForDunning: truth,
  /** Whether another open receivable of the contract, or a collection of its account, has asked for the pause, too. */
  othersDunned: truth,
  /** Whether the account collects by balance, so that no attempt is planned for this receivable alone. */
  byBalance: truth,
  /** Whether a collection of the account has or had it. */
  inCollection: truth,
  timeZone: text,
  /** Whether the account is deactivated. */
  onHold: truth,
  agendaDue: instant.nullable(),
  methodId: text.nullable(),
  provider: text.nullable(),
  attempts: list(attemptOfCase),
};

/** A receivable with all data that decides how it is collected. */
export type ReceivableCase = RowOf<typeof receivableCase>;

const lockCases = statement('loadReceivableCases', {
  sql: sqlFile(import.meta.url, 'load-cases.sql'),
  params: { merchant: 'text', receivables: 'text[]', pauseLevel: 'int' },
  row: receivableCase,
  planned: true,
});

/** Locks and loads receivables, oldest first. The caller holds their account's lock. */
export function loadCases(
  tx: Tx,
  merchant: MerchantId,
  receivableIds: readonly string[],
): Promise<ReceivableCase[]> {
  return lockCases.rows(tx, { merchant, receivables: receivableIds, pauseLevel: PAUSE_LEVEL });
}

const collectedOwner = {
  merchant: merchantColumn,
  accountId: text,
  contractId: text.nullable(),
  clockId: text.nullable(),
  kind: z.enum(['receivable', 'collection']),
};

/** The merchant of a receivable or of an account's collection, with its account, contract and clock. */
export type CollectedOwner = RowOf<typeof collectedOwner>;

const selectOwner = statement('ownerOfCollected', {
  sql: `
    select r.merchant_id as merchant, r.account_id as "accountId", r.contract_id as "contractId", a.clock_id as "clockId",
      'receivable' as kind
    from receivables r
    join billing_accounts a on a.merchant_id = r.merchant_id and a.id = r.account_id
    where r.id = :id
    union all
    select l.merchant_id, l.account_id, null, a.clock_id, 'collection'
    from collections l
    join billing_accounts a on a.merchant_id = l.merchant_id and a.id = l.account_id
    where l.id = :id`,
  params: { id: 'text' },
  row: collectedOwner,
});

/** The owner of a receivable or of an account's collection, by its id alone; null if it was deleted with its test clock. */
export function ownerOfCollected(db: Db, id: string): Promise<CollectedOwner | null> {
  return selectOwner.maybeRow(db, { id });
}

const selectOpen = statement('openReceivableIds', {
  sql: 'select id from receivables where merchant_id = :merchant and account_id = :account and open_minor > 0',
  params: { merchant: 'text', account: 'text' },
  row: { id: text },
});

/** The ids of an account's open receivables. */
export async function openReceivableIds(tx: Tx, merchant: MerchantId, accountId: string): Promise<string[]> {
  const open = await selectOpen.rows(tx, { merchant, account: accountId });
  return open.map(({ id }) => id);
}

const updateLevel = statement('setDunningLevel', {
  sql: 'update receivables set dunning_level = :level where merchant_id = :merchant and id = :receivable',
  params: { merchant: 'text', receivable: 'text', level: 'int' },
});

export async function setDunningLevel(
  tx: Tx,
  merchant: MerchantId,
  receivableId: string,
  level: number,
): Promise<void> {
  await updateLevel.run(tx, { merchant, receivable: receivableId, level });
}
