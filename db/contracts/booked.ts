import type { Instant } from '../../domain/arithmetic/calendar.ts';
import { sideOf } from '../../domain/contracts/grids.ts';
import type { ContractState, Proration } from '../../domain/contracts/state.ts';
import { type Json, parseJson } from '../books/account-context.ts';
import { lineTax } from '../books/charge-rows.ts';
import { componentPricing, feePricing, lengthOf } from '../catalogue/fragments.ts';
import { REVISIONS, itemJson } from './fragments.ts';
import type { MerchantId } from '../platform/ids.ts';
import { type Db, preparedRows, rows } from '../platform/pool.ts';

/** Of a contract's state, what its component subscriptions bring along. */
export type Booked = Pick<ContractState, 'items' | 'past' | 'suspended' | 'pauses' | 'reopened'>;

/** When a phase was begun, and how the variant prorates that it was begun under. */
interface PhaseStart {
  readonly startsAt: Instant;
  readonly proration: Proration;
}

type StoredBookings = Omit<Booked, 'pauses'> & {
  readonly pauses: readonly { readonly from: PhaseStart; readonly to: PhaseStart | null }[];
};

export const NOTHING_BOOKED: Booked = { items: [], past: [], suspended: [], pauses: [], reopened: [] };

/** Whether contract `c` has what `loadBooked` loads: those that pay a fee alone, and were never paused, have not. */
export const HAS_BOOKED = `(exists (select from component_subscriptions where merchant_id = c.merchant_id and contract_id = c.id)
  or exists (select from contract_phases where merchant_id = c.merchant_id and contract_id = c.id and kind = 'inactive'))`;

const item = (endsAt: string): string => itemJson('s.component_id', endsAt, componentPricing('icv', 'ic'));
const OF_ITEM = `join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
  left join component_versions icv on icv.merchant_id = i.merchant_id and icv.id = i.component_version_id
  join components ic on ic.merchant_id = s.merchant_id and ic.id = s.component_id`;

/** How far back a span of an item may begin that is not billed yet: generous, the domain knows exactly. */
const UNBILLED_SINCE = `c.settled_through - interval '3 days' - greatest(
  ${lengthOf('icv', 'interval')},
  ${lengthOf('v', 'billing_interval')})`;

const ITEMS = `(select coalesce(json_agg(${item('i.ends_at')}), '[]')
  from (select distinct on (subject) * from items where merchant_id = c.merchant_id and contract_id = c.id and subject <> 'fee'
        order by subject, revision desc) i ${OF_ITEM}
  where i.quantity is not null and (i.ends_at is null or i.ends_at > ${UNBILLED_SINCE}))`;

/** Revisions that are over, of what is paid in arrears: its last spans may still be owed. */
const PAST = `(select coalesce(json_agg(${item('least(i.ends_at, i.superseded_at)')}), '[]')
  from ${REVISIONS} i ${OF_ITEM}
  where i.subject <> 'fee' and i.quantity is not null and i.superseded_at is not null and icv.payment_mode = 'post_paid'
    and least(i.ends_at, i.superseded_at) > greatest(i.effective_at, ${UNBILLED_SINCE}))`;

const phase = (at: string, proration: string): string =>
  `json_build_object('startsAt', iso(${at}), 'proration', ${proration})`;

/**
 * Pauses that may reach into what is not billed yet, each with the phase that ends it. What is changed in a pause does
 * not begin it again. Where on their days they begin and end is for the domain to say.
 */
const PAUSES = `(select coalesce(json_agg(json_build_object('from', ${phase('f.starts_at', 'f.proration')},
    'to', case when f.next_at is not null then ${phase('f.next_at', 'f.next_proration')} end) order by f.starts_at, f.id), '[]')
  from (select k.id, k.kind, k.starts_at, k.proration, lead(k.starts_at) over (order by k.starts_at, k.id) as next_at,
          lead(k.proration) over (order by k.starts_at, k.id) as next_proration
        from (select h.*, x.proration, lag(h.kind) over (order by h.starts_at, h.id) as before_it
              from contract_phases h join variant_versions x on x.merchant_id = h.merchant_id and x.id = h.variant_version_id
              where h.merchant_id = c.merchant_id and h.contract_id = c.id) k
        where k.kind <> 'inactive' or k.before_it is distinct from 'inactive') f
  where f.kind = 'inactive' and (f.next_at is null or f.next_at > c.settled_through - interval '3 days' - (select max(x.length) from (
      select ${lengthOf('v', 'billing_interval')} as length
      union all select ${lengthOf('m', 'interval')} from component_subscriptions q
        join items n on n.merchant_id = q.merchant_id and n.contract_id = q.contract_id and n.subscription_id = q.id
        join component_versions m on m.merchant_id = n.merchant_id and m.id = n.component_version_id
        where q.merchant_id = c.merchant_id and q.contract_id = c.id) x)))`;

/** How the variant in force just before and at the end of an instant prorates; `h` are the contract's phases. */
const PRORATED = (at: string): string => `not exists (
  select from variant_versions x where x.merchant_id = c.merchant_id and x.proration = 'none' and x.id in (
    (select h.variant_version_id from contract_phases h where h.merchant_id = c.merchant_id and h.contract_id = c.id and h.starts_at < ${at}
      order by h.starts_at desc, h.id desc limit 1),
    (select h.variant_version_id from contract_phases h where h.merchant_id = c.merchant_id and h.contract_id = c.id and h.starts_at <= ${at}
      order by h.starts_at desc, h.id desc limit 1)))`;

