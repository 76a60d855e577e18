import { divides } from '../../domain/calendar.ts';
import type { Booking, Catalogue, Component, Interval, Variant } from './model.ts';
import type { Chance } from './random.ts';

/** What is tried in a life, blindly: much of it is refused. Times are seconds after what came before. */
export type Action =
  | { readonly kind: 'advance'; readonly seconds: number }
  | {
      readonly kind: 'change';
      readonly effective: When;
      readonly variant: string | null;
      readonly add: readonly Wish[];
      readonly set: readonly { subscription: string; quantity: string }[];
      readonly remove: readonly string[];
    }
  | { readonly kind: 'pause' | 'resume'; readonly effective: When; readonly reason: 'customer' | 'operator' }
  | {
      readonly kind: 'cancel';
      readonly effective: When;
      readonly credit: boolean | null;
      readonly waive: boolean;
    }
  | { readonly kind: 'withdraw'; readonly back: number }
  | {
      readonly kind: 'usage';
      readonly subscription: string;
      readonly ago: number;
      readonly quantity: string;
      readonly value: string;
      readonly event: string;
    }
  | {
      readonly kind: 'one_time';
      readonly id: string;
      readonly quantity: string;
      readonly unitPrice: string;
      readonly now: boolean;
    }
  | { readonly kind: 'withdraw_one_time'; readonly id: string };

/** `now`, `period_end`, or so many days ahead. */
export type When = 'now' | 'period_end' | number;

/** A booking; `start` and `end` in days from the day of the command. */
export interface Wish extends Pick<Booking, 'component' | 'quantity' | 'subscription'> {
  readonly start: number | null;
  readonly end: number | null;
}

/** A whole life, before anything of it has happened. */
export interface Plan {
  readonly seed: number;
  readonly catalogue: Catalogue;
  readonly zone: string;
  /** The first instant of the clock. */
  readonly begin: string;
  readonly order: {
    readonly variant: string;
    readonly startIn: number;
    readonly anchorIn: number | null;
    readonly add: readonly Wish[];
  };
  /** The token of the sandbox that it is paid with. */
  readonly payment: string;
  readonly actions: readonly Action[];
}

const month = (count: number): Interval => ({ unit: 'month', count });
const INTERVALS: readonly Interval[] = [
  month(1),
  month(1),
  month(3),
  { unit: 'year', count: 1 },
  { unit: 'week', count: 1 },
  { unit: 'week', count: 2 },
  { unit: 'day', count: 10 },
];
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Sydney',
  'Asia/Kolkata',
  'UTC',
  'America/Juneau',
];
const PRICES = ['9.00', '0.10', '29.00', '0.952', '283.3333', '5.00', '1.995'];

/** Most succeed, late or not; those that never do lead to a pause by the dunning, and so does what is charged back. */
const PAYMENTS = [
  'card',
  'card',
  'debit;pending_days=3',
  'debit;pending_days=5;then=declined:account_closed',
  'card;decline=insufficient_funds',
  'card;late=charged',
  'card;late=not_charged',
  'card;requires_action',
  'card;chargeback_days=30',
  'debit;pending_days=2;chargeback_days=45',
];

export function invent(seed: number, steps: number, random: Chance): Plan {
  const catalogue = inventCatalogue(random);
  const names = { bookings: 0, events: 0, charges: 0 };
  const [variant] = catalogue.variants;
  const add = wishes(random, catalogue, names, 2);
  const zone = random.pick(ZONES);
  return {
    seed,
    catalogue,
    zone,
    begin: new Date(
      Date.UTC(
        random.int(2022, 2024),
        random.int(0, 11),
        random.int(1, 31),
        random.int(0, 23),
        random.int(0, 59),
      ),
    ).toISOString(),
    order: {
      variant: random.once(2) ? random.pick(catalogue.variants).id : (variant?.id ?? ''),
      startIn: random.once(4) ? random.int(1, 40) : 0,
      anchorIn: random.once(4) ? random.int(0, 40) : null,
      add,
    },
    actions: Array.from({ length: steps }, () => inventAction(random, catalogue, names)),
    payment: random.pick(PAYMENTS),
  };
}

