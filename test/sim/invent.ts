import { inventCatalogue } from './catalogue.ts';
import type { Seen } from './life.ts';
import type { Next } from './live.ts';
import type { Variant } from './model.ts';
import type { Action, Setting, Wanted, When, Wish } from './plan.ts';
import type { Chance } from './random.ts';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Sydney',
  'Asia/Kolkata',
  'UTC',
  'America/Juneau',
];

/** Most succeed, late or not; those that never do lead to a pause by the dunning, and so does what is charged back. */
const PAYMENTS = [
  'card',
  'card',
  'debit;pending_days=3',
  'debit;pending_days=5;then=declined:account_closed',
  'card;decline=insufficient_funds',
  'card;late=charged',
  'card;late=not_charged',
  'card;requires_action',
  'card;chargeback_days=30',
  'debit;pending_days=2;chargeback_days=45',
];

const QUANTITIES = ['1', '2', '3', '5', '11', '12', '51', '60', '10.5', '0.5'];
const DAY = 86_400;
/** At a time, and in a life. */
const MOST_ALIVE = 3;
const MOST_CONTRACTS = 12;

export function inventSetting(seed: number, random: Chance): Setting {
  const catalogue = inventCatalogue(random);
  const day = Date.UTC(random.int(2022, 2024), random.int(0, 11), random.int(1, 31));
  const begin = new Date(day + random.int(0, 1439) * 60_000).toISOString();
  return { seed, catalogue, zone: random.pick(ZONES), begin };
}

/** So many steps of a life, each invented by what the contracts are by then. */
export function inventing(setting: Setting, random: Chance, steps: number): Next {
  const inventor = new Inventor(setting, random);
  let left = steps;
  return (contracts, see) => (left-- > 0 ? inventor.next(contracts, see) : Promise.resolve(null));
}

/** Names what is booked and may be booked; one wish in eight is absurd. */
class Inventor {
  private readonly setting: Setting;
  private readonly random: Chance;
  private readonly ended = new Set<number>();
  private readonly made = { b: 0, k: 0, e: 0, o: 0 };

  constructor(setting: Setting, random: Chance) {
    this.setting = setting;
    this.random = random;
  }

  async next(contracts: number, see: (contract: number) => Promise<Seen | null>): Promise<Action> {
    const { random } = this;
    if (contracts === 0) return this.order(0);
    if (random.int(0, 99) < 30) return { kind: 'advance', seconds: spanOf(random) };
    const alive = Array.from({ length: contracts }, (_, n) => n).filter((n) => !this.ended.has(n));
    const more = contracts < MOST_CONTRACTS && alive.length < MOST_ALIVE;
    if (more && (alive.length === 0 || random.once(25))) return this.order(contracts);
    const contract = random.pick(alive.length === 0 || random.once(50) ? [0] : alive);
    const seen = await see(contract);
    if (seen === null || seen.phase === 'ended') this.ended.add(contract);
    if (seen === null || (seen.phase === 'ordered' && !random.once(5)))
      return { kind: 'advance', seconds: spanOf(random) };
    return { kind: 'try', contract, wanted: this.wanted(seen) };
  }

  private name(kind: keyof typeof this.made): string {
    return `${kind}${this.made[kind]++}`;
  }

  private order(contract: number): Action {
    const { random } = this;
    const variant = random.pick(this.setting.catalogue.variants);
    const wanted: Wanted = {
      kind: 'order',
      variant: variant.id,
      startIn: random.once(4) ? random.int(1, 40) : 0,
      anchorIn: random.once(4) ? random.int(0, 40) : null,
      add: this.wishes(variant, [], 1, 4),
      payment: random.pick(PAYMENTS),
      again: random.once(2),
    };
    return { kind: 'try', contract, wanted };
  }

  private wanted(seen: Seen): Wanted {
    const { random } = this;
    const weighted = random.int(0, 99);
    const [planned] = seen.scheduled;
    const charge = seen.charges.at(-1) ?? (random.once(40) ? this.any('o') : undefined);
    if (charge !== undefined && random.once(5)) return { kind: 'withdraw_one_time', id: charge };
    if (weighted < 2) return { kind: 'withdraw', id: this.name('k'), command: this.any('k') };
    if (weighted < 12 && planned !== undefined)
      return { kind: 'withdraw', id: this.name('k'), command: planned.command };
    if (weighted < 20 || (seen.phase === 'inactive' && random.once(4))) return this.pauseOrResume(seen);
    if (weighted < 22) return this.cancel(seen);
    if (weighted < 50) return this.usage(seen);
    if (weighted < 58) return this.oneTime();
    if (weighted < 60) return { kind: 'pay_with', payment: random.pick(PAYMENTS) };
    return this.change(seen);
  }

  /** One of all names of a kind, whatever has become of it. */
  private any(kind: keyof typeof this.made): string {
    return `${kind}${this.random.int(0, Math.max(0, this.made[kind] - 1))}`;
  }

  private when(): When {
    const { random } = this;
    if (random.once(40)) return random.int(-20, -1);
    return random.pick<When>(['now', 'now', 'now', 'now', 'period_end', random.int(0, 60)]);
  }

  private oneTime(): Wanted {
    const { random } = this;
    return {
      kind: 'one_time',
      id: this.name('o'),
      quantity: random.pick(['1', '2', '0.5']),
      unitPrice: random.pick(['75.00', '-5.00', '0.333', '7500']),
      now: random.once(3),
    };
  }

