import { FOREVER, type Instant, dateAt, startOfDay } from '../../domain/arithmetic/calendar.ts';
import type { Gridded } from '../../domain/contracts/grids.ts';
import type { Proration, Terms } from '../../domain/contracts/state.ts';
import type { Range } from '../../domain/arithmetic/ranges.ts';
import type { Keyed } from '../platform/batches.ts';
import { interval, lengthOf } from '../catalogue/fragments.ts';
import { REVISIONS } from '../contracts/fragments.ts';

/** The facts that periods and bill runs are computed from. */
export interface Calendar {
  readonly zone: string;
  readonly anchor: string;
  readonly terms: Pick<Terms, 'billingInterval' | 'feeInterval'>;
  readonly trialEndsAt: Instant | null;
  readonly settledThrough: Instant;
  readonly ended: boolean;
}

/** A revision of something recurring that is not metered, until its own end or its successor. */
export interface Revision extends Gridded {
  readonly id: string;
  readonly subject: string;
  readonly effectiveAt: Instant;
  readonly endsAt: Instant | null;
}

/** A recurring line in its first part only: the tiers of one price cover the same days. */
export interface CoverLine {
  readonly id: string;
  readonly subject: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly credited: readonly { readonly startsAt: Instant; readonly endsAt: Instant }[];
}

/** All that a contract was, and what was billed of it. */
export interface History extends Keyed, Calendar {
  /** The first scheduled change, or the end of a term that does not renew: lines need not reach beyond it. */
  readonly knownUntil: Instant | null;
  readonly phases: readonly {
    readonly kind: string;
    readonly startsAt: Instant;
    readonly proration: Proration;
  }[];
  /** By subject and revision. */
  readonly items: readonly Revision[];
  readonly lines: readonly CoverLine[];
}

/** Columns of a `Calendar`; `c` is the contract's row, `v` that of its variant's version. */
export const CALENDAR = `c.time_zone as zone, c.anchor_date as anchor, c.trial_ends_at as "trialEndsAt",
  c.settled_through as "settledThrough", c.phase = 'ended' as ended,
  jsonb_build_object('feeInterval', ${interval('v', 'fee_interval')}, 'billingInterval', ${interval('v', 'billing_interval')}) as terms`;

const ITEMS = `(select coalesce(jsonb_agg(jsonb_build_object('id', i.id, 'subject', i.subject, 'anchor', i.anchor_date,
    'effectiveAt', iso(i.effective_at), 'endsAt', iso(least(i.ends_at, i.superseded_at)), 'pricing', jsonb_build_object(
      'interval', case when m.id is null then ${interval('f', 'fee_interval')} else ${interval('m', 'interval')} end,
      'mode', coalesce(m.payment_mode, 'pre_paid'), 'standalone', coalesce(m.standalone, false)))
    order by i.subject, i.revision), '[]')
  from ${REVISIONS} i left join variant_versions f on f.merchant_id = i.merchant_id and f.id = i.variant_version_id
  left join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
  where i.quantity is not null and m.aggregation is null)`;

/** The end of a term is a day of the contract's zone: a day earlier is safe, whatever the zone. */
const KNOWN_UNTIL = `iso(least((select min(due_at) from scheduled_changes x where x.merchant_id = c.merchant_id and x.contract_id = c.id
    and x.state = 'scheduled'), case when v.term_unit is not null and v.renewal_unit is null
    then (c.term_start + ${lengthOf('v', 'term')}) at time zone 'UTC' - interval '1 day' end))`;

/** The histories of contracts. */
export const historiesOf = (
  part: string,
): string => `select c.merchant_id, c.id, ${CALENDAR}, ${KNOWN_UNTIL} as "knownUntil",
    (select coalesce(jsonb_agg(jsonb_build_object('kind', p.kind, 'startsAt', iso(p.starts_at), 'proration', w.proration)
        order by p.starts_at, p.id), '[]')
      from contract_phases p join variant_versions w on w.merchant_id = p.merchant_id and w.id = p.variant_version_id
      where p.merchant_id = c.merchant_id and p.contract_id = c.id) as phases,
    ${ITEMS} as items,
    (select coalesce(jsonb_agg(jsonb_build_object('id', l.id, 'subject', i.subject, 'startsAt', iso(l.starts_at), 'endsAt', iso(l.ends_at),
        'credited', (select coalesce(jsonb_agg(jsonb_build_object('startsAt', iso(r.starts_at), 'endsAt', iso(r.ends_at)) order by r.id), '[]')
          from charges r where r.merchant_id = l.merchant_id and r.reverses_id = l.id)) order by l.starts_at, l.id), '[]')
      from charges l join items i on i.merchant_id = l.merchant_id and i.id = l.item_id
      where l.merchant_id = c.merchant_id and l.contract_id = c.id and l.kind = 'recurring' and l.part = 0) as lines
  from ${part} c join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
  order by c.merchant_id, c.id`;

/** First instant of the local day of an instant; there is no such day of what never comes. */
export const dayOf = ({ zone }: Calendar, at: Instant): Instant =>
  at === FOREVER ? at : startOfDay(dateAt(at, zone), zone);

/** A range in the dates of the contract, and in its instants where it is not of whole days. */
export function rangeText(calendar: Calendar, { start, end }: Range): string {
  const whole = [start, end].every((at) => dayOf(calendar, at) === at);
  const text = (at: Instant): string => (whole && at !== FOREVER ? dateAt(at, calendar.zone) : at);
  return `${text(start)} to before ${text(end)}`;
}
