import { divides } from '../../domain/arithmetic/calendar.ts';
import type { Catalogue, Component, Interval, Variant, Version } from './model.ts';
import type { Chance } from './random.ts';

const month = (count: number): Interval => ({ unit: 'month', count });
const WEEK: Interval = { unit: 'week', count: 1 };
const MONTHS: readonly Interval[] = [month(1), month(1), month(3), { unit: 'year', count: 1 }];
const WEEKS: readonly Interval[] = [WEEK, { unit: 'week', count: 2 }];
const MIXED: readonly Interval[] = [...MONTHS, ...WEEKS, { unit: 'day', count: 10 }];
const PRICES = ['9.00', '0.10', '29.00', '0.952', '283.3333', '5.00', '1.995'];

/** Invents a few components, at least one of them bookable and one metered, and variants that list them. */
export function inventCatalogue(random: Chance): Catalogue {
  const intervals = random.pick([MONTHS, MONTHS, MONTHS, WEEKS, MIXED]);
  const kinds: readonly Component['kind'][] = ['bookable', 'bookable', 'on_off', 'metered'];
  const components = Array.from({ length: random.int(2, 5) }, (_, n) =>
    inventComponent(
      random,
      `c${n}`,
      n === 0 ? 'bookable' : n === 1 ? 'metered' : random.pick(kinds),
      intervals,
    ),
  );
  const variants = Array.from({ length: random.int(2, 4) }, (_, n) =>
    inventVariant(random, `v${n}`, components, intervals),
  );
  return { components, variants };
}

/** Invents a further version of a variant or a component, at another price and with the same intervals. */
export function inventVersion(random: Chance, { variants, components }: Catalogue): Version {
  if (random.once(2)) return { component: priced(random, random.pick(components)) };
  const { feeInterval, billingInterval, ...variant } = random.pick(variants);
  return { variant: { ...variant, ...inventTerms(random, components, feeInterval, billingInterval) } };
}

/** The catalogue after a version was published. */
export function withVersion({ variants, components }: Catalogue, { variant, component }: Version): Catalogue {
  return {
    variants: variants.map((each) => (each.id === variant?.id ? variant : each)),
    components: components.map((each) => (each.id === component?.id ? component : each)),
  };
}

function inventComponent(
  random: Chance,
  id: string,
  kind: Component['kind'],
  intervals: readonly Interval[],
): Component {
  const metered = kind === 'metered';
  return priced(random, {
    id,
    kind,
    interval: random.pick(intervals),
    mode: metered ? 'post_paid' : random.pick(['pre_paid', 'pre_paid', 'post_paid', 'billed_until'] as const),
    standalone: random.once(4),
    ...(metered ? { aggregation: random.pick(['sum', 'max', 'last', 'unique'] as const) } : {}),
  });
}

function priced(random: Chance, component: Omit<Component, 'model' | 'included' | 'cap'>): Component {
  const model = inventModel(random);
  return {
    ...component,
    model,
    included: model.kind !== 'free' && random.once(3) ? String(random.int(1, 12)) : null,
    cap: random.once(5) ? random.pick(['10.00', '20.00', '100.00']) : null,
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

/** Invents a variant that can be published: its intervals divide each other, and its terms do not contradict. */
function inventVariant(
  random: Chance,
  id: string,
  components: readonly Component[],
  intervals: readonly Interval[],
): Variant {
  const feeInterval = random.pick(intervals);
  const billing = intervals.filter((each) => divides(each, feeInterval));
  const billingInterval = random.once(2) ? feeInterval : random.pick(billing);
  return { id, ...inventTerms(random, components, feeInterval, billingInterval) };
}

function inventTerms(
  random: Chance,
  components: readonly Component[],
  feeInterval: Interval,
  billingInterval: Interval,
): Omit<Variant, 'id'> {
  const bound = random.once(3);
  const times = random.int(1, 3);
  const length = { unit: feeInterval.unit, count: feeInterval.count * times };
  return {
    fee: random.once(6) ? null : random.pick(['29.00', '99.00', '990.00', '0.00', '9.99', '10.01']),
    feeInterval,
    billingInterval,
    trial: random.once(4) ? random.pick<Interval>([{ unit: 'day', count: 14 }, WEEK, month(1)]) : null,
    setupFee: random.once(4) ? '49.90' : null,
    proration: random.pick(['days', 'days', 'seconds', 'none'] as const),
    creditOnPause: random.once(4),
    creditOnCancel: !random.once(4),
    term: bound ? length : null,
    renewal: bound && !random.once(2) ? length : null,
    notice: random.once(4) ? { unit: 'day', count: 5 } : null,
    components: components
      .filter((each) => !random.once(8) && fits(each, feeInterval, billingInterval))
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
