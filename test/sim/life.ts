import { addDays, addInterval, dateAt, instant, startOfDay } from '../../domain/calendar.ts';
import type { CommandBody } from '../../domain/contract/state.ts';
import type { Action, Plan, When, Wish } from './invent.ts';
import type { Body, Booking, Life, Line, OneTime } from './model.ts';

type Of<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;

/** What is asked of a contract, with subscriptions and commands by the ids that the backend gave them. */
export type Asked = Exclude<CommandBody, { kind: 'order' }>;

export interface Ordered {
  readonly variant: string;
  readonly start: string;
  readonly anchor: string | null;
  readonly components: readonly Booking[];
}

/** What has come about in a contract, in the order in which it was decided. */
export interface News {
  /** Commands that were applied, the order among them; some were asked by the product itself. */
  readonly applied: readonly {
    readonly id: string;
    readonly at: string;
    readonly effective: string;
    readonly body: CommandBody;
  }[];
  readonly booked: readonly {
    readonly subscription: string;
    readonly component: string;
    readonly quantity: string;
    readonly startsAt: string;
    readonly endsAt: string | null;
    /** The commands that the step which booked it decided or performed. */
    readonly by: readonly string[];
  }[];
}

/** Where a contract lives. Whatever is asked of it may be refused: then the answer is null, or false. */
export interface Backend {
  /** The instant of its clock. */
  readonly now: string;
  /** Answers the command's id. */
  order(order: Ordered): Promise<string | null>;
  advance(to: string): Promise<void>;
  /** Answers the command's id. */
  command(asked: Asked, effective: string): Promise<string | null>;
  /** Answers the subscription that it counts for, of those that have the name. */
  use(usage: Of<'usage'> & { readonly at: string; readonly id: string }): Promise<string | null>;
  /** Answers the charge's id. */
  chargeOnce(charge: Of<'one_time'> & { readonly serviceDate: string }): Promise<string | null>;
  withdrawOnce(id: string): Promise<boolean>;
  /** Since it was last asked. */
  news(): Promise<News>;
  /** Subjects are `fee`, `setup`, or ids of subscriptions and one-time charges. */
  lines(): Promise<Line[]>;
  /** What is wrong in its books after a step, said in words. */
  audit(): Promise<string[]>;
}

/** A plan, lived: what is tried of it is driven through a backend, and what of it was accepted is told to the model. */
export class Lived {
  readonly life: Life;
  private readonly plan: Plan;
  private readonly backend: Backend;
  /** What subscriptions and one-time charges are called in the life, by id. */
  private readonly names = new Map<string, string>();
  /** Commands by id: what they said, what they booked, and their place in the life once they were applied. */
  private readonly said = new Map<string, Body>();
  private readonly bookings = new Map<string, Booking[]>();
  private readonly places = new Map<string, number>();
  private readonly events = new Set<string>();
  private included = 0;

  constructor(plan: Plan, backend: Backend) {
    this.plan = plan;
    this.backend = backend;
    const { order, zone } = plan;
    const at = instant(plan.begin);
    const trial = plan.catalogue.variants.find(({ id }) => id === order.variant)?.trial ?? null;
    const start = addDays(dateAt(at, zone), order.startIn);
    const firstDay = trial === null ? start : addInterval(start, trial, 1);
    this.life = {
      zone,
      currencyDigits: 2,
      order: {
        variant: order.variant,
        start,
        anchor: order.anchorIn === null ? null : addDays(firstDay, order.anchorIn),
        at,
        components: order.add.map((wish) => bookingOf(wish, start)),
      },
      commands: [],
      usage: [],
      oneTime: [],
      until: at,
    };
  }

  /** Whether the order was taken. */
  async begin(): Promise<boolean> {
    const { variant, start, anchor, components } = this.life.order;
    const id = await this.backend.order({ variant, start, anchor, components });
    if (id === null) return false;
    this.bookings.set(id, [...components]);
    await this.hear();
    return true;
  }

  async do(action: Action): Promise<void> {
    await this.try(action);
    await this.hear();
  }

  /** What it was billed, in the names of the life. */
  async lines(): Promise<Line[]> {
    const lines = await this.backend.lines();
    return lines.map((line) => ({ ...line, subject: this.names.get(line.subject) ?? line.subject }));
  }

  private async try(action: Action): Promise<void> {
    switch (action.kind) {
      case 'advance': {
        await this.backend.advance(later(this.backend.now, action.seconds));
        this.life.until = this.backend.now;
        return;
      }
      case 'usage':
        return this.use(action);
      case 'one_time':
        return this.chargeOnce(action);
      case 'withdraw_one_time':
        return this.withdrawOnce(action.id);
      case 'withdraw': {
        const place = this.life.commands.length - action.back;
        const command = [...this.places].find(([, each]) => each === place)?.[0];
        if (command === undefined) return;
        return this.ask({ kind: 'withdraw', command }, { kind: 'withdraw', command: place }, 'now');
      }
      case 'change':
        return this.change(action);
      case 'cancel': {
        const body = {
          kind: 'cancel' as const,
          ...(action.credit === null ? {} : { credit: action.credit }),
          ...(action.waive ? { waiveTerm: true } : {}),
        };
        return this.ask(body, body, this.effective(action.effective));
      }
      default: {
        const body = { kind: action.kind, reason: action.reason };
        return this.ask(body, body, this.effective(action.effective));
      }
    }
  }

