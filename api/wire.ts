import type { CreditDerivation, Derivation } from '../domain/billing/charge.ts';
import type { LineTax } from '../domain/contract/state.ts';
import { explainLine } from '../domain/explain/explain.ts';
import type { Language } from '../domain/languages.ts';
import { formatMinor } from '../domain/money.ts';
import type { PriceModel } from '../domain/pricing.ts';
import type { PriceModelIn, PriceModelOut } from './schemas/price-models.ts';
import type { Line } from './schemas/previews.ts';

/** The forms that things have in JSON, made from the domain's own, and the other way round. */

/** A price model as the domain knows it. A bucket with both prices or none is left to `checkPriceModel`. */
export function priceModelFromWire(model: PriceModelIn): PriceModel {
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

/** A charge as it is stored, or as a preview has it. */
interface ChargeLine {
  readonly kind: Line['kind'];
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly tax: LineTax;
  readonly derivation: Derivation | CreditDerivation;
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
    tax_rate: line.tax.rate,
    tax: { category: line.tax.category, text: line.tax.text, country: line.tax.country },
    derivation: derivationToWire(line.derivation, line.currency),
    explanation: explainLine(line, language),
  };
}

function derivationToWire(derivation: Derivation | CreditDerivation, currency: string): Line['derivation'] {
  const { full_amount, fraction, why, rounding } = derivation;
  const common = { full_amount, fraction, why, rounding };
  if ('reverses' in derivation) {
    return {
      kind: 'credit',
      reverses: derivation.reverses,
      line_amount: formatMinor(BigInt(derivation.line_minor), currency),
      credited_before: formatMinor(BigInt(derivation.credited_before_minor), currency),
      takes_the_rest: derivation.takes_the_rest,
      ...common,
    };
  }
  const { unitPrice, ...part } = derivation.part;
  return {
    kind: 'price',
    variant_version: derivation.price.variant_version,
    component_version: derivation.price.component_version,
    model: priceModelToWire(derivation.model),
    quantity: derivation.quantity,
    included: derivation.included,
    cap: derivation.cap,
    part: { ...part, unit_price: unitPrice },
    full_period: derivation.full_period,
    ...common,
  };
}
