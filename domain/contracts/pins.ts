import { variantOf } from '../catalogue/terms.ts';
import type { Catalogue, Change, ScheduledBody } from './state.ts';

/** The ids of the components that a change books: those that it adds, and those that its variant includes. */
export function bookedBy({ components, variant }: Change, catalogue: Catalogue): string[] {
  const listed = variant === undefined ? [] : variantOf(catalogue, variant).components;
  const included = listed.filter(({ rule }) => rule === 'included').map(({ componentId }) => componentId);
  return [...(components?.add ?? []).map(({ component }) => component), ...included];
}

/**
 * A scheduled change keeps what was shown (rule 21): the version of its variant, and those of the components that it
 * adds and that the variant includes, also of those that are booked today.
 */
export function pinned(body: ScheduledBody, catalogue: Catalogue): ScheduledBody {
  if (body.kind !== 'change') return body;
  const versions = bookedBy(body, catalogue).flatMap((id): [string, string][] => {
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

/** The catalogue with the named versions of components, by the components' ids, in place of the newest ones. */
export function withPinned(catalogue: Catalogue, versions: Readonly<Record<string, string>> = {}): Catalogue {
  const named = catalogue.components.filter(
    ({ componentId, pricing }) => versions[componentId] === pricing.componentVersionId,
  );
  return { ...catalogue, components: [...named, ...catalogue.components] };
}