  private pauseOrResume({ pauseReasons }: Seen): Wanted {
    const { random } = this;
    const reasons = ['customer', 'operator'] as const;
    const held = reasons.filter((each) => pauseReasons.includes(each));
    const reason = random.pick(held.length === 0 || random.once(4) ? reasons : held);
    const paused = pauseReasons.includes(reason);
    const kind = paused === random.once(12) ? 'pause' : 'resume';
    return { kind, id: this.name('k'), effective: this.when(), reason };
  }

  private cancel({ variant, scheduled }: Seen): Wanted {
    const { random } = this;
    const bound = this.variantOf(variant).term !== null || this.variantOf(variant).notice !== null;
    const effective = this.when();
    return {
      kind: 'cancel',
      id: this.name('k'),
      effective: scheduled.length > 0 && random.once(2) ? 'period_end' : effective,
      credit: random.pick([true, false, null]),
      waive: bound && effective !== 'period_end' ? !random.once(4) : random.once(4),
    };
  }

  private usage(seen: Seen): Wanted {
    const { random } = this;
    const { now, booked, events, phase } = seen;
    if (events.length > 0 && random.once(10)) return { kind: 'usage_again', event: random.pick(events) };
    const metered = booked.filter((each) => this.kindOf(each.component) === 'metered');
    const absurd = random.once(12);
    if ((metered.length === 0 || (phase === 'inactive' && random.once(2))) && !absurd)
      return this.change(seen);
    const far = random.pick([
      0,
      0,
      random.int(0, DAY * 5),
      random.int(0, DAY * 90),
      random.int(0, DAY * 400),
    ]);
    const counts = absurd ? null : random.pick(metered);
    const since = counts === null ? far : Math.floor((Date.parse(now) - Date.parse(counts.since)) / 1000);
    return {
      kind: 'usage',
      component: counts?.component ?? random.pick(this.setting.catalogue.components).id,
      ago: phase === 'inactive' ? far + DAY : Math.max(Math.min(far, since), absurd ? -DAY : 0),
      quantity: random.pick(['1', '5', '37', '2000', '0.25', '-3', '12']),
      value: random.pick(['ann', 'bob', 'cleo']),
      event: events.length > 0 && random.once(20) ? random.pick(events) : this.name('e'),
      twice: random.once(10),
    };
  }

  /** Books, removes, and moves what is not scheduled to change anyway; one change in eight is absurd. */
  private change(seen: Seen): Wanted {
    const { random } = this;
    const absurd = random.once(8);
    const variants = this.setting.catalogue.variants.map(({ id }) => id);
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
    const removed = others.length === 0 || !random.once(6) ? [] : [random.pick(others)];
    const staying = seen.booked.filter((each) => !leaving.includes(each) && !removed.includes(each));
    const nothing = leaving.length + set.length + removed.length === 0 && variant.id === seen.variant;
    const add = this.wishes(absurd ? null : variant, staying, nothing ? 1 : 0, 2);
    if (nothing && add.length === 0 && !absurd) return this.oneTime();
    return {
      kind: 'change',
      id: this.name('k'),
      effective: this.whenOf(seen, variant),
      variant: variant.id === seen.variant && !random.once(10) ? null : variant.id,
      add,
      set: set.map(({ name }) => ({ subscription: name, quantity: random.pick(QUANTITIES) })),
      remove: [...leaving, ...removed].map(({ name }) => name),
    };
  }

  /** Nothing comes after a cancellation, and a variant without proration is left at the end of its period. */
  private whenOf(seen: Seen, variant: Variant): When {
    if (seen.scheduled.some(({ body }) => body.kind === 'cancel')) return 'now';
    const prorated = [this.variantOf(seen.variant), variant].every(({ proration }) => proration !== 'none');
    return variant.id === seen.variant || prorated || this.random.once(6) ? this.when() : 'period_end';
  }

  /** Bookings that a variant allows beside what is booked; without a variant, any. */
  private wishes(variant: Variant | null, booked: Seen['booked'], least: number, most: number): Wish[] {
    const { random } = this;
    const { components } = this.setting.catalogue;
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
        end: random.once(6) ? (start ?? 0) + random.int(1, 80) : null,
      };
    }).flat();
  }

  private variantOf(id: string): Variant {
    return this.setting.catalogue.variants.find((each) => each.id === id)!;
  }

  private kindOf(component: string): string {
    return this.setting.catalogue.components.find((each) => each.id === component)!.kind;
  }
}

/** The bookings that a scheduled change has in its hands. */
function touched(body: Seen['scheduled'][number]['body']): string[] {
  if (body.kind !== 'change') return [];
  return [
    ...(body.components?.set ?? []).map(({ subscription }) => subscription),
    ...(body.components?.remove ?? []),
  ];
}

/** From seconds to two years. */
function spanOf(random: Chance): number {
  if (random.once(40)) return random.int(400, 700) * DAY;
  if (random.once(15)) return random.int(100, 400) * DAY;
  return random.pick([
    random.int(1, 3600),
    random.int(1, 3) * DAY,
    random.int(1, 20) * DAY + random.int(0, DAY),
    random.int(1, 40) * DAY + random.int(0, DAY),
    random.int(20, 70) * DAY,
  ]);
}
