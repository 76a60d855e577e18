import type { Catalogue as Sold, Pricing, Terms } from '../../../domain/contracts/state.ts';
import type { Catalogue, Component, Variant } from '../model.ts';

/** The only tax policy. */
export const POLICY = 'policy';

/** A catalogue as the domain is given it. */
export function soldOf({ variants, components }: Catalogue): Sold {
  return {
    variants: variants.map(termsOf),
    components: components.map((each) => ({
      componentId: each.id,
      kind: each.kind,
      pricing: pricingOf(each),
    })),
  };
}

function pricingOf(component: Component): Pricing {
  return {
    componentVersionId: component.id,
    variantVersionId: null,
    name: component.id,
    model: component.model,
    included: component.included,
    cap: component.cap,
    interval: component.interval,
    taxPolicyId: POLICY,
    mode: component.mode,
    standalone: component.standalone,
    aggregation: component.aggregation ?? null,
  };
}

function termsOf(variant: Variant): Terms {
  const { id, fee, feeInterval, components, ...rest } = variant;
  return {
    ...rest,
    variantId: id,
    variantVersionId: `${id}-1`,
    planGroupId: 'group',
    planName: id,
    name: id,
    taxPolicyId: POLICY,
    feeInterval,
    fee:
      fee === null
        ? null
        : {
            componentVersionId: null,
            variantVersionId: `${id}-1`,
            name: id,
            model: { kind: 'simple', price: fee },
            included: null,
            cap: null,
            interval: feeInterval,
            taxPolicyId: POLICY,
            mode: 'pre_paid',
            standalone: false,
            aggregation: null,
          },
    components: components.map(({ id: componentId, ...listed }) => ({ componentId, ...listed })),
  };
}
