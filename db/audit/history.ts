import { z } from 'zod';
import { FOREVER, type Instant, dateAt, startOfDay } from '../../domain/arithmetic/calendar.ts';
import type { Range } from '../../domain/arithmetic/ranges.ts';
import { interval, paymentMode, proration } from '../catalogue/terms-schema.ts';
import { date, instant, list, text, truth } from '../platform/columns.ts';
import type { RowOf } from '../platform/statement.ts';

/** The facts that periods and bill runs are computed from. */
export const calendar = {
  zone: text,
  anchor: date,
  terms: z.strictObject({ billingInterval: interval, feeInterval: interval }),
  trialEndsAt: instant.nullable(),
  settledThrough: instant,
  ended: truth,
};
export type Calendar = RowOf<typeof calendar>;

/** A recurring item. `endsAt` is its own end or the beginning of its successor. */
export const recurring = {
  id: text,
  anchor: date,
  effectiveAt: instant,
  endsAt: instant.nullable(),
  pricing: z.strictObject({ interval, mode: paymentMode, standalone: truth }),
};

const revision = z.strictObject({ ...recurring, subject: text });
/** A revision of a recurring item that is not metered. */
export type Revision = Readonly<z.output<typeof revision>>;

const range = { startsAt: instant, endsAt: instant };
const coverLine = z.strictObject({
  id: text,
  subject: text,
  ...range,
  credited: list(z.strictObject(range)),
});
/** A recurring line of a price's first part. The tiers of one price cover the same days, so the first is enough. */
export type CoverLine = Readonly<z.output<typeof coverLine>>;

/** The history of a contract, and the lines that were billed for it. */
export const history = {
  merchant_id: text,
  id: text,
  ...calendar,
  /** The first scheduled change, or the end of a term that does not renew. Lines need not reach beyond it. */
  knownUntil: instant.nullable(),
  phases: list(z.strictObject({ kind: text, startsAt: instant, proration })),
  /** Ordered by subject and revision. */
  items: list(revision),
  lines: list(coverLine),
};
export type History = RowOf<typeof history>;

/** The first instant of the local day of an instant. `FOREVER` has no day and is returned as it is. */
export const dayOf = ({ zone }: Calendar, at: Instant): Instant =>
  at === FOREVER ? at : startOfDay(dateAt(at, zone), zone);

/** A range in the contract's local dates, or in instants if it is not of whole days. */
export function rangeText(calendar: Calendar, { start, end }: Range): string {
  const whole = [start, end].every((at) => dayOf(calendar, at) === at);
  const text = (at: Instant): string => (whole && at !== FOREVER ? dateAt(at, calendar.zone) : at);
  return `${text(start)} to before ${text(end)}`;
}
