/**
 * The input and the output of the model. The input does not list bookings of components that a variant includes. Dates are
 * `2024-01-31`, instants ISO texts, quantities and prices decimals.
 */

export type LocalDate = string;
type Instant = string;

export interface Interval {
  unit: 'day' | 'week' | 'month' | 'year';
  count: number;
}

type Model =
  | { kind: 'simple'; price: string }
  | { kind: 'volume' | 'graduated'; tiers: { upTo: string | null; price: string }[] }
  | { kind: 'buckets'; tiers: ({ upTo: string; flat: string } | { upTo: null; price: string })[] }
  | { kind: 'discount'; price: string; tiers: { from: string; percent: string }[] }
  | { kind: 'free' };

export interface Component {
  id: string;
  kind: 'bookable' | 'on_off' | 'metered';
  model: Model;
  included: string | null;
  cap: string | null;
  interval: Interval;
  mode: 'pre_paid' | 'post_paid' | 'billed_until';
  standalone: boolean;
  aggregation?: 'sum' | 'max' | 'last' | 'unique';
}

export interface Variant {
  id: string;
  fee: string | null;
  feeInterval: Interval;
  billingInterval: Interval;
  trial: Interval | null;
  setupFee: string | null;
  proration: 'days' | 'seconds' | 'none';
  creditOnPause: boolean;
  creditOnCancel: boolean;
  term: Interval | null;
  renewal: Interval | null;
  notice: Interval | null;
  components: {
    id: string;
    rule: 'included' | 'optional';
    quantity: string;
    included: string | null;
    least: string | null;
    most: string | null;
  }[];
}

/** The name of a booking that a variant includes: its component, and the number of the variant's command, or `order`. */
export const includedName = (component: string, by: string): string => `${component} by ${by}`;

/** The catalogue at the order, with one version of each variant and component. */
export interface Catalogue {
  variants: Variant[];
  components: Component[];
}

/** `subscription` is a name that the caller gives; `end` is the first day that is no longer booked. */
export interface Booking {
  component: string;
  quantity: string;
  start?: LocalDate;
  end?: LocalDate;
  subscription: string;
}

export interface Change {
  kind: 'change';
  variant?: string;
  components?: {
    add?: Booking[];
    set?: { subscription: string; quantity: string }[];
    remove?: string[];
  };
}

export type Body =
  | Change
  | { kind: 'pause'; reason: string }
  | { kind: 'resume'; reason: string }
  | { kind: 'cancel'; credit?: boolean; waiveTerm?: boolean }
  | { kind: 'withdraw'; command: number };

/** `effective` is `now`, `period_end` or a date. */
export interface Command {
  at: Instant;
  effective: string;
  body: Body;
}

/** `after` is the number of commands that had been decided by then. It orders only what has equal instants. */
export interface Usage {
  subscription: string;
  at: Instant;
  recordedAt: Instant;
  after?: number;
  quantity: string;
  value?: string;
}

export interface OneTime {
  id: string;
  at: Instant;
  after?: number;
  quantity: string;
  unitPrice: string;
  serviceDate: LocalDate;
  when: 'now' | 'next_invoice';
  withdrawnAt?: Instant;
}

/** A further version of a variant or a component. */
export interface Version {
  variant?: Variant;
  component?: Component;
}

/** A version that was published when `after` commands had been decided. */
export interface Publication extends Version {
  after: number;
}

/** Everything that one contract has accepted, in the order in which it was decided. */
export interface Life {
  zone: string;
  currencyDigits: number;
  order: {
    variant: string;
    start: LocalDate;
    anchor: LocalDate | null;
    at: Instant;
    components: Booking[];
  };
  commands: Command[];
  usage: Usage[];
  oneTime: OneTime[];
  published: Publication[];
  until: Instant;
}

/** `at` is the instant of the step that billed it. `tier` counts from 0, and is null if the price has one line. */
export interface Line {
  at: Instant;
  subject: string;
  kind: 'recurring' | 'credit' | 'usage' | 'one_time';
  from: LocalDate;
  to: LocalDate;
  tier: number | null;
  minor: bigint;
}

/** A line as the model bills it, with the number of its document and the line that it credits. */
export interface BilledLine extends Line {
  document: number;
  credits: BilledLine | null;
}
