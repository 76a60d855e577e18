import type { Body, Catalogue, Component, Publication, Variant } from './types.ts';

/** A command with the versions that it takes, which stay those also where it is scheduled (rule 21). */
export interface Pinned {
  body: Body;
  variant: Variant | null;
  /** Those that it adds, by id. */
  components: Map<string, Component>;
}

/** What was on sale when a command was decided, by its number. */
export class Versions {
  private readonly catalogue: Catalogue;
  private readonly published: readonly Publication[];

  constructor(catalogue: Catalogue, published: readonly Publication[]) {
    this.catalogue = catalogue;
    this.published = published;
  }

  pin(body: Body, number: number): Pinned {
    const known = this.published.filter(({ after }) => after <= number);
    const newest = <One extends { id: string }>(all: readonly One[], id: string): One =>
      all.findLast((each) => each.id === id)!;
    const variants = [...this.catalogue.variants, ...known.flatMap(({ variant }) => variant ?? [])];
    const components = [...this.catalogue.components, ...known.flatMap(({ component }) => component ?? [])];
    const change = body.kind === 'change' ? body : null;
    const added = (change?.components?.add ?? []).map(({ component }) => component);
    return {
      body,
      variant: change?.variant === undefined ? null : newest(variants, change.variant),
      components: new Map(added.map((id) => [id, newest(components, id)])),
    };
  }
}