interface Names {
  bookings: number;
  events: number;
  charges: number;
}

function inventCatalogue(random: Chance): Catalogue {
  const components = Array.from({ length: random.int(2, 5) }, (_, n) => inventComponent(random, `c${n}`));
  const variants = Array.from({ length: random.int(2, 4) }, (_, n) =>
    inventVariant(random, `v${n}`, components),
  );
  return { components, variants };
}

function inventComponent(random: Chance, id: string): Component {
  const kind = random.pick(['bookable', 'bookable', 'on_off', 'metered'] as const);
  const metered = kind === 'metered';
  const model = inventModel(random);
  return {
    id,
    kind,
    model,
    included: model.kind !== 'free' && random.once(3) ? String(random.int(1, 12)) : null,
    cap: random.once(5) ? random.pick(['20.00', '100.00']) : null,
    interval: random.pick(INTERVALS),
    mode: metered ? 'post_paid' : random.pick(['pre_paid', 'pre_paid', 'post_paid', 'billed_until'] as const),
    standalone: random.once(4),
    ...(metered ? { aggregation: random.pick(['sum', 'max', 'last', 'unique'] as const) } : {}),
  };
}

function inventModel(random: Chance): Component['model'] {
  const tiers = [
    { upTo: '10', price: random.pick(PRICES) },
    { upTo: '50', price: random.pick(PRICES) },
    { upTo: null, price: random.pick(PRICES) },
  ];
  return random.pick<() => Component['model']>([
    () => ({ kind: 'simple', price: random.pick(PRICES) }),
    () => ({ kind: 'simple', price: random.pick(PRICES) }),
    () => ({ kind: 'volume', tiers }),
    () => ({ kind: 'graduated', tiers }),
    () => ({
      kind: 'buckets',
      tiers: [
        { upTo: '10', flat: '20.00' },
        { upTo: '50', flat: '50.00' },
        { upTo: null, price: '0.04' },
      ],
    }),
    () => ({
      kind: 'discount',
      price: random.pick(PRICES),
      tiers: [
        { from: '10', percent: '5' },
        { from: '50', percent: '12.5' },
      ],
    }),
    () => ({ kind: 'free' }),
  ])();
}

/** Only what could be published: intervals that divide each other, terms that do not contradict. */
function inventVariant(random: Chance, id: string, components: readonly Component[]): Variant {
  const feeInterval = random.pick(INTERVALS);
  const billing = INTERVALS.filter((each) => divides(each, feeInterval));
  const billingInterval = random.once(2) ? feeInterval : random.pick(billing);
  const bound = random.once(3);
  const times = random.int(1, 3);
  const length = { unit: feeInterval.unit, count: feeInterval.count * times };
  return {
    id,
    fee: random.once(6) ? null : random.pick(['29.00', '99.00', '990.00', '0.00', '9.995']),
    feeInterval,
    billingInterval,
    trial: random.once(4)
      ? random.pick<Interval>([{ unit: 'day', count: 14 }, { unit: 'week', count: 1 }, month(1)])
      : null,
    setupFee: random.once(4) ? '49.90' : null,
    proration: random.pick(['days', 'days', 'seconds', 'none'] as const),
    creditOnPause: random.once(4),
    creditOnCancel: !random.once(4),
    term: bound ? length : null,
    renewal: bound && !random.once(4) ? length : null,
    notice: random.once(4) ? { unit: 'day', count: 5 } : null,
    components: components
      .filter((each) => !random.once(5) && fits(each, feeInterval, billingInterval))
      .map((each) => listed(random, each)),
  };
}

