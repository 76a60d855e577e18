import { inventCatalogue, inventVersion, withVersion } from './catalogue.ts';
import { Changes } from './invent-changes.ts';
import type { LifeView } from './backend.ts';
import type { Next } from './live.ts';
import type { Action, Payment, Setting, Wanted } from './plan.ts';
import type { Chance } from './random.ts';

const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Sydney',
  'Asia/Kolkata',
  'UTC',
  'America/Juneau',
];

/** Tokens of the sandbox. Most succeed, some of them late. Those that never succeed lead to a pause by dunning. */
const PAYMENTS = [
  'card',
  'card',
  'debit;pending_days=3',
  'debit;pending_days=5;then=declined:account_closed',
  'card;decline=insufficient_funds',
  'card;late=charged',
  'card;late=not_charged',
  'card;requires_action',
  'card;requires_action',
  'card;chargeback_days=30',
  'debit;pending_days=2;chargeback_days=45',
];

const REASONS = ['customer', 'operator'] as const;
const DAY = 86_400;
/** How many contracts live at a time, and how many a life has in all. */
const MOST_ALIVE = 3;
const MOST_CONTRACTS = 12;

export function inventSetting(seed: number, random: Chance): Setting {
  const catalogue = inventCatalogue(random);
  const day = Date.UTC(random.int(2022, 2024), random.int(0, 11), random.int(1, 31));
  const begin = new Date(day + random.int(0, 1439) * 60_000).toISOString();
  const zone = random.pick(ZONES);
  return { seed, catalogue, priceMode: random.once(3) ? 'gross' : 'net', zone, begin };
}

/** Invents `steps` actions, each from the state of the contracts at that point. */
export function inventing(setting: Setting, random: Chance, steps: number): Next {
  const inventor = new Inventor(setting, random);
  let left = steps;
  return (contracts, see) => (left-- > 0 ? inventor.next(contracts, see) : Promise.resolve(null));
}

/** Invents actions, and names for what they book, send, report and charge. One wish in eight is absurd. */
class Inventor {
  private readonly random: Chance;
  private readonly changes: Changes;
  private readonly ended = new Set<number>();
  /** The last state of each contract in which it was not paused. */
  private readonly running = new Map<number, LifeView>();
  private readonly made = { b: 0, k: 0, e: 0, o: 0 };

  constructor({ catalogue }: Setting, random: Chance) {
    this.random = random;
    this.changes = new Changes(catalogue, random, (kind) => this.name(kind));
  }

  async next(contracts: number, see: (contract: number) => Promise<LifeView | null>): Promise<Action> {
    const { random } = this;
    if (contracts === 0) return this.order(0);
    if (random.int(0, 99) < 30) return { kind: 'advance', seconds: spanOf(random) };
    if (random.once(20)) return this.publish();
    const alive = Array.from({ length: contracts }, (_, n) => n).filter((n) => !this.ended.has(n));
    const more = contracts < MOST_CONTRACTS && alive.length < MOST_ALIVE;
    if (more && (alive.length === 0 || random.once(25))) return this.order(contracts);
    const contract = random.pick(alive.length === 0 || random.once(50) ? [0] : alive);
    const seen = await see(contract);
    if (seen === null || seen.phase === 'ended') this.ended.add(contract);
    if (seen === null || (seen.phase === 'ordered' && !random.once(2)))
      return { kind: 'advance', seconds: spanOf(random) };
    const wanted = this.wanted(seen, this.running.get(contract) ?? seen);
    if (seen.phase !== 'inactive') this.running.set(contract, seen);
    return { kind: 'try', contract, wanted };
  }

  private name(kind: keyof typeof this.made): string {
    return `${kind}${this.made[kind]++}`;
  }

  private publish(): Action {
    const version = inventVersion(this.random, this.changes.catalogue);
    this.changes.catalogue = withVersion(this.changes.catalogue, version);
    return { kind: 'publish', version };
  }

  private order(contract: number): Action {
    const { random } = this;
    const variant = random.pick(this.changes.catalogue.variants);
    const wanted: Wanted = {
      kind: 'order',
      variant: variant.id,
      startIn: random.once(4) ? random.int(1, 40) : 0,
      anchorIn: random.once(4) ? random.int(0, 40) : null,
      add: this.changes.wishes(variant, [], 1, 4),
      payment: random.once(8) ? null : random.pick(PAYMENTS),
      again: random.once(2),
    };
    return { kind: 'try', contract, wanted };
  }

  private confirm(): Payment {
    return { kind: 'confirm', declines: this.random.once(3) };
  }

