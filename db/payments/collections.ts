import { z } from 'zod';
import { OPEN_ATTEMPT } from '../../domain/payments/attempt.ts';
import {
  COLLECTION_STATES,
  type CollectionState,
  UNFINISHED_COLLECTION,
} from '../../domain/payments/balance.ts';
import { bigint, instant, int, jsonText, list, text, truth } from '../platform/columns.ts';
import { type MerchantId, newId } from '../platform/ids.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { writeRows } from '../platform/write.ts';
import { attemptOfCase } from './cases.ts';

export const collectionState = z.enum(COLLECTION_STATES);

const accountCase = {
  id: text,
  accountId: text,
  customerId: text,
  clockId: text.nullable(),
  currency: text,
  cause: z.enum(['calendar', 'hand']),
  state: collectionState,
  noticeAt: instant.nullable(),
  dueAt: instant,
  thresholdMinor: bigint,
  dunningLevel: int,
  timeZone: text,
  /** Whether the account is deactivated. */
  onHold: truth,
  agendaDue: instant.nullable(),
  methodId: text.nullable(),
  provider: text.nullable(),
  /** Oldest first. */
  receivables: jsonText(list(z.strictObject({ id: text, amountMinor: bigint, openMinor: bigint }))),
  attempts: list(attemptOfCase),
};

/** A collection of an account with all data that decides its next step. */
export type CollectionOfAccount = RowOf<typeof accountCase>;

const OF_ACCOUNT = { merchant: 'text', account: 'text' } as const;

const selectCollections = statement('loadCollections', {
  sql: sqlFile(import.meta.url, 'load-collections.sql'),
  params: { merchant: 'text', collections: 'text[]' },
  row: accountCase,
});

/** Loads collections of accounts. The caller holds their account's lock. */
export function loadCollections(
  tx: Tx,
  merchant: MerchantId,
  collectionIds: readonly string[],
): Promise<CollectionOfAccount[]> {
  return selectCollections.rows(tx, { merchant, collections: collectionIds });
}

const selectOfReceivables = statement('collectionsOfReceivables', {
  sql: `
    select distinct l.id from collection_receivables x
    join collections l on l.merchant_id = x.merchant_id and l.id = x.collection_id
    where x.merchant_id = :merchant and x.receivable_id = any(:receivables) and l.state = any(:states)
    order by l.id`,
  params: { merchant: 'text', receivables: 'text[]', states: 'text[]' },
  row: { id: text },
});

/** The collections that a change of receivables may concern: those that are not finished, and those that may be charged back. */
export async function collectionsOfReceivables(
  tx: Tx,
  merchant: MerchantId,
  receivables: readonly string[],
): Promise<string[]> {
  const states = [...UNFINISHED_COLLECTION, 'collected'];
  return (await selectOfReceivables.rows(tx, { merchant, receivables, states })).map(({ id }) => id);
}

const selectOfAccount = statement('collectionsOfAccount', {
  sql: 'select id from collections where merchant_id = :merchant and account_id = :account and state = any(:states) order by id',
  params: { ...OF_ACCOUNT, states: 'text[]' },
  row: { id: text },
});

/** The collections of an account in some states. */
export async function collectionsOfAccount(
  tx: Tx,
  merchant: MerchantId,
  account: string,
  states: readonly CollectionState[],
): Promise<string[]> {
  return (await selectOfAccount.rows(tx, { merchant, account, states })).map(({ id }) => id);
}

const selectToCollect = statement('receivablesToCollect', {
  sql: sqlFile(import.meta.url, 'to-collect.sql'),
  params: { ...OF_ACCOUNT, byHand: 'boolean', open: 'text[]', unfinished: 'text[]' },
  row: { id: text, openMinor: bigint },
});

/** The open receivables of an account that a new collection takes, oldest first. The caller holds the account's lock. */
export function receivablesToCollect(
  tx: Tx,
  merchant: MerchantId,
  account: string,
  { byHand }: { readonly byHand: boolean },
): Promise<{ id: string; openMinor: bigint }[]> {
  const states = { open: OPEN_ATTEMPT, unfinished: UNFINISHED_COLLECTION };
  return selectToCollect.rows(tx, { merchant, account, byHand, ...states });
}

const selectHasOpen = statement('accountHasOpenAttempt', {
  sql: `select exists (select from attempts where merchant_id = :merchant and account_id = :account and state = any(:open)) as open`,
  params: { ...OF_ACCOUNT, open: 'text[]' },
  row: { open: z.boolean() },
});

/** Whether an attempt of an account is open. */
export async function hasOpenAttempt(tx: Tx, merchant: MerchantId, account: string): Promise<boolean> {
  return (await selectHasOpen.row(tx, { merchant, account, open: OPEN_ATTEMPT })).open;
}

/** A collection that is planned. */
export interface NewCollection {
  readonly accountId: string;
  readonly currency: string;
  readonly cause: 'calendar' | 'hand';
  readonly noticeAt: string | null;
  readonly dueAt: string;
  readonly at: string;
}