/** When the pause that still goes on began, as it was asked for. */
const PAUSED_SINCE = `(select min(h.starts_at) from contract_phases h where h.merchant_id = c.merchant_id and h.contract_id = c.id
  and h.kind = 'inactive' and not exists (select from contract_phases o where o.merchant_id = c.merchant_id and o.contract_id = c.id
    and o.kind <> 'inactive' and (o.starts_at, o.id) > (h.starts_at, h.id)))`;

/** Revisions of what is paid in advance that a change in the pause has superseded or removed, each by the next one. */
const SUSPENDED = `(select coalesce(json_agg(${itemJson(
  's.component_id',
  'i.ends_at',
  `case when i.subject = 'fee' then ${feePricing('iv')} else ${componentPricing('icv', 'ic')} end`,
)} order by i.revision), '[]')
  from (select *, lead(recorded_at) over (partition by subject order by revision) as replaced_at
        from items where merchant_id = c.merchant_id and contract_id = c.id) i
  left join component_subscriptions s on s.merchant_id = i.merchant_id and s.id = i.subscription_id
  left join component_versions icv on icv.merchant_id = i.merchant_id and icv.id = i.component_version_id
  left join components ic on ic.merchant_id = s.merchant_id and ic.id = s.component_id
  left join variant_versions iv on iv.merchant_id = i.merchant_id and iv.id = i.variant_version_id
  where c.phase = 'inactive' and i.quantity is not null and i.replaced_at >= ${PAUSED_SINCE}
    and coalesce(icv.payment_mode, 'pre_paid') <> 'post_paid' and ${PRORATED('i.replaced_at')})`;

/** What was billed of a tier in all its lines; the newest says its price, the first its tax. */
const RATED_PARTS = `(select coalesce(json_agg(json_build_object('part', t.part, 'quantity', t.quantity::text, 'unitPrice', t.unit_price::text,
    'amountMinor', t.amount_minor::text, 'tax', t.tax) order by t.part), '[]')
  from (select l.part, (array_agg(l.derivation->'part'->>'quantity' order by l.id desc))[1] as quantity,
          (array_agg(l.derivation->'part'->>'unitPrice' order by l.id desc))[1] as unit_price, sum(l.amount_minor) as amount_minor,
          (array_agg(${lineTax('l')} order by l.id))[1] as tax
        from items li join charges l on l.merchant_id = li.merchant_id and l.item_id = li.id and l.kind = 'usage' and l.starts_at = r.starts_at
        where li.merchant_id = r.merchant_id and li.contract_id = r.contract_id and li.subject = r.subscription_id group by l.part) t)`;

const REOPENED = `(select coalesce(json_agg(json_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at),
    'reportedAt', iso(coalesce(
      (select t.reported_at from usage_totals t where t.merchant_id = r.merchant_id and t.subscription_id = r.subscription_id
        and t.starts_at = r.starts_at and t.ends_at = r.ends_at),
      (select max(e.recorded_at) from usage_events e where e.merchant_id = r.merchant_id
        and e.subscription_id = r.subscription_id and e.at >= r.starts_at and e.at < r.ends_at))),
    'item', ${item('null::timestamptz')}, 'parts', ${RATED_PARTS}, 'tax', r.tax) order by r.starts_at, r.subscription_id), '[]')
  from metered_periods r join items i on i.merchant_id = r.merchant_id and i.id = r.item_id ${OF_ITEM}
  where r.merchant_id = c.merchant_id and r.contract_id = c.id and r.reopened)`;

const BOOKED = `select c.time_zone, json_build_object('items', ${ITEMS}, 'past', ${PAST}, 'suspended', ${SUSPENDED}, 'pauses', ${PAUSES}, 'reopened', ${REOPENED})::text as booked
  from contracts c
  join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
  join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  where c.merchant_id = $1 and c.id = $2`;

/** What a contract has booked besides its fee, and the pauses that whatever is due must know. */
export async function loadBooked(db: Db, merchant: MerchantId, contractId: string): Promise<Booked> {
  const [found] = await preparedRows<{ time_zone: string; booked: Json<StoredBookings> }>(db, BOOKED, [
    merchant,
    contractId,
  ]);
  if (found === undefined) return NOTHING_BOOKED;
  const { pauses, ...booked } = parseJson(found.booked);
  const zone = { zone: found.time_zone };
  const beginningOf = (phase: PhaseStart): Instant => sideOf(zone, phase.startsAt, phase);
  return {
    ...booked,
    pauses: pauses.map(({ from, to }) => ({
      startsAt: beginningOf(from),
      endsAt: to === null ? null : beginningOf(to),
    })),
  };
}

/** The subscriptions of a component that have not ended by an instant, or begin after it; oldest first. */
export async function subscriptionsOf(
  db: Db,
  merchant: MerchantId,
  { contractId, componentId, now }: { contractId: string; componentId: string; now: Instant },
): Promise<string[]> {
  const found = await rows<{ id: string }>(
    db,
    `select s.id from component_subscriptions s join lateral (select i.quantity, i.ends_at from items i
       where i.merchant_id = s.merchant_id and i.contract_id = s.contract_id and i.subscription_id = s.id
       order by i.revision desc limit 1) newest on true
     where s.merchant_id = $1 and s.contract_id = $2 and s.component_id = $3 and newest.quantity is not null
       and (newest.ends_at is null or newest.ends_at > $4) order by s.id`,
    [merchant, contractId, componentId, now],
  );
  return found.map((each) => each.id);
}
