import { z } from 'zod';
import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { UsageEvent, UsageTimeline } from '../../domain/usage/decide.ts';
import type { UsageGrids } from '../../domain/usage/periods.ts';
import { DomainError } from '../../domain/errors.ts';
import { aggregation, interval } from '../catalogue/terms-schema.ts';
import { bigint, date, decimal, instant, int, list, schemaOf, text, truth } from '../platform/columns.ts';
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

/** The ids of components, by the id or external id that a request has for each. Components that do not exist are left out. */
export async function componentsNamed(
  db: Db,
  merchant: MerchantId,
  references: readonly string[],
): Promise<Map<string, string>> {
  const found = await selectComponents.rows(db, { merchant, references });
  return new Map(found.map(({ reference, id }) => [reference, id]));
}

/** The data that decides whether usage of components is accepted, and the grids of its periods. */
export interface LoadedUsage {
  readonly timeline: Omit<UsageTimeline, 'now'>;
  readonly grids: UsageGrids;
  /** The stored events that have one of the event ids. */
  readonly known: readonly UsageEvent[];
  readonly settledThrough: Instant;
  /** The version of the contract's row. While the row has this version, only `known` can have changed. */
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

const event = schemaOf<UsageEvent>()(
  z.strictObject({
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
  }),
);

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

/** Loads in one statement the data that decides whether usage of components is accepted. */
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
  /** How many events were stored. Events whose ids another request has stored meanwhile are not counted. */
  stored: int,
  /** Whether a rated period was reopened that was not open before. */
  reopened: truth,
};

/** The result of storing usage. */
export type StoredUsage = RowOf<typeof stored>;

const STORE = sqlFile(import.meta.url, 'store-usage.sql');
const STORED = 'exists (select from free) as free, (select count(*)::int from stored) as stored';
const ofStore = {
  params: { merchant: 'text', contract: 'text', events: 'jsonb', now: 'timestamptz', version: 'text?' },
  row: { free: truth, ...stored },
} as const;

/** Updates no metered period, and so locks none. */
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
 * Stores usage in order of arrival, and reopens the rated periods in which it lies, in one statement. The database locks and updates
 * the totals.
 * @param version the version of the contract's row; null if the contract is locked
 * @returns null if nothing was stored: without the lock, the row has changed since, or a period of the usage is rated
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
 * The usage of a contract in order of arrival, with instants in [`from`, `to`).
 * @throws DomainError invalid_request for a text that is not a cursor of this list
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

/** The rated metered periods of a contract, oldest first, each with the sum of its lines. */
export function listRatedPeriods(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  page: PageOf,
): Promise<Page<RowOf<typeof ratedPeriod>>> {
  return listRated.page(db, { merchant, contract: contractId }, page);
}
