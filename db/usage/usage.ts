import type { Instant } from '../../domain/arithmetic/calendar.ts';
import type { UsageEvent, UsageTimeline } from '../../domain/usage/judge.ts';
import type { GriddedUsage, UsageGrids } from '../../domain/usage/periods.ts';
import { DomainError } from '../../domain/errors.ts';
import { interval } from '../catalogue/fragments.ts';
import { REVISIONS } from '../contracts/fragments.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Page, type PageOf, afterCursor, cut, pageOf } from '../platform/page.ts';
import { type Db, row, rows } from '../platform/pool.ts';

/** The ids of components by what a request calls them: their id, or else their external id. Those that do not exist are missing. */
export async function componentsNamed(
  db: Db,
  merchant: MerchantId,
  references: readonly string[],
): Promise<Map<string, string>> {
  const found = await rows<{ reference: string; id: string }>(
    db,
    `select x.reference, c.id from unnest($2::text[]) as x(reference)
     join components c on c.merchant_id = $1 and (c.id = x.reference or c.external_id = x.reference)
     order by c.id = x.reference`,
    [merchant, references],
  );
  return new Map(found.map(({ reference, id }) => [reference, id]));
}

/** Every span in which the components were booked; a subscription's spans end where the next revision begins. */
const BOOKED = `(select coalesce(jsonb_agg(jsonb_build_object('subscriptionId', s.id, 'componentId', s.component_id,
    'aggregation', v.aggregation, 'startsAt', iso(i.effective_at), 'endsAt', iso(least(i.ends_at, i.superseded_at)),
    'anchor', i.anchor_date, 'interval', ${interval('v', 'interval')}) order by s.id, i.revision), '[]')
  from ${REVISIONS} i
  join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
  join component_versions v on v.merchant_id = i.merchant_id and v.id = i.component_version_id
  where i.quantity is not null and s.component_id = any($3))`;

const PAUSES = `(select coalesce(jsonb_agg(jsonb_build_object('startsAt', iso(f.starts_at), 'endsAt', iso(f.next_at))), '[]')
  from (select kind, starts_at, lead(starts_at) over (order by starts_at, id) as next_at
        from contract_phases where merchant_id = c.merchant_id and contract_id = c.id) f where f.kind = 'inactive')`;

const KNOWN = `(select coalesce(jsonb_agg(jsonb_build_object('eventId', e.event_id, 'subscriptionId', e.subscription_id,
    'at', iso(e.at), 'quantity', e.quantity::text, 'value', e.value, 'reported', e.reported)), '[]')
  from usage_events e where e.merchant_id = c.merchant_id and e.contract_id = c.id and e.event_id = any($4))`;

/** All that usage of components is judged by, and what its periods are counted by. */
export interface LoadedUsage {
  readonly timeline: Omit<UsageTimeline, 'now'>;
  readonly grids: UsageGrids;
  /** Which of the event ids are known. */
  readonly known: UsageEvent[];
  readonly settledThrough: Instant;
  /** Of the contract's row: as long as it is this one, nothing of the above but events has changed. */
  readonly version: string;
}

/** Loads what usage of components is judged by, in one statement. */
export async function loadUsage(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  { components, eventIds }: { components: readonly string[]; eventIds: readonly string[] },
): Promise<LoadedUsage> {
  const { known, settledThrough, version, zone, trialEndsAt, ...timeline } = await row<
    Omit<UsageTimeline, 'now' | 'booked'> &
      Omit<LoadedUsage, 'timeline' | 'grids'> &
      Omit<UsageGrids, 'revisions'> & { readonly booked: (UsageTimeline['booked'][number] & GriddedUsage)[] }
  >(
    db,
    `select c.starts_at as "startsAt", c.phase = 'ended' as ended, ${PAUSES} as pauses, ${BOOKED} as booked, ${KNOWN} as known,
       c.settled_through as "settledThrough", c.xmin::text as version, c.time_zone as zone, c.trial_ends_at as "trialEndsAt"
     from contracts c where c.merchant_id = $1 and c.id = $2`,
    [merchant, contractId, components, eventIds],
  );
  const grids = { zone, trialEndsAt, revisions: timeline.booked };
  return { timeline, grids, known, settledThrough, version };
}

const REOPEN = `update metered_periods p set reopened = true from late where not late.reopened
  and p.merchant_id = $1 and p.subscription_id = late.subscription_id and p.starts_at = late.starts_at returning 1`;

