import { z } from 'zod';
import { FOREVER, dateAt, earlier, later } from '../../domain/arithmetic/calendar.ts';
import { periodsIn } from '../../domain/billing/due.ts';
import { arrearsBilledUntil, wasCut } from '../../domain/contracts/grids.ts';
import { cmp, dec, decText, max } from '../../domain/arithmetic/money.ts';
import { price, roundParts } from '../../domain/catalogue/pricing.ts';
import { type Range, isEmpty } from '../../domain/arithmetic/ranges.ts';
import { priceModel } from '../catalogue/terms-schema.ts';
import { bigint, decimal, instant, jsonText, list, text, truth } from '../platform/columns.ts';
import { type RowOf, sqlFile } from '../platform/statement.ts';
import type { Finding } from './finding.ts';
import { calendar, rangeText, recurring } from './history.ts';
import { checkOfRows } from './slices.ts';

const meteredItem = z.strictObject({
  ...recurring,
  included: decimal.nullable(),
  cap: decimal.nullable(),
  model: priceModel,
});
/** A revision of a metered component subscription, with the pricing of its usage. */
type MeteredItem = z.output<typeof meteredItem>;

const ratedPeriod = z.strictObject({
  itemId: text,
  startsAt: instant,
  endsAt: instant,
  /** The total as it was rated last, and the total of its events now. */
  total: decimal,
  counted: decimal,
  reopened: truth,
  /** The sum of all its lines. */
  billedMinor: bigint,
});
type RatedPeriod = z.output<typeof ratedPeriod>;

const subscriptionRow = {
  merchant_id: text,
  id: text,
  currency: text,
  ...calendar,
  /** Ordered by revision; null if the component is not metered. */
  items: list(meteredItem).nullable(),
  periods: jsonText(list(ratedPeriod)).nullable(),
};
type SubscriptionRow = RowOf<typeof subscriptionRow>;

interface Subscription extends SubscriptionRow {
  readonly items: readonly MeteredItem[];
  readonly periods: readonly RatedPeriod[];
}

/** Checks that rated periods cover the time of a subscription without gaps, with the total of their events and lines of its price. */
export const meteredChecks = checkOfRows({
  name: 'metered',
  table: 'component_subscriptions',
  size: 50,
  sql: sqlFile(import.meta.url, 'metered.sql'),
  row: subscriptionRow,
  findings,
});

function* findings({ items, periods, ...row }: SubscriptionRow): Generator<Finding> {
  if (items === null || periods === null) return;
  const subscription = { ...row, items, periods };
  yield* tiles(subscription);
  for (const period of periods) yield* ratedWrongly(subscription, period);
}

/** A period that must have been rated, and the item whose terms it has. */
interface Expected extends Range {
  readonly itemId: string;
}

/** The periods of each anchor, from the booking or the end of the trial to the last bill run or the end. */
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
  const billed = arrearsBilledUntil(subscription, first, booked, dateAt(settledThrough, zone));
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

const rangeOf = ({ startsAt, endsAt }: RatedPeriod): Range => ({ start: startsAt, end: endsAt });

/** Checks the total and the price of a period. The total of a reopened period differs from its events until the next bill. */
function ratedWrongly(subscription: Subscription, period: RatedPeriod): Finding[] {
  const { total, counted, reopened, billedMinor } = period;
  const when = rangeText(subscription, rangeOf(period));
  const item = subscription.items.find((each) => each.id === period.itemId);
  const cost = item === undefined ? null : costOf(item, total, subscription.currency);
  const wrong = [
    ...(reopened || cmp(dec(total), dec(counted)) === 0
      ? []
      : [`${when}: the rated total is ${total}, the events add up to ${counted}`]),
    ...(cost === null || cost === billedMinor
      ? []
      : [`${when}: its lines add up to ${billedMinor}, a total of ${total} costs ${cost}`]),
  ];
  return wrong.map((message) => finding('usage_differs', subscription, message));
}

/** The price of a period's total. A total below zero is rated as zero. */
function costOf({ model, included, cap }: MeteredItem, total: string, currency: string): bigint {
  const options = { ...(included === null ? {} : { included }), ...(cap === null ? {} : { cap }) };
  const parts = price(model, decText(max(dec(total), dec(0))), options);
  return roundParts(parts, currency, cap ?? undefined).reduce((sum, { minor }) => sum + minor, 0n);
}

function finding(check: string, { merchant_id, id }: Subscription, message: string): Finding {
  return { check, merchant_id, id, message };
}
