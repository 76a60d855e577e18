import type { Body, Catalogue, Component, Publication, Variant } from './types.ts';

/** The newest versions of components, by id. */
export type Components = ReadonlyMap<string, Component>;

/** A command with the versions that it uses. A scheduled command keeps them until its day (rule 21). */
export interface Pinned {
  body: Body;
  number: number;
  variant: Variant | null;
  components: Components;
}

/** The versions that were on sale when a command was decided, by the number of the command. */
export class Versions {
  private readonly catalogue: Catalogue;
  private readonly published: readonly Publication[];

  constructor(catalogue: Catalogue, published: readonly Publication[]) {
    this.catalogue = catalogue;
    this.published = published;
  }

  pin(body: Body, number: number): Pinned {
    const known = this.published.filter(({ after }) => after <= number);
    const variants = [...this.catalogue.variants, ...known.flatMap(({ variant }) => variant ?? [])];
    const components = [...this.catalogue.components, ...known.flatMap(({ component }) => component ?? [])];
    const to = body.kind === 'change' ? body.variant : undefined;
    return {
      body,
      number,
      variant: variants.findLast(({ id }) => id === to) ?? null,
      components: new Map(components.map((each) => [each.id, each])),
    };
  }
}
