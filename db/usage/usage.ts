import { z } from 'zod';
import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { UsageEvent, UsageTimeline } from '../../domain/usage/judge.ts';
import type { UsageGrids } from '../../domain/usage/periods.ts';
import { DomainError } from '../../domain/errors.ts';
import { aggregation, interval } from '../catalogue/terms-schema.ts';
import { bigint, date, decimal, instant, int, list, text, truth } from '../platform/columns.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor, cut, listStatement } from '../platform/page.ts';
import type { Db } from '../platform/pool.ts';
import { type RowOf, sqlFile, statement } from '../platform/statement.ts';

const selectComponents = statement('componentsNamed', {
  sql: `
    select x.reference, c.id
    from unnest(:references) as x(reference)
    join components c on c.merchant_id = :merchant and (c.id = x.reference or c.external_id = x.reference)
    order by c.id = x.reference`,
  params: { merchant: 'text', references: 'text[]' },
  row: { reference: text, id: text },
});

/** The ids of components by what a request calls them: their id, or else their external id. Those that do not exist are missing. */
export async function componentsNamed(
  db: Db,
  merchant: MerchantId,
  references: readonly string[],
): Promise<Map<string, string>> {
  const found = await selectComponents.rows(db, { merchant, references });
  return new Map(found.map(({ reference, id }) => [reference, id]));
}

/** All that usage of components is judged by, and what its periods are counted by. */
export interface LoadedUsage {
  readonly timeline: Omit<UsageTimeline, 'now'>;
  readonly grids: UsageGrids;
  /** Which of the event ids are known. */
  readonly known: readonly UsageEvent[];
  readonly settledThrough: Instant;
  /** Of the contract's row: as long as it is this one, nothing of the above but events has changed. */
  readonly version: string;
}

const booked = z.strictObject({
  subscriptionId: text,
  componentId: text,
  aggregation: aggregation.nullable(),
  startsAt: instant,
  endsAt: instant.nullable(),
  anchor: date,
  interval,
});

const event: z.ZodType<UsageEvent> = z.strictObject({
  eventId: text,
  subscriptionId: text,
  at: instant,
  quantity: decimal,
  value: text.nullable(),
  reported: z.strictObject({
    eventId: text,
    componentId: text,
    quantity: z.union([text, z.number()]).nullable(),
    at: text,
    value: text.nullable(),
  }),
});

const selectUsage = statement('loadUsage', {
  sql: sqlFile(import.meta.url, 'load-usage.sql'),
  params: { merchant: 'text', contract: 'text', components: 'text[]', events: 'text[]' },
  row: {
    startsAt: instant,
    ended: truth,
    pauses: list(z.strictObject({ startsAt: instant, endsAt: instant.nullable() })),
    booked: list(booked),
    known: list(event),
    settledThrough: instant,
    version: text,
    zone: text,
    trialEndsAt: instant.nullable(),
  },
});

/** Loads what usage of components is judged by, in one statement. */
export async function loadUsage(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  { components, eventIds }: { components: readonly string[]; eventIds: readonly string[] },
): Promise<LoadedUsage> {
  const { known, settledThrough, version, zone, trialEndsAt, ...timeline } = await selectUsage.row(db, {
    merchant,
    contract: contractId,
    components,
    events: eventIds,
  });
  const grids = { zone, trialEndsAt, revisions: timeline.booked };
  return { timeline, grids, known, settledThrough, version };
}

const stored = {
  /** Fewer than were sent where others have stored events of the same ids meanwhile. */
  stored: int,
  /** Whether rated periods were opened again that were not open. */
  reopened: truth,
};

/** How usage was stored. */
export type StoredUsage = RowOf<typeof stored>;

const STORE = sqlFile(import.meta.url, 'store-usage.sql');
const STORED = 'exists (select from free) as free, (select count(*)::int from stored) as stored';
const ofStore = {
  params: { merchant: 'text', contract: 'text', events: 'jsonb', now: 'timestamptz', version: 'text?' },
  row: { free: truth, ...stored },
} as const;

