import type { AnyDerivation, PricedDerivation } from '../domain/books/charge.ts';
import { type CreditedLine, type NamedDocument, fractionOf, tierOf } from '../domain/books/line-facts.ts';
import type { LineTax } from '../domain/contracts/state.ts';
import { checkPriceModel } from '../domain/catalogue/price-model.ts';
import { DomainError, atField } from '../domain/errors.ts';
import { explainLine } from '../domain/explain/explain.ts';
import type { Language } from '../domain/parties/languages.ts';
import { formatMinor } from '../domain/arithmetic/money.ts';
import type { PriceModel } from '../domain/catalogue/pricing.ts';
import type { PriceModelIn, PriceModelOut } from './schemas/price-models.ts';
import type { LinePrice } from './schemas/derivations.ts';
import type { Line } from './schemas/previews.ts';

// Conversions between the types of the domain and JSON.

/**
 * Converts the price model at `field` of a request, and checks it: it must have a price for every quantity.
 * @throws DomainError with the path of the field in the request
 */
export function priceModelFromWire(model: PriceModelIn, field: string): PriceModel {
  const read = readPriceModel(model);
  try {
    atField(field, () => checkPriceModel(read));
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const named = error.field?.replace('upTo', 'up_to');
    throw new DomainError(error.code, error.message, { field: named, details: error.details });
  }
  return read;
}

/** Converts without checks. `checkPriceModel` refuses a bucket with both prices or none. */
function readPriceModel(model: PriceModelIn): PriceModel {
  if (model.kind === 'volume' || model.kind === 'graduated') {
    return { kind: model.kind, tiers: model.tiers.map((tier) => ({ upTo: tier.up_to, price: tier.price })) };
  }
  if (model.kind !== 'buckets') return model;
  const tiers = model.tiers.map(({ up_to: upTo, ...costs }) => ({ upTo, ...costs }));
  return { kind: 'buckets', tiers: tiers as Extract<PriceModel, { kind: 'buckets' }>['tiers'] };
}

export function priceModelToWire(model: PriceModel): PriceModelOut {
  if (model.kind === 'volume' || model.kind === 'graduated') {
    return { kind: model.kind, tiers: model.tiers.map((tier) => ({ up_to: tier.upTo, price: tier.price })) };
  }
  if (model.kind === 'buckets') {
    return { kind: 'buckets', tiers: model.tiers.map(({ upTo, ...costs }) => ({ up_to: upTo, ...costs })) };
  }
  if (model.kind === 'discount') return { ...model, tiers: model.tiers.map((tier) => ({ ...tier })) };
  return model;
}

/** The ids that a line refers to, stored or previewed. */
interface LineReferences {
  readonly component: string | null;
  readonly subscription: string | null;
  readonly credited: CreditedLine | null;
  readonly derivation: AnyDerivation;
}

export function referencesToWire({
  component,
  subscription,
  credited,
  derivation,
}: LineReferences): Pick<Line, 'component' | 'subscription' | 'tier' | 'fraction' | 'credits'> {
  const invoice = credited?.document ?? null;
  return {
    component,
    subscription,
    tier: tierOf(derivation, credited),
    fraction: fractionOf(derivation),
    credits: credited && { charge: credited.chargeId, invoice: invoice && creditedToWire(invoice) },
  };
}

export function creditedToWire({ id, kind, number, issueDate }: NamedDocument) {
  return { id, kind, number, issue_date: issueDate };
}

/** The prices of lines, each version once. */
export function pricesToWire(derivations: Iterable<AnyDerivation>): LinePrice[] {
  const prices = new Map<string, LinePrice>();
  for (const derivation of derivations) {
    if (!('model' in derivation)) continue;
    const { variant_version, component_version } = derivation.price;
    const key = `${variant_version} ${component_version}`;
    if (prices.has(key)) continue;
    prices.set(key, { variant_version, component_version, model: priceModelToWire(derivation.model) });
  }
  return [...prices.values()];
}

/** A stored charge, or one of a preview. */
interface ChargeLine extends LineReferences {
  readonly kind: Line['kind'];
  readonly text: string;
  readonly from: string;
  /** The day after the last day. */
  readonly to: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly tax: LineTax;
}

export function lineToWire(line: ChargeLine, language: Language): Line {
  return {
    kind: line.kind,
    text: line.text,
    from: line.from,
    to: line.to,
    quantity: line.quantity,
    unit_price: line.unitPrice,
    amount: formatMinor(line.amountMinor, line.currency),
    ...referencesToWire(line),
    tax_rate: line.tax.rate,
    tax: { category: line.tax.category, text: line.tax.text, country: line.tax.country },
    derivation: derivationToWire(line.derivation, line.currency),
    explanation: explainLine(line, language),
  };
}

function derivationToWire(derivation: AnyDerivation, currency: string): Line['derivation'] {
  const amount = (minor: string): string => formatMinor(BigInt(minor), currency);
  if ('one_time' in derivation) {
    const { one_time, ...rest } = derivation;
    return { kind: 'one_time', one_time_charge: one_time, ...rest };
  }
  if ('reverses' in derivation) {
    const { line_minor, credited_before_minor, ...rest } = derivation;
    return {
      kind: 'credit',
      line_amount: amount(line_minor),
      credited_before: amount(credited_before_minor),
      ...rest,
    };
  }
  const { full_amount, rounding } = derivation;
  const common = { ...pricedToWire(derivation), full_amount, rounding };
  if (!('usage' in derivation)) {
    const { balance, fraction, why } = derivation;
    const left = balance && {
      of: balance.of,
      total: amount(balance.total_minor),
      others: amount(balance.others_minor),
    };
    return { kind: 'price', ...common, fraction, balance: left ?? null, why };
  }
  const { tier_minor, billed_before_minor, ...usage } = derivation.usage;
  return {
    kind: 'usage',
    ...common,
    ...usage,
    tier_amount: amount(tier_minor),
    billed_before: amount(billed_before_minor),
    why: derivation.why,
  };
}

function pricedToWire({ price, quantity, included, cap, part, full_period }: PricedDerivation) {
  const { unitPrice, ...rest } = part;
  return {
    variant_version: price.variant_version,
    component_version: price.component_version,
    quantity,
    included,
    cap,
    part: { ...rest, unit_price: unitPrice },
    full_period,
  };
}
