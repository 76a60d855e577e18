import { variantOf } from '../catalogue/terms.ts';
import type { Catalogue, Change, ScheduledBody } from './state.ts';

/** The ids of the components that a change books: those that it adds, and those that its variant includes. */
export function componentsBookedBy({ components, variant }: Change, catalogue: Catalogue): string[] {
  const listed = variant === undefined ? [] : variantOf(catalogue, variant).components;
  const included = listed.filter(({ rule }) => rule === 'included').map(({ componentId }) => componentId);
  return [...(components?.add ?? []).map(({ component }) => component), ...included];
}

/**
 * Pins the versions that were shown when the change was accepted (rule 21): the version of its variant, and of the
 * components that it adds or that the variant includes, even if they are booked already.
 */
export function pinned(body: ScheduledBody, catalogue: Catalogue): ScheduledBody {
  if (body.kind !== 'change') return body;
  const versions = componentsBookedBy(body, catalogue).flatMap((id): [string, string][] => {
    const component = catalogue.components.find(({ componentId }) => componentId === id);
    const version = component?.pricing.componentVersionId;
    return version == null ? [] : [[id, version]];
  });
  return {
    ...body,
    ...(body.variant === undefined ? {} : { variant: variantOf(catalogue, body.variant).variantVersionId }),
    ...(versions.length === 0 ? {} : { versions: Object.fromEntries(versions) }),
  };
}

/** The catalogue in which the named versions of components come before the newest ones. `versions` is by component id. */
export function withPinned(catalogue: Catalogue, versions: Readonly<Record<string, string>> = {}): Catalogue {
  const named = catalogue.components.filter(
    ({ componentId, pricing }) => versions[componentId] === pricing.componentVersionId,
  );
  return { ...catalogue, components: [...named, ...catalogue.components] };
}