function fits({ interval, mode, standalone }: Component, fee: Interval, billing: Interval): boolean {
  if (mode === 'billed_until' && !divides(interval, fee)) return false;
  return standalone || divides(interval, billing) || divides(billing, interval);
}

function listed(random: Chance, { id, kind }: Component): Variant['components'][number] {
  const included = random.once(4);
  return {
    id,
    rule: included ? 'included' : 'optional',
    quantity: included && kind === 'bookable' ? String(random.int(1, 5)) : '1',
    included: random.once(4) ? String(random.int(0, 20)) : null,
    least: null,
    most: kind === 'bookable' && random.once(5) ? '40' : null,
  };
}

function wishes(random: Chance, { components }: Catalogue, names: Names, most: number): Wish[] {
  return Array.from({ length: random.int(0, most) }, () => {
    const { id, kind } = random.pick(components);
    const start = random.once(6) ? random.int(0, 45) : null;
    return {
      component: id,
      quantity: kind === 'bookable' ? random.pick(['1', '2', '3', '12', '60', '10.5']) : '1',
      subscription: `b${names.bookings++}`,
      start,
      end: random.once(6) ? (start ?? 0) + random.int(1, 80) : null,
    };
  });
}

function inventAction(random: Chance, catalogue: Catalogue, names: Names): Action {
  const effective = (): When => random.pick<When>(['now', 'now', 'now', 'period_end', random.int(0, 60)]);
  const booked = (): string => `b${random.int(0, Math.max(0, names.bookings - 1))}`;
  const weighted = random.int(0, 99);
  if (weighted < 30) return { kind: 'advance', seconds: spanOf(random) };
  if (weighted < 55) {
    return {
      kind: 'change',
      effective: effective(),
      variant: random.once(3) ? random.pick(catalogue.variants).id : null,
      add: wishes(random, catalogue, names, 1),
      set: random.once(3)
        ? [{ subscription: booked(), quantity: random.pick(['1', '2', '5', '11', '51', '0.5']) }]
        : [],
      remove: random.once(4) ? [booked()] : [],
    };
  }
  if (weighted < 61)
    return { kind: 'pause', effective: effective(), reason: random.pick(['customer', 'operator'] as const) };
  if (weighted < 68)
    return { kind: 'resume', effective: effective(), reason: random.pick(['customer', 'operator'] as const) };
  if (weighted < 70)
    return {
      kind: 'cancel',
      effective: effective(),
      credit: random.pick([true, false, null]),
      waive: random.once(2),
    };
  if (weighted < 74) return { kind: 'withdraw', back: random.int(1, 4) };
  if (weighted < 92) return usage(random, booked(), names);
  if (weighted < 98) {
    return {
      kind: 'one_time',
      id: `o${names.charges++}`,
      quantity: random.pick(['1', '2', '0.5']),
      unitPrice: random.pick(['75.00', '-5.00', '0.333', '7500']),
      now: random.once(3),
    };
  }
  return { kind: 'withdraw_one_time', id: `o${random.int(0, Math.max(0, names.charges - 1))}` };
}

/** From seconds to more than a year. */
function spanOf(random: Chance): number {
  const day = 86_400;
  return random.pick([
    random.int(1, 3600),
    random.int(1, 3) * day,
    random.int(1, 40) * day + random.int(0, day),
    random.int(20, 70) * day,
    random.int(100, 400) * day,
  ]);
}

function usage(random: Chance, subscription: string, names: Names): Action {
  const repeated = random.once(8) && names.events > 0;
  return {
    kind: 'usage',
    subscription,
    ago: random.pick([0, 0, random.int(0, 86_400 * 5), random.int(0, 86_400 * 90)]),
    quantity: random.pick(['1', '5', '37', '2000', '0.25', '-3', '12']),
    value: random.pick(['ann', 'bob', 'cleo']),
    event: repeated ? `e${random.int(0, names.events - 1)}` : `e${names.events++}`,
  };
}
