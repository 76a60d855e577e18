import type { Catalogue as Sold, Pricing, Terms } from '../../../domain/contracts/state.ts';
import type { Catalogue, Component, Variant } from '../model.ts';

/** The only tax policy. */
export const POLICY = 'policy';

/** A catalogue as the domain is given it; `versions` are the numbers of those that are not the first, by id. */
export function soldOf({ variants, components }: Catalogue, versions: ReadonlyMap<string, number>): Sold {
  const versionOf = ({ id }: { readonly id: string }): string => `${id}-${versions.get(id) ?? 1}`;
  return {
    variants: variants.map((each) => termsOf(each, versionOf(each))),
    components: components.map((each) => ({
      componentId: each.id,
      kind: each.kind,
      pricing: pricingOf(each, versionOf(each)),
    })),
  };
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