  private get today(): string {
    return dateAt(this.backend.now, this.plan.zone);
  }

  private effective(when: When): string {
    return typeof when === 'number' ? addDays(this.today, when) : when;
  }

  private idOf(name: string): string {
    return [...this.names].find(([, each]) => each === name)?.[0] ?? `nothing-${name}`;
  }

  private async change(action: Of<'change'>): Promise<void> {
    const effective = this.effective(action.effective);
    const day = typeof action.effective === 'number' ? effective : this.today;
    const add = action.add.map((wish) => bookingOf(wish, day));
    const variant = action.variant === null ? {} : { variant: action.variant };
    const set = action.set.map((each) => ({ ...each, subscription: this.idOf(each.subscription) }));
    const remove = action.remove.map((name) => this.idOf(name));
    await this.ask(
      { kind: 'change', ...variant, components: { add: add.map(unnamed), set, remove } },
      {
        kind: 'change',
        ...variant,
        components: { add: [...add], set: [...action.set], remove: [...action.remove] },
      },
      effective,
      add,
    );
  }

  private async ask(asked: Asked, said: Body, effective: string, bookings: Booking[] = []): Promise<void> {
    const id = await this.backend.command(asked, effective);
    if (id === null) return;
    this.said.set(id, said);
    this.bookings.set(id, bookings);
  }

  private async use(action: Of<'usage'>): Promise<void> {
    const at = later(this.backend.now, -action.ago);
    const { event, quantity, value } = action;
    const subscription = await this.backend.use({ ...action, at, id: this.idOf(action.subscription) });
    if (subscription === null || this.events.has(event)) return;
    this.events.add(event);
    this.life.usage.push({
      subscription: this.names.get(subscription) ?? subscription,
      at,
      recordedAt: this.backend.now,
      after: this.life.commands.length,
      quantity,
      value,
    });
  }

  private async chargeOnce(action: Of<'one_time'>): Promise<void> {
    const serviceDate = this.today;
    const id = await this.backend.chargeOnce({ ...action, serviceDate });
    if (id === null) return;
    this.names.set(id, action.id);
    const charge: OneTime = {
      id: action.id,
      at: this.backend.now,
      after: this.life.commands.length,
      quantity: action.quantity,
      unitPrice: action.unitPrice,
      serviceDate,
      when: action.now ? 'now' : 'next_invoice',
    };
    this.life.oneTime.push(charge);
  }

  private async withdrawOnce(name: string): Promise<void> {
    const charge = this.life.oneTime.find(({ id }) => id === name);
    if (charge !== undefined && (await this.backend.withdrawOnce(this.idOf(name))))
      charge.withdrawnAt = this.backend.now;
  }

  /** Takes down what was accepted, and gives names to what was booked. */
  private async hear(): Promise<void> {
    const { applied, booked } = await this.backend.news();
    for (const { id, at, effective, body } of applied) {
      if (body.kind === 'order') continue;
      this.places.set(id, this.life.commands.length);
      this.life.commands.push({ at, effective, body: this.said.get(id) ?? ownOf(body) });
    }
    for (const each of booked) {
      const known = this.bookingOf(each);
      if (known === null) this.sayIncluded(each);
      else this.names.set(each.subscription, known.subscription);
    }
  }

  /** The booking that a command asked for, the one that says the most of it; null where it came with a variant. */
  private bookingOf({ component, quantity, startsAt, endsAt, by }: News['booked'][number]): Booking | null {
    const { zone } = this.plan;
    const bookings = by.flatMap((id) => this.bookings.get(id) ?? []);
    const alike = (each: Booking): number =>
      (each.quantity === quantity ? 4 : 0) +
      ((each.end === undefined ? null : startOfDay(each.end, zone)) === endsAt ? 2 : 0) +
      (each.start !== undefined && startOfDay(each.start, zone) === startsAt ? 1 : 0);
    const [best] = bookings
      .filter((each) => each.component === component && !this.named(each.subscription))
      .sort((a, b) => alike(b) - alike(a));
    return best ?? null;
  }

  private named(name: string): boolean {
    return [...this.names.values()].includes(name);
  }

  /** What came with a variant is told to the model as booked by the command that changed to it. */
  private sayIncluded({ subscription, component, quantity, by }: News['booked'][number]): void {
    const name = `i${this.included++}`;
    this.names.set(subscription, name);
    const booking = { component, quantity, subscription: name };
    const body = this.life.commands[this.places.get(by.at(-1) ?? '') ?? -1]?.body;
    if (body === undefined) this.life.order.components.push(booking);
    else if (body.kind === 'change') body.components?.add?.push(booking);
  }
}

/** What the product asked by itself: collection pauses and resumes. */
function ownOf(body: CommandBody): Body {
  if (body.kind === 'pause' || body.kind === 'resume') return { kind: body.kind, reason: body.reason };
  throw new Error(`nobody asked for ${JSON.stringify(body)}`);
}

const later = (at: string, seconds: number): string =>
  new Date(Date.parse(at) + seconds * 1000).toISOString();

function bookingOf({ component, quantity, subscription, start, end }: Wish, day: string): Booking {
  return {
    component,
    quantity,
    subscription,
    ...(start === null ? {} : { start: addDays(day, start) }),
    ...(end === null ? {} : { end: addDays(day, end) }),
  };
}

/** A booking as it is asked for. */
export function unnamed({ component, quantity, start, end }: Booking): Omit<Booking, 'subscription'> {
  return {
    component,
    quantity,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}