/** Names no period, and so locks none. */
const insertUsage = statement('storeUsage', {
  sql: `${STORE} select ${STORED}, false as reopened`,
  ...ofStore,
});

const insertAndReopen = statement('storeUsageAndReopen', {
  sql: `${STORE},
    opened as (
      update metered_periods p set reopened = true
      from late
      where not late.reopened and p.merchant_id = :merchant and p.subscription_id = late.subscription_id
        and p.starts_at = late.starts_at
      returning 1)
    select ${STORED}, exists (select from opened) as reopened`,
  ...ofStore,
});

/**
 * Stores usage in the order in which it came, and opens the rated periods that it lies in again; in one statement. Its
 * totals are locked, and are added up by the database.
 * @param version of the contract, where that is not locked; then null is answered, and nothing is stored, if it is another
 *   one by now, or if a period is rated
 */
export async function storeUsage(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  events: readonly UsageEvent[],
  { now, version }: { readonly now: Instant; readonly version: string | null },
): Promise<StoredUsage | null> {
  const store = version === null ? insertAndReopen : insertUsage;
  const { free, ...stored } = await store.row(db, { merchant, contract: contractId, events, now, version });
  return free ? stored : null;
}

const usage = {
  cursor_key: text,
  event_id: text,
  component: text,
  subscription: text,
  at: instant,
  quantity: decimal,
  value: text.nullable(),
  recorded_at: instant,
};

const selectPage = statement('usageOfContract', {
  sql: `
    select e.seq::text as cursor_key, e.event_id, s.component_id as component, e.subscription_id as subscription,
      e.at, e.quantity, e.value, e.recorded_at
    from usage_events e
    join component_subscriptions s on s.merchant_id = e.merchant_id and s.id = e.subscription_id
    where e.merchant_id = :merchant and e.contract_id = :contract and e.seq > :after
      and (:component is null or s.component_id = :component)
      and (:from is null or e.at >= :from) and (:to is null or e.at < :to)
    order by e.seq limit :limit`,
  params: {
    merchant: 'text',
    contract: 'text',
    after: 'bigint',
    component: 'text?',
    from: 'timestamptz?',
    to: 'timestamptz?',
    limit: 'int',
  },
  row: usage,
});

/**
 * The usage of a contract in the order in which it came; `from` and `to` bound its instants.
 * @throws DomainError invalid_request for a cursor that is not one of ours
 */
export async function listUsage(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  filter: { readonly component?: string; readonly from?: string; readonly to?: string },
  { limit, cursor }: PageOf,
): Promise<Page<RowOf<typeof usage>>> {
  const after = cursor === undefined ? '0' : afterCursor(cursor);
  if (!/^\d{1,18}$/.test(after)) {
    throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
  }
  const { component = null, from = null, to = null } = filter;
  const of = { merchant, contract: contractId, component, from, to };
  return cut(
    await selectPage.rows(db, { ...of, after: BigInt(after), limit: limit + 1 }),
    limit,
    'cursor_key',
  );
}

const ratedPeriod = {
  cursor_key: text,
  subscription: text,
  component: text,
  name: text,
  aggregation,
  starts_at: instant,
  ends_at: instant,
  total: decimal,
  amount_minor: bigint,
  reopened: truth,
};

const listRated = listStatement('ratedPeriods', {
  sql: sqlFile(import.meta.url, 'rated-periods.sql'),
  params: { merchant: 'text', contract: 'text' },
  row: ratedPeriod,
  key: 'cursor_key',
});

/** The metered periods of a contract that were rated, oldest first, and what all lines of each come to. */
export function listRatedPeriods(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  page: PageOf,
): Promise<Page<RowOf<typeof ratedPeriod>>> {
  return listRated.page(db, { merchant, contract: contractId }, page);
}
