import { type Interval, addInterval, divides } from '../arithmetic/calendar.ts';
import { DomainError } from '../errors.ts';
import { cmp, dec } from '../arithmetic/money.ts';
import { type BillingTerms, type LinePricing, MOST_LINES, linesPerBill, tooManyLines } from './line-count.ts';
import type { PriceModel } from './price-model.ts';
import type { Aggregation, PaymentMode } from './terms.ts';

/** The intervals of a variant that is to be published. */
export interface OfferedTerms {
  readonly fee_interval: Interval;
  readonly billing_interval: Interval;
  readonly term?: Interval;
  readonly renewal?: Interval;
  readonly notice?: Interval;
}

/** A component that a variant lists, with the bounds of its quantity; decimal texts. */
export interface OfferedComponent extends LinePricing {
  readonly kind: 'bookable' | 'on_off' | 'metered';
  readonly rule: 'included' | 'optional';
  readonly quantity: string;
  readonly least?: string;
  readonly most?: string;
}

/**
 * Refuses terms whose intervals do not fit into each other.
 * @throws DomainError interval_mismatch, invalid_term
 */
export function checkTerms(terms: OfferedTerms): void {
  const { fee_interval, billing_interval, term, renewal, notice } = terms;
  if (!divides(billing_interval, fee_interval)) {
    throw new DomainError('interval_mismatch', 'the billing interval must divide the fee interval', {
      field: 'billing_interval',
    });
  }
  if (term === undefined && renewal !== undefined)
    throw invalidTerm('renewal', 'a renewal interval needs a term');
  for (const [field, length] of Object.entries({ term, renewal })) {
    if (length === undefined) continue;
    if (!divides(fee_interval, length)) throw invalidTerm(field, 'it must be a multiple of the fee interval');
    if (notice !== undefined && isLonger(notice, length)) {
      throw invalidTerm('notice', `the notice is longer than the ${field}`);
    }
  }
}

function invalidTerm(field: string, message: string): DomainError {
  return new DomainError('invalid_term', message, { field });
}

/** Compares intervals from a first of January on, as months have no fixed length. */
function isLonger(a: Interval, b: Interval): boolean {
  return addInterval('2023-01-01', a, 1) > addInterval('2023-01-01', b, 1);
}

/**
 * The payment mode and the aggregation of a component. Metered components are paid in arrears, because usage is known
 * only after its period, and only they have an aggregation.
 * @throws DomainError invalid_component
 */
export function componentPayment(
  kind: OfferedComponent['kind'],
  { payment_mode, aggregation }: { payment_mode?: PaymentMode; aggregation?: Aggregation },
): { payment_mode: PaymentMode; aggregation: Aggregation | null } {
  const metered = kind === 'metered';
  if (metered && payment_mode !== undefined && payment_mode !== 'post_paid') {
    throw new DomainError('invalid_component', 'metered components are post-paid', { field: 'payment_mode' });
  }
  if (!metered && aggregation !== undefined) {
    throw new DomainError('invalid_component', 'only metered components have an aggregation', {
      field: 'aggregation',
    });
  }
  return {
    payment_mode: payment_mode ?? (metered ? 'post_paid' : 'pre_paid'),
    aggregation: metered ? (aggregation ?? 'sum') : null,
  };
}

/** The properties of a component that variants which list it rely on. */
interface ReliedOn {
  readonly interval: Interval;
  readonly payment_mode: PaymentMode;
  readonly standalone: boolean;
  readonly aggregation: Aggregation | null;
}

/**
 * Refuses a new version of a component that a variant lists if it changes a property that variants rely on.
 * @throws DomainError interval_mismatch
 */
export function checkRepublished(before: ReliedOn, after: ReliedOn): void {
  const same =
    before.interval.unit === after.interval.unit &&
    before.interval.count === after.interval.count &&
    before.payment_mode === after.payment_mode &&
    before.standalone === after.standalone &&
    before.aggregation === after.aggregation;
  if (same) return;
  throw new DomainError(
    'interval_mismatch',
    'variants list the component with its interval and payment mode',
    { field: 'interval' },
  );
}

