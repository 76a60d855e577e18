import { FOREVER, type Instant, dateAt, earlier, later } from '../../domain/arithmetic/calendar.ts';
import { periodsIn } from '../../domain/billing/due.ts';
import { type Gridded, behindOf, wasCut } from '../../domain/contracts/grids.ts';
import { cmp, dec, decText, max } from '../../domain/arithmetic/money.ts';
import { type PriceModel, price, roundParts } from '../../domain/catalogue/pricing.ts';
import { type Range, isEmpty } from '../../domain/arithmetic/ranges.ts';
import type { Keyed } from '../platform/batches.ts';
import { interval } from '../catalogue/fragments.ts';
import { REVISIONS } from '../contracts/fragments.ts';
import type { Finding } from './finding.ts';
import { CALENDAR, type Calendar, rangeText } from './history.ts';
import { checkOfRows } from './slices.ts';

/** A revision of a metered component subscription. Its pricing is what usage is priced by. */
interface MeteredItem extends Gridded {
  readonly id: string;
  readonly effectiveAt: Instant;
  readonly endsAt: Instant | null;
  readonly included: string | null;
  readonly cap: string | null;
  readonly model: PriceModel;
}

interface RatedRow {
  readonly itemId: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** As it was rated last, and as its events add up now. */
  readonly total: string;
  readonly counted: string;
  readonly reopened: boolean;
  /** What all of its lines come to. */
  readonly billedMinor: string;
}

interface SubscriptionRow extends Keyed, Calendar {
  readonly currency: string;
  /** By revision; null of what is not metered. */
  readonly items: readonly MeteredItem[] | null;
  readonly periods: readonly RatedRow[] | null;
}

interface Subscription extends SubscriptionRow {
  readonly items: readonly MeteredItem[];
  readonly periods: readonly RatedRow[];
}

const ITEMS = `(select jsonb_agg(jsonb_build_object('id', i.id, 'anchor', i.anchor_date, 'effectiveAt', iso(i.effective_at),
    'endsAt', iso(least(i.ends_at, i.superseded_at)), 'included', coalesce(i.included, m.included)::text, 'cap', m.cap::text,
    'model', m.price_model, 'pricing', jsonb_build_object('interval', ${interval('m', 'interval')}, 'mode', m.payment_mode,
      'standalone', m.standalone)) order by i.revision)
  from ${REVISIONS} i join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
  where i.subscription_id = s.id and i.quantity is not null and m.aggregation is not null)`;

const PERIODS = `(select coalesce(jsonb_agg(jsonb_build_object('itemId', x.item_id, 'startsAt', iso(x.starts), 'endsAt', iso(x.ends),
    'total', x.total::text, 'counted', coalesce(add_up_usage(s.merchant_id, s.id, x.starts, x.ends, x.aggregation), 0)::text, 'reopened', x.reopened,
    'billedMinor', (select coalesce(sum(l.amount_minor), 0)::text from charges l
        join items li on li.merchant_id = l.merchant_id and li.id = l.item_id
      where l.merchant_id = s.merchant_id and l.contract_id = s.contract_id and l.kind = 'usage' and l.starts_at = x.starts
        and li.subscription_id = s.id)) order by x.starts), '[]')
  from (select p.item_id, p.starts_at as starts, p.ends_at as ends, p.total, p.reopened, p.subscription_id as subscription, m.aggregation
    from metered_periods p join items i on i.merchant_id = p.merchant_id and i.id = p.item_id
    join component_versions m on m.merchant_id = i.merchant_id and m.id = i.component_version_id
    where p.merchant_id = s.merchant_id and p.subscription_id = s.id) x)`;

const sql = (
  part: string,
): string => `select s.merchant_id, s.id, g.currency, ${CALENDAR}, case k.kind when 'metered' then ${ITEMS} end as items,
      case k.kind when 'metered' then ${PERIODS} end as periods
    from ${part} s join components k on k.merchant_id = s.merchant_id and k.id = s.component_id
    join contracts c on c.merchant_id = s.merchant_id and c.id = s.contract_id
    join plan_groups g on g.merchant_id = c.merchant_id and g.id = c.plan_group_id
    join variant_versions v on v.merchant_id = c.merchant_id and v.id = c.variant_version_id
    order by s.merchant_id, s.id`;