  private wanted(seen: LifeView, running: LifeView): Wanted {
    const { random } = this;
    const paused = seen.phase === 'inactive';
    const weighted = random.int(0, 99);
    const charge = seen.charges.at(-1) ?? (random.once(40) ? this.any('o') : undefined);
    if (charge !== undefined && random.once(5)) return { kind: 'withdraw_one_time', id: charge };
    if (seen.payments !== null && seen.payments.challenges > 0 && random.once(2)) return this.confirm();
    if (paused && random.once(6)) return this.changes.back(seen, running) ?? this.changes.change(seen);
    if (weighted < 2) return { kind: 'withdraw', id: this.name('k'), command: this.any('k') };
    if (weighted < 15 && seen.scheduled.length > 0)
      return { kind: 'withdraw', id: this.name('k'), command: random.pick(seen.scheduled).command };
    if (weighted < 22 || (paused && random.once(5))) return this.pauseOrResume(seen);
    if (weighted < (paused ? 28 : 26)) return this.cancel(seen);
    if (weighted < 46) return this.usage(seen);
    if (weighted < 53) return this.oneTime();
    if (weighted < 60 && seen.payments !== null) return this.payment(seen.payments);
    return this.change(seen);
  }

  /** Any of the names that were given for a kind. */
  private any(kind: keyof typeof this.made): string {
    return `${kind}${this.random.int(0, Math.max(0, this.made[kind] - 1))}`;
  }

  private payment({ methods, challenges }: NonNullable<LifeView['payments']>): Payment {
    const { random } = this;
    const absurd = random.once(8);
    const kinds: (Payment['kind'] | false)[] = [
      'pay_with',
      'receipt',
      (methods > 0 || absurd) && 'remove_method',
      (challenges > 0 || absurd) && 'confirm',
    ];
    switch (random.pick(kinds.filter((kind) => kind !== false))) {
      case 'pay_with': {
        const of = random.pick(['contract', 'account'] as const);
        return { kind: 'pay_with', payment: random.pick(PAYMENTS), of };
      }
      case 'receipt':
        return { kind: 'receipt', amount: random.pick(['10.00', '117.81', '400.00', '5000.00']) };
      case 'remove_method':
        return { kind: 'remove_method' };
      default:
        return this.confirm();
    }
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

  /** A paused contract may be paused for another reason, too. A reason with a scheduled pause or resumption is avoided. */
  private pauseOrResume({ pauseReasons, scheduled }: LifeView): Wanted {
    const { random } = this;
    const waits = scheduled.flatMap(({ body }) => ('reason' in body ? [body.reason] : []));
    const free = REASONS.filter((each) => !waits.includes(each));
    const held = free.filter((each) => pauseReasons.includes(each));
    const absurd = random.once(12);
    const reason = random.pick(
      absurd || free.length === 0 ? REASONS : held.length === 0 || random.once(4) ? free : held,
    );
    const kind = pauseReasons.includes(reason) === absurd ? 'pause' : 'resume';
    return { kind, id: this.name('k'), effective: this.changes.when(), reason };
  }

  private cancel({ variant, scheduled }: LifeView): Wanted {
    const { random } = this;
    const { term, notice } = this.changes.variantOf(variant);
    const effective = random.once(3) ? this.changes.when() : random.int(1, 60);
    return {
      kind: 'cancel',
      id: this.name('k'),
      effective: scheduled.length > 0 && random.once(2) ? 'period_end' : effective,
      credit: random.pick([true, false, null]),
      waive:
        (term !== null || notice !== null) && effective !== 'period_end' ? !random.once(4) : random.once(4),
    };
  }

  private usage(seen: LifeView): Wanted {
    const { random } = this;
    const { now, booked, events, phase } = seen;
    if (events.length > 0 && random.once(10)) return { kind: 'usage_again', event: random.pick(events) };
    const metered = booked.filter((each) => this.changes.kindOf(each.component) === 'metered');
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
      component: counts?.component ?? random.pick(this.changes.catalogue.components).id,
      ago: phase === 'inactive' ? far + DAY : Math.max(Math.min(far, since), absurd ? -DAY : 0),
      quantity: random.pick(['1', '5', '37', '2000', '0.25', '-3', '12']),
      value: random.pick(['ann', 'bob', 'cleo']),
      event: events.length > 0 && random.once(20) ? random.pick(events) : this.name('e'),
      twice: random.once(10),
    };
  }

  /** A change, or mostly a one-time charge if the change would be empty. */
  private change(seen: LifeView): Wanted {
    const change = this.changes.change(seen);
    const { variant, add, set, remove } = change;
    const nothing = variant === null && add.length + set.length + remove.length === 0;
    return nothing && !this.random.once(8) ? this.oneTime() : change;
  }
}

/** A span in seconds, from one second to nearly two years. */
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