/**
 * Refuses a component that could not be billed or booked under the terms.
 * @param field path of the component in the request
 * @throws DomainError interval_mismatch, invalid_quantity
 */
export function checkComponent(terms: OfferedTerms, component: OfferedComponent, field: string): void {
  const { interval, mode, standalone } = component;
  const { fee_interval, billing_interval } = terms;
  if (mode === 'billed_until' && !divides(interval, fee_interval)) {
    throw new DomainError(
      'interval_mismatch',
      'the interval of a component with payment mode `billed_until` must divide the fee interval',
      {
        field: `${field}.component`,
      },
    );
  }
  if (!standalone && !divides(interval, billing_interval) && !divides(billing_interval, interval)) {
    throw new DomainError(
      'interval_mismatch',
      "the component's interval neither divides the billing interval nor is a multiple of it",
      { field: `${field}.component` },
    );
  }
  checkBounds(component, field);
}

/**
 * Refuses a component that nobody could book, because one bill would have too many lines: for example, one with daily
 * periods under a fee of a hundred years. Included components count together with the fee, and each optional component
 * counts together with all of these.
 * @throws DomainError too_many_lines
 */
export function checkLines(
  terms: OfferedTerms & { readonly fee: string | null },
  components: readonly OfferedComponent[],
): void {
  const intervals = { feeInterval: terms.fee_interval, billingInterval: terms.billing_interval };
  let always = Number(terms.fee !== null);
  for (const rule of ['included', 'optional'] as const) {
    for (const [n, component] of components.entries()) {
      if (component.rule !== rule) continue;
      const lines = always + fewestLines(component, intervals);
      if (lines > MOST_LINES) throw tooManyLines(lines, `components[${n}].component`);
      if (rule === 'included') always = lines;
    }
  }
}

/**
 * Refuses a version of a component that nobody could book any more under a variant that lists it.
 * @throws DomainError too_many_lines
 */
export function checkListed(
  kind: OfferedComponent['kind'],
  { price: model, cap, interval, payment_mode: mode, standalone }: ComponentPrice,
  terms: BillingTerms,
): void {
  const pricing = { model, cap: cap ?? null, interval, mode, standalone };
  const lines = linesPerBill(pricing, kind === 'metered' ? null : '0', terms);
  if (lines > MOST_LINES) throw tooManyLines(lines, 'price');
}

/** The price of a component's version, and when it is paid. */
interface ComponentPrice {
  readonly price: PriceModel;
  readonly cap?: string;
  readonly interval: Interval;
  readonly payment_mode: PaymentMode;
  readonly standalone: boolean;
}

/** The fewest lines that a bill needs for a component: of its least quantity, or, if it is metered, of all tiers. */
function fewestLines(component: OfferedComponent, terms: BillingTerms): number {
  const { kind, rule, quantity, least = '0' } = component;
  const booked = rule === 'included' ? quantity : least;
  return linesPerBill(component, kind === 'metered' ? null : booked, terms);
}

function checkBounds({ kind, rule, quantity, least, most }: OfferedComponent, field: string): void {
  const invalid = (name: string, message: string): DomainError =>
    new DomainError('invalid_quantity', message, { field: `${field}.${name}` });
  if (kind !== 'bookable' && cmp(dec(quantity), dec(1)) !== 0) {
    throw invalid('quantity', 'an on/off or metered component is booked with quantity 1');
  }
  if (most !== undefined && cmp(dec(most), dec(0)) === 0) {
    throw invalid('most', 'must be above 0; a component that may not be booked is left out of the list');
  }
  if (least !== undefined && most !== undefined && cmp(dec(least), dec(most)) > 0) {
    throw invalid('least', 'the least quantity is more than the most');
  }
  if (rule === 'optional') return;
  if (least !== undefined && cmp(dec(quantity), dec(least)) < 0)
    throw invalid('quantity', 'less than the least');
  if (most !== undefined && cmp(dec(quantity), dec(most)) > 0)
    throw invalid('quantity', 'more than the most');
}