/** Plans a collection, and returns its id. The caller holds the account's lock. */
export async function insertCollection(
  tx: Tx,
  merchant: MerchantId,
  planned: NewCollection,
): Promise<string> {
  const id = newId('collection');
  await writeRows(tx, 'insertCollection', {
    collections: [
      {
        merchant_id: merchant,
        id,
        account_id: planned.accountId,
        cause: planned.cause,
        state: 'planned',
        notice_at: planned.noticeAt,
        due_at: planned.dueAt,
        currency: planned.currency,
        asked_at: planned.at,
      },
    ],
  });
  return id;
}

const updateDays = statement('moveCollection', {
  sql: `update collections set notice_at = :noticeAt, due_at = :dueAt
    where merchant_id = :merchant and id = :collection and state = 'planned'`,
  params: { merchant: 'text', collection: 'text', noticeAt: 'timestamptz?', dueAt: 'timestamptz' },
});

/** Moves a planned collection to other days. */
export async function moveCollection(
  tx: Tx,
  merchant: MerchantId,
  collection: string,
  days: { readonly noticeAt: string | null; readonly dueAt: string },
): Promise<void> {
  await updateDays.run(tx, { merchant, collection, ...days });
}

const updateOpened = statement('openCollection', {
  sql: `update collections set state = :state, amount_minor = :amount, threshold_minor = :threshold, due_at = :dueAt,
      dunning_level = :level, noticed_at = case when :state = 'noticed' then :at::timestamptz end,
      ended_at = case when :state in ('noticed', 'collecting') then null else :at::timestamptz end
    where merchant_id = :merchant and id = :collection`,
  params: {
    merchant: 'text',
    collection: 'text',
    state: 'text',
    amount: 'bigint',
    threshold: 'bigint',
    dueAt: 'timestamptz',
    level: 'int',
    at: 'timestamptz',
  },
});

/** Opens a collection: stores the receivables that it takes, and the amounts by which it is decided. */
export async function storeOpened(
  tx: Tx,
  merchant: MerchantId,
  collection: string,
  opened: {
    readonly state: CollectionState;
    readonly receivables: readonly { readonly id: string; readonly openMinor: bigint }[];
    readonly amountMinor: bigint;
    readonly thresholdMinor: bigint;
    readonly dueAt: string;
    readonly dunningLevel: number;
    readonly at: string;
  },
): Promise<void> {
  await writeRows(tx, 'storeReceivablesOfCollection', {
    collection_receivables: opened.receivables.map(({ id, openMinor }) => ({
      merchant_id: merchant,
      collection_id: collection,
      receivable_id: id,
      amount_minor: openMinor,
    })),
  });
  await updateOpened.run(tx, {
    merchant,
    collection,
    state: opened.state,
    amount: opened.amountMinor,
    threshold: opened.thresholdMinor,
    dueAt: opened.dueAt,
    level: opened.dunningLevel,
    at: opened.at,
  });
}

const updateState = statement('setCollectionState', {
  sql: `update collections set state = :state, ended_at = case when :ended then coalesce(ended_at, :at::timestamptz) end
    where merchant_id = :merchant and id = any(:collections)`,
  params: { merchant: 'text', collections: 'text[]', state: 'text', ended: 'boolean', at: 'timestamptz' },
});

/** Stores the state of collections. */
export async function setCollectionState(
  tx: Tx,
  merchant: MerchantId,
  collections: readonly string[],
  { state, at }: { readonly state: CollectionState; readonly at: string },
): Promise<void> {
  const ended = state !== 'planned' && !UNFINISHED_COLLECTION.includes(state);
  await updateState.run(tx, { merchant, collections, state, ended, at });
}

const updateLevel = statement('setDunningLevelOfCollection', {
  sql: 'update collections set dunning_level = :level where merchant_id = :merchant and id = :collection',
  params: { merchant: 'text', collection: 'text', level: 'int' },
});

export async function setCollectionLevel(
  tx: Tx,
  merchant: MerchantId,
  collection: string,
  level: number,
): Promise<void> {
  await updateLevel.run(tx, { merchant, collection, level });
}

const contractOfAccount = { id: text, pausedForDunning: z.boolean(), othersDunned: z.boolean() };

const selectContracts = statement('contractsOfCollection', {
  sql: `
    select c.id, paused_for_dunning(c) as "pausedForDunning",
      exists (
        select from receivables o
        where o.merchant_id = c.merchant_id and o.contract_id = c.id and o.open_minor > 0 and o.dunning_level >= :pauseLevel
      ) or exists (
        select from collections l
        where l.merchant_id = c.merchant_id and l.account_id = c.account_id and l.id <> :collection
          and l.dunning_level >= :pauseLevel and l.ended_at is null
      ) as "othersDunned"
    from contracts c
    where c.merchant_id = :merchant and c.account_id = :account and c.phase <> 'ended'
    order by c.id`,
  params: { ...OF_ACCOUNT, collection: 'text', pauseLevel: 'int' },
  row: contractOfAccount,
});

/** The contracts of an account that have not ended, for the dunning of one of its collections. */
export function contractsOfCollection(
  db: Db,
  merchant: MerchantId,
  of: { readonly accountId: string; readonly id: string; readonly pauseLevel: number },
): Promise<RowOf<typeof contractOfAccount>[]> {
  const { accountId: account, id: collection, pauseLevel } = of;
  return selectContracts.rows(db, { merchant, account, collection, pauseLevel });
}