/** The rated periods of usage tile its time, each comes to what its events add up to, and its lines to their price. */
export const meteredChecks = checkOfRows<SubscriptionRow>({
  name: 'metered',
  table: 'component_subscriptions',
  size: 50,
  sql,
  findings,
});

function* findings({ items, periods, ...row }: SubscriptionRow): Generator<Finding> {
  if (items === null || periods === null) return;
  const subscription = { ...row, items, periods };
  yield* tiles(subscription);
  for (const period of periods) yield* ratedWrongly(subscription, period);
}

/** A period as it must have been rated, and in whose terms. */
interface Expected extends Range {
  readonly itemId: string;
}

/** Periods of each anchor, from booking, or the end of the trial, to the last bill run, or to the end. */
function expectedOf(subscription: Subscription): Expected[] {
  const anchors = new Set(subscription.items.map((item) => item.anchor));
  return [...anchors].flatMap((anchor) =>
    expectedOn(
      subscription,
      subscription.items.filter((item) => item.anchor === anchor),
    ),
  );
}

function expectedOn(subscription: Subscription, items: readonly MeteredItem[]): Expected[] {
  const { zone, settledThrough, ended, trialEndsAt } = subscription;
  const [first, last] = [items[0], items.at(-1)];
  if (first === undefined || last === undefined) return [];
  const booked = subscription.items.at(-1)?.endsAt ?? null;
  const billed = behindOf(subscription, first, booked, dateAt(settledThrough, zone));
  const closed = ended || wasCut(subscription, first) ? FOREVER : billed;
  const start = later(first.effectiveAt, trialEndsAt ?? '');
  const span = { start, end: earlier(last.endsAt ?? FOREVER, closed) };
  if (isEmpty(span)) return [];
  return periodsIn(zone, first, span).map((period) => {
    const [startsAt, endsAt] = [later(period.start, span.start), earlier(period.end, span.end)];
    const item = items.findLast((each) => each.effectiveAt < endsAt) ?? first;
    return { start: startsAt, end: endsAt, itemId: item.id };
  });
}

function tiles(subscription: Subscription): Finding[] {
  const expected = expectedOf(subscription);
  const { periods } = subscription;
  const rated = (one: Expected): boolean =>
    periods.some(({ startsAt, endsAt }) => startsAt === one.start && endsAt === one.end);
  const missing = expected.filter((one) => !rated(one));
  const misplaced = periods.filter(
    (period) =>
      !expected.some(
        (one) => one.start === period.startsAt && one.end === period.endsAt && one.itemId === period.itemId,
      ),
  );
  return [
    ...missing.map((one) => finding('period_not_rated', subscription, rangeText(subscription, one))),
    ...misplaced.map((period) =>
      finding(
        'period_misplaced',
        subscription,
        `no period of item ${period.itemId} is ${rangeText(subscription, rangeOf(period))}`,
      ),
    ),
  ];
}

const rangeOf = ({ startsAt, endsAt }: RatedRow): Range => ({ start: startsAt, end: endsAt });

/** A period that late usage has opened again comes to something else until its next bill. */
function ratedWrongly(subscription: Subscription, period: RatedRow): Finding[] {
  const { total, counted, reopened, billedMinor } = period;
  const when = rangeText(subscription, rangeOf(period));
  const item = subscription.items.find((each) => each.id === period.itemId);
  const cost = item === undefined ? null : costOf(item, total, subscription.currency);
  const wrong = [
    ...(reopened || cmp(dec(total), dec(counted)) === 0
      ? []
      : [`${when}: rated are ${total}, the events add up to ${counted}`]),
    ...(cost === null || cost === BigInt(billedMinor)
      ? []
      : [`${when}: its lines come to ${billedMinor}, ${total} cost ${cost}`]),
  ];
  return wrong.map((message) => finding('usage_differs', subscription, message));
}

/** What a period's total costs; below zero it is rated as nothing. */
function costOf({ model, included, cap }: MeteredItem, total: string, currency: string): bigint {
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  const parts = price(model, decText(max(dec(total), dec(0))), options);
  return roundParts(parts, currency, cap ?? undefined).reduce((sum, { minor }) => sum + minor, 0n);
}

function finding(check: string, { merchant_id, id }: Subscription, message: string): Finding {
  return { check, merchant_id, id, message };
}
