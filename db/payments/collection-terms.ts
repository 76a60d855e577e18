import { z } from 'zod';
import { runCalendar } from '../books/accounts.ts';
import { bigint, instant, int, jsonText, list, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, listStatement } from '../platform/page.ts';
import type { Db, Tx } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';
import { collectionState } from './collections.ts';

const terms = {
  accountId: text,
  customerId: text,
  clockId: text.nullable(),
  currency: text,
  zone: text,
  by: z.enum(['invoice', 'balance']),
  calendar: runCalendar.nullable(),
  thresholdMinor: bigint,
  noticeDays: int,
  hasMethod: truth,
};

/** How an account collects. */
export type CollectionTerms = RowOf<typeof terms>;

const OF_ACCOUNT = { merchant: 'text', account: 'text' } as const;

const selectTerms = statement('collectionTerms', {
  sql: `
    select a.id as "accountId", a.customer_id as "customerId", a.clock_id as "clockId", a.currency, a.time_zone as zone,
      a.collect_by as by,
      case when a.collect_unit is not null then json_build_object(
        'anchor', a.collect_anchor, 'every', json_build_object('unit', a.collect_unit, 'count', a.collect_count)) end as calendar,
      a.collect_threshold_minor as "thresholdMinor", a.collect_notice_days as "noticeDays",
      exists (
        select from payment_methods m
        where m.merchant_id = a.merchant_id and m.id = a.payment_method_id and m.removed_at is null
      ) as "hasMethod"
    from billing_accounts a
    where a.merchant_id = :merchant and a.id = :account`,
  params: OF_ACCOUNT,
  row: terms,
});

export function loadCollectionTerms(db: Db, merchant: MerchantId, account: string): Promise<CollectionTerms> {
  return selectTerms.row(db, { merchant, account });
}

const updateTerms = statement('storeCollectionTerms', {
  sql: `
    update billing_accounts set collect_by = :by, collect_unit = :unit, collect_count = :count, collect_anchor = :anchor,
      collect_threshold_minor = :threshold, collect_notice_days = :noticeDays
    where merchant_id = :merchant and id = :account`,
  params: {
    ...OF_ACCOUNT,
    by: 'text',
    unit: 'text?',
    count: 'int?',
    anchor: 'date?',
    threshold: 'bigint',
    noticeDays: 'int',
  },
});

/** Stores how an account collects. The caller holds the account's lock. */
export async function storeCollectionTerms(
  tx: Tx,
  merchant: MerchantId,
  account: string,
  to: Pick<CollectionTerms, 'by' | 'calendar' | 'thresholdMinor' | 'noticeDays'>,
): Promise<void> {
  const { unit = null, count = null } = to.calendar?.every ?? {};
  await updateTerms.run(tx, {
    merchant,
    account,
    by: to.by,
    unit,
    count,
    anchor: to.calendar?.anchor ?? null,
    threshold: to.thresholdMinor,
    noticeDays: to.noticeDays,
  });
}

const collectionView = {
  id: text,
  account: text,
  cause: z.enum(['calendar', 'hand']),
  state: collectionState,
  currency: text,
  notice_at: instant.nullable(),
  due_at: instant,
  noticed_at: instant.nullable(),
  amount_minor: bigint.nullable(),
  threshold_minor: bigint.nullable(),
  collected_minor: bigint,
  dunning_level: int,
  receivables: jsonText(
    list(z.strictObject({ invoice: text, number: text, amountMinor: bigint, openMinor: bigint })),
  ),
  attempts: list(text),
  asked_at: instant,
  ended_at: instant.nullable(),
};

/** A collection of an account as the API shows it. */
export type CollectionView = RowOf<typeof collectionView>;

const VIEW = sqlFile(import.meta.url, 'collection-view.sql');

const selectView = statement('collectionView', {
  sql: `${VIEW} and l.id = :collection`,
  params: { merchant: 'text', collection: 'text' },
  row: collectionView,
});

export function getCollection(db: Db, merchant: MerchantId, id: string): Promise<CollectionView | null> {
  return selectView.maybeRow(db, { merchant, collection: id });
}

const listViews = listStatement('collectionViews', {
  sql: `${VIEW} and l.account_id = :account`,
  params: OF_ACCOUNT,
  row: collectionView,
});

export function listCollections(
  db: Db,
  merchant: MerchantId,
  account: string,
  page: PageOf,
): Promise<Page<CollectionView>> {
  return listViews.page(db, { merchant, account }, page);
}
