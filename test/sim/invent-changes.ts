import type { LifeView } from './backend.ts';
import type { Catalogue, Variant } from './model.ts';
import type { WantedOf, When, Wish } from './plan.ts';
import type { Chance } from './random.ts';

const QUANTITIES = ['1', '2', '3', '5', '11', '12', '51', '60', '10.5', '0.5'];

/** Returns the name for a new booking (`b`) or command (`k`). */
type Naming = (kind: 'b' | 'k') => string;

/** Invents when commands count, and what they change. One change in eight is absurd. */
export class Changes {
  catalogue: Catalogue;
  private readonly random: Chance;
  private readonly name: Naming;

  constructor(catalogue: Catalogue, random: Chance, name: Naming) {
    this.catalogue = catalogue;
    this.random = random;
    this.name = name;
  }

  when(): When {
    const { random } = this;
    if (random.once(40)) return random.int(-20, -1);
    return random.pick<When>(['now', 'now', 'now', 'period_end', random.int(0, 20), random.int(0, 60)]);
  }

  /** Invents a change of components or variant. Unless it is absurd, it avoids components with a scheduled change. */
  change(seen: LifeView): WantedOf<'change'> {
    const { random } = this;
    const absurd = random.once(8);
    const variants = this.catalogue.variants.map(({ id }) => id);
    const moves = random.once(absurd ? 2 : seen.scheduled.length > 0 ? 30 : 3);
    const variant = this.variantOf(moves ? random.pick(variants) : seen.variant);
    const held = seen.scheduled.flatMap(({ body }) => touched(body));
    const allowed = (component: string): boolean => variant.components.some(({ id }) => id === component);
    const leaving = absurd ? [] : seen.booked.filter(({ component }) => !allowed(component));
    const free = seen.booked.filter(
      (each) => !leaving.includes(each) && (absurd || !held.includes(each.name)),
    );
    const bookable = free.filter((each) => absurd || this.kindOf(each.component) === 'bookable');
    const set = bookable.length === 0 || random.once(2) ? [] : [random.pick(bookable)];
    const others = free.filter((each) => !set.includes(each));
    const removed = others.length === 0 || !random.once(5) ? [] : [random.pick(others)];
    const staying = seen.booked.filter((each) => !leaving.includes(each) && !removed.includes(each));
    const nothing = leaving.length + set.length + removed.length === 0 && variant.id === seen.variant;
    return {
      kind: 'change',
      id: this.name('k'),
      effective: this.whenOf(seen, variant),
      variant: variant.id === seen.variant && !random.once(10) ? null : variant.id,
      add: this.wishes(absurd ? null : variant, staying, nothing ? 1 : 0, 2),
      set: set.map(({ name }) => ({
        subscription: name,
        quantity: random.once(10) ? '0' : random.pick(QUANTITIES),
      })),
      remove: [...leaving, ...removed].map(({ name }) => name),
    };
  }

  /** A change back to the state `before`, or null if nothing differs. */
  back(seen: LifeView, before: LifeView): WantedOf<'change'> | null {
    const set = seen.booked.flatMap(({ name, quantity }) => {
      const was = before.booked.find((each) => each.name === name);
      return was === undefined || was.quantity === quantity
        ? []
        : [{ subscription: name, quantity: was.quantity }];
    });
    const variant = before.variant === seen.variant ? null : before.variant;
    if (set.length === 0 && variant === null) return null;
    return { kind: 'change', id: this.name('k'), effective: 'now', variant, add: [], set, remove: [] };
  }

  /** Often `now` before a scheduled cancellation or in a pause, and mostly `period_end` for a variant without proration. */
  private whenOf(seen: LifeView, variant: Variant): When {
    if (seen.scheduled.some(({ body }) => body.kind === 'cancel') && this.random.once(2)) return 'now';
    if (seen.phase === 'inactive' && this.random.once(2)) return 'now';
    const prorated = [this.variantOf(seen.variant), variant].every(({ proration }) => proration !== 'none');
    return variant.id === seen.variant || prorated || this.random.once(6) ? this.when() : 'period_end';
  }

  /** Bookings that a variant allows besides the existing ones. Without a variant, any bookings. */
  wishes(variant: Variant | null, booked: LifeView['booked'], least: number, most: number): Wish[] {
    const { random } = this;
    const { components } = this.catalogue;
    const taken = new Set(booked.map((each) => each.component));
    return Array.from({ length: random.int(least, most) }, () => {
      const allowed = components.filter(
        ({ id, kind }) =>
          (kind === 'bookable' || !taken.has(id)) &&
          variant?.components.some((each) => each.id === id) === true,
      );
      const offered = variant === null || random.once(40) ? components : allowed;
      if (offered.length === 0) return [];
      const { id, kind } = random.pick(offered);
      taken.add(id);
      const start = random.once(6) ? random.int(0, 45) : null;
      return {
        component: id,
        quantity: kind === 'bookable' || random.once(40) ? random.pick(QUANTITIES) : '1',
        subscription: this.name('b'),
        start,
        end: random.once(5) ? (start ?? 0) + random.int(1, 80) : null,
      };
    }).flat();
  }

  variantOf(id: string): Variant {
    return this.catalogue.variants.find((each) => each.id === id)!;
  }

  kindOf(component: string): string {
    return this.catalogue.components.find((each) => each.id === component)!.kind;
  }
}

/** The bookings that a scheduled change sets or removes. */
function touched(body: LifeView['scheduled'][number]['body']): string[] {
  if (body.kind !== 'change') return [];
  return [
    ...(body.components?.set ?? []).map(({ subscription }) => subscription),
    ...(body.components?.remove ?? []),
  ];
}