/** How usage was stored. */
export interface StoredUsage {
  /** Fewer than were sent where others have stored events of the same ids meanwhile. */
  readonly stored: number;
  /** Whether rated periods were opened again that were not open. */
  readonly reopened: boolean;
}

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
  const { free, ...stored } = await row<StoredUsage & { free: boolean }>(
    db,
    `with e as (select x.n, j.* from jsonb_array_elements($3::jsonb) with ordinality x(event, n),
         jsonb_to_record(x.event) as j("eventId" text, "subscriptionId" text, at timestamptz, quantity numeric, value text, reported jsonb)),
       late as (select p.subscription_id, p.starts_at, p.reopened from metered_periods p where p.merchant_id = $1 and p.contract_id = $2
         and exists (select from e where e."subscriptionId" = p.subscription_id and e.at >= p.starts_at and e.at < p.ends_at)),
       free as (select from contracts c where c.merchant_id = $1 and c.id = $2
         and ($5::text is null or (c.xmin::text = $5 and not exists (select from late)))),
       stored as (insert into usage_events (merchant_id, contract_id, event_id, subscription_id, at, quantity, value, reported, recorded_at)
         select $1, $2, "eventId", "subscriptionId", at, quantity, value, reported, $4 from e where exists (select from free) order by n
         on conflict do nothing returning 1),
       opened as (${version === null ? REOPEN : 'select where false'})
     select exists (select from free) as free, (select count(*)::int from stored) as stored, exists (select from opened) as reopened`,
    [merchant, contractId, JSON.stringify(events), now, version],
  );
  return free ? stored : null;
}

export interface UsageRow {
  readonly event_id: string;
  readonly component: string;
  readonly subscription: string;
  readonly at: string;
  readonly quantity: string;
  readonly value: string | null;
  readonly recorded_at: string;
}

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
): Promise<Page<UsageRow>> {
  const after = cursor === undefined ? '0' : afterCursor(cursor);
  if (!/^\d{1,18}$/.test(after)) {
    throw new DomainError('invalid_request', 'not a cursor of this list', { field: 'cursor' });
  }
  const found = await rows<UsageRow & { cursor_key: string }>(
    db,
    `select e.seq::text as cursor_key, e.event_id, s.component_id as component, e.subscription_id as subscription,
       e.at, e.quantity, e.value, e.recorded_at
     from usage_events e join component_subscriptions s on s.merchant_id = e.merchant_id and s.id = e.subscription_id
     where e.merchant_id = $1 and e.contract_id = $2 and e.seq > $3 and ($4::text is null or s.component_id = $4)
       and ($5::timestamptz is null or e.at >= $5) and ($6::timestamptz is null or e.at < $6)
     order by e.seq limit $7`,
    [
      merchant,
      contractId,
      after,
      filter.component ?? null,
      filter.from ?? null,
      filter.to ?? null,
      limit + 1,
    ],
  );
  return cut(found, limit);
}

export interface RatedPeriodRow {
  readonly subscription: string;
  readonly component: string;
  readonly name: string;
  readonly aggregation: 'sum' | 'max' | 'last' | 'unique';
  readonly starts_at: string;
  readonly ends_at: string;
  readonly total: string;
  readonly amount_minor: bigint;
  readonly reopened: boolean;
}

/** The metered periods of a contract that were rated, oldest first, and what all lines of each come to. */
export function listRatedPeriods(
  db: Db,
  merchant: MerchantId,
  contractId: string,
  page: PageOf,
): Promise<Page<RatedPeriodRow>> {
  return pageOf<RatedPeriodRow>(
    db,
    `select iso(p.starts_at) || p.subscription_id as cursor_key, p.subscription_id as subscription, s.component_id as component,
       v.name, v.aggregation, p.starts_at, p.ends_at, p.total, p.reopened,
       (select coalesce(sum(l.amount_minor), 0)::bigint from items x
         join charges l on l.merchant_id = x.merchant_id and l.item_id = x.id and l.kind = 'usage' and l.starts_at = p.starts_at
         where x.merchant_id = p.merchant_id and x.contract_id = p.contract_id and x.subject = p.subscription_id) as amount_minor
     from metered_periods p
     join component_subscriptions s on s.merchant_id = p.merchant_id and s.id = p.subscription_id
     join items i on i.merchant_id = p.merchant_id and i.id = p.item_id
     join component_versions v on v.merchant_id = i.merchant_id and v.id = i.component_version_id
     where p.merchant_id = $1 and p.contract_id = $2`,
    [merchant, contractId],
    page,
  );
}
