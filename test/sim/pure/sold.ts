import type { Catalogue as Sold, Pricing, Terms } from '../../../domain/contracts/state.ts';
import type { Catalogue, Component, Variant, Version } from '../model.ts';

/** The only tax policy. */
export const POLICY = 'policy';

/** A catalogue in the form that the domain uses. */
export function soldOf({ variants, components }: Catalogue): Sold {
  return {
    variants: variants.map((each) => termsOf(each, `${each.id}-1`)),
    components: components.map((each) => componentOf(each, `${each.id}-1`)),
  };
}

/** The catalogue with a further version, before the older ones. */
export function withSold({ variants, components }: Sold, { variant, component }: Version): Sold {
  const versionOf = (id: string, of: readonly unknown[]): string => `${id}-${of.length + 1}`;
  return {
    variants: [
      ...(variant === undefined ? [] : [termsOf(variant, versionOf(variant.id, variants))]),
      ...variants,
    ],
    components: [
      ...(component === undefined ? [] : [componentOf(component, versionOf(component.id, components))]),
      ...components,
    ],
  };
}

function componentOf(component: Component, version: string): Sold['components'][number] {
  return { componentId: component.id, kind: component.kind, pricing: pricingOf(component, version) };
}

function pricingOf(component: Component, componentVersionId: string): Pricing {
  return {
    componentVersionId,
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

function termsOf(variant: Variant, variantVersionId: string): Terms {
  const { id, fee, feeInterval, components, ...rest } = variant;
  return {
    ...rest,
    variantId: id,
    variantVersionId,
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
            variantVersionId,
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
