// The catalogues from which tests of the domain order contracts.
import type { Interval } from '../../domain/arithmetic/calendar.ts';
import type {
  Catalogue,
  ComponentTerms,
  ListedComponent,
  Pricing,
  TaxRate,
  Terms,
} from '../../domain/contracts/state.ts';

const MONTH: Interval = { unit: 'month', count: 1 };
const YEAR: Interval = { unit: 'year', count: 1 };
const ALLOWED = ['seat', 'support'];

function pricing(name: string, amount: string, interval: Interval, taxPolicyId: string): Pricing {
  return {
    componentVersionId: null,
    variantVersionId: null,
    name,
    model: { kind: 'simple', price: amount },
    included: null,
    cap: null,
    interval,
    taxPolicyId,
    mode: 'pre_paid',
    standalone: false,
    aggregation: null,
  };
}

interface Variant {
  fee: string | null;
  every?: Interval;
  trial?: Interval;
  allows?: readonly string[];
  includes?: readonly string[];
  policy?: string;
  creditOnCancel?: boolean;
  terms?: Partial<Terms>;
}

/** A variant with one version, and the components that it allows or includes. */
function variant(id: string, name: string, given: Variant): Terms {
  const { fee, every = MONTH, policy = 'software', trial = null, allows = ALLOWED, includes = [] } = given;
  return {
    variantId: id,
    variantVersionId: `${id}-v1`,
    planGroupId: policy,
    planName: name,
    name,
    fee: fee === null ? null : pricing(name, fee, every, policy),
    feeInterval: every,
    billingInterval: MONTH,
    trial,
    setupFee: null,
    taxPolicyId: policy,
    proration: 'days',
    creditOnPause: false,
    creditOnCancel: given.creditOnCancel ?? true,
    term: null,
    renewal: null,
    notice: null,
    components: [
      ...allows.map((componentId) => listed(componentId, 'optional')),
      ...includes.map((componentId) => listed(componentId, 'included')),
    ],
    ...given.terms,
  };
}

const listed = (componentId: string, rule: ListedComponent['rule']): ListedComponent => ({
  componentId,
  rule,
  quantity: '1',
  included: null,
  least: null,
  most: null,
});

function component(
  componentId: string,
  kind: ComponentTerms['kind'],
  amount: string,
  paid: Partial<Pricing> = {},
): ComponentTerms {
  return { componentId, kind, pricing: { ...pricing(componentId, amount, MONTH, 'software'), ...paid } };
}

export const CLOUD: Catalogue = {
  variants: [
    variant('basic', 'Basic', { fee: '29.00', trial: { unit: 'day', count: 14 } }),
    variant('pro', 'Pro', { fee: '99.00' }),
    variant('pro-year', 'Pro yearly', { fee: '990.00', every: YEAR }),
    variant('kept', 'Kept', { fee: '99.00', creditOnCancel: false }),
    variant('bundle', 'Bundle', { fee: '120.00', allows: ['seat'], includes: ['support'] }),
    variant('free', 'Free', { fee: null, allows: [] }),
  ],
  components: [
    component('seat', 'bookable', '9.00'),
    component('support', 'on_off', '49.00'),
    component('calls', 'metered', '0.01'),
  ],
};

export const LIBRARY: Catalogue = {
  variants: [variant('shelf', 'Shelf', { fee: '10.00', allows: [], policy: 'e-books' })],
  components: [],
};

const QUARTER: Interval = { unit: 'month', count: 3 };
const PAID = ['pre_paid', 'post_paid', 'billed_until'] as const;
const MODES = PAID.flatMap((mode) => [mode, `${mode} alone`]);
const perMode = (fee: string | null, every: Interval, terms: Partial<Terms> = {}): Variant => ({
  fee,
  every,
  allows: MODES,
  terms,
});

/**
 * For each payment mode, a component of 31.00 a month that is named after it, and a standalone one named `… alone`. Most
 * variants have no fee, a fee interval of a quarter or a year, and monthly bill runs.
 */
export const EVERY_MODE: Catalogue = {
  variants: [
    variant('quarter', 'Quarter', perMode(null, QUARTER)),
    variant('year', 'Year', perMode(null, YEAR)),
    variant('seconds', 'Seconds', perMode(null, QUARTER, { proration: 'seconds' })),
    variant('whole', 'Whole', perMode(null, QUARTER, { proration: 'none' })),
    variant('crediting', 'Crediting', perMode(null, QUARTER, { creditOnPause: true })),
    variant('pro', 'Pro', perMode('99.00', MONTH)),
    variant(
      'trial',
      'Trial',
      perMode('29.00', MONTH, { trial: { unit: 'day', count: 14 }, setupFee: '50.00' }),
    ),
    variant(
      'term',
      'Term',
      perMode('31.00', MONTH, { term: YEAR, renewal: QUARTER, notice: { unit: 'month', count: 1 } }),
    ),
    variant('fixed', 'Fixed', perMode('31.00', MONTH, { term: QUARTER })),
  ],
  components: PAID.flatMap((mode) => [
    component(mode, 'bookable', '31.00', { mode }),
    component(`${mode} alone`, 'bookable', '31.00', { mode, standalone: true }),
  ]),
};

function rate(taxPolicyId: string, country: string, percent: string, validFrom = '2000-01-01'): TaxRate {
  return { taxPolicyId, country, validFrom, category: 'standard', rate: percent, text: `VAT ${percent} %` };
}

export const TAX_RATES: readonly TaxRate[] = [
  rate('software', 'DE', '19'),
  rate('software', 'AT', '20'),
  rate('software', 'LU', '17'),
  rate('e-books', 'DE', '19'),
  rate('e-books', 'LU', '2.5'),
];
