import { addDays, addInterval, dateAt, instant } from '../../domain/arithmetic/calendar.ts';
import type { CommandBody } from '../../domain/contracts/state.ts';
import type { CommandRequest, Backend, ContractBackend, News, UsageReport, LifeView } from './backend.ts';
import {
  type BilledLine,
  type Body,
  type Booking,
  type Catalogue,
  type Life,
  type Line,
  type Version,
  bill,
  includedName,
} from './model.ts';
import type { TaxedDocument } from './model/taxes.ts';
import type { Setting, Wanted, WantedOf, When } from './plan.ts';
import { bookingOf, closest, unnamed } from './wish.ts';

/** The life of one contract. Its actions go to a backend, and what the backend accepts is recorded for the model. */
export class ContractLife {
  private readonly life: Life;
  /** The catalogue at the order. */
  private readonly catalogue: Catalogue;
  private readonly clock: Pick<Backend, 'now'>;
  private readonly contract: ContractBackend;
  /** The names of subscriptions and one-time charges in the life, by their id at the backend. */
  private readonly names = new Map<string, string>();
  /** By the id of a command: its name and body in the life, its bookings, and its place among the applied commands. */
  private readonly asked = new Map<string, { readonly name: string; readonly body: Body }>();
  private readonly bookings = new Map<string, readonly Booking[]>();
  private readonly places = new Map<string, number>();
  private readonly sent = new Map<string, UsageReport>();

  private constructor(
    clock: Pick<Backend, 'now'>,
    contract: ContractBackend,
    catalogue: Catalogue,
    life: Life,
  ) {
    this.clock = clock;
    this.catalogue = catalogue;
    this.contract = contract;
    this.life = life;
  }

  /** Orders the contract. Returns null if the order was refused. */
  static async order(
    { zone, catalogue }: Pick<Setting, 'zone' | 'catalogue'>,
    backend: Backend,
    order: WantedOf<'order'>,
  ): Promise<ContractLife | null> {
    const { variant, payment, again } = order;
    const at = instant(backend.now);
    const trial = catalogue.variants.find(({ id }) => id === variant)?.trial ?? null;
    const start = addDays(dateAt(at, zone), order.startIn);
    const firstDay = trial === null ? start : addInterval(start, trial, 1);
    const anchor = order.anchorIn === null ? null : addDays(firstDay, order.anchorIn);
    const components = order.add.map((wish) => bookingOf(wish, start));
    const ordered = await backend.order({ variant, payment, again, start, anchor, components });
    if (ordered === null) return null;
    const contract = new ContractLife(backend, ordered.contract, catalogue, {
      zone,
      currencyDigits: 2,
      order: { variant, start, anchor, at, components },
      commands: [],
      usage: [],
      oneTime: [],
      published: [],
      until: at,
    });
    contract.bookings.set(ordered.command, [...components]);
    await contract.takeNews();
    return contract;
  }

  /** Performs an action. Returns whether it was accepted. */
  async try(wanted: Exclude<Wanted, { kind: 'order' }>): Promise<boolean> {
    const accepted = await this.attempt(wanted);
    await this.takeNews();
    return accepted;
  }

  /** Records the commands that were applied, and gives names to new bookings. */
  async takeNews(): Promise<void> {
    const { applied, booked } = await this.contract.news();
    for (const { id, at, effective, body } of applied) {
      if (body.kind === 'order') continue;
      this.places.set(id, this.life.commands.length);
      this.life.commands.push({ at, effective, body: this.asked.get(id)?.body ?? ownOf(body) });
    }
    // Bookings that match a request exactly get their names first, and those without a request last.
    for (const exact of [true, false]) for (const each of booked) this.giveName(each, exact);
    this.life.until = this.clock.now;
  }

  /** Records a version that is on sale for all later requests. */
  publish(version: Version): void {
    this.life.published.push({ after: this.life.commands.length, ...version });
  }

  async see(): Promise<LifeView> {
    const { subscriptions, scheduled, charges, ...view } = await this.contract.see();
    const { now } = this.clock;
    return {
      ...view,
      now,
      booked: subscriptions.map(({ id, ...each }) => ({ ...each, name: this.names.get(id) ?? id })),
      scheduled: scheduled.flatMap((id) => {
        const known = this.asked.get(id);
        return known === undefined ? [] : [{ command: known.name, body: known.body }];
      }),
      events: [...this.sent.keys()],
      charges: charges.flatMap((id) => this.names.get(id) ?? []),
    };
  }

  /** The lines that were billed, with the names of the life. */
  async lines(): Promise<Line[]> {
    const lines = await this.contract.lines();
    return lines.map((line) => ({ ...line, subject: this.names.get(line.subject) ?? line.subject }));
  }

  documents(): Promise<TaxedDocument[] | null> {
    return this.contract.documents();
  }

  /** The lines that the model expects. */
  expected(): BilledLine[] {
    return bill(this.catalogue, this.life);
  }

  private attempt(wanted: Exclude<Wanted, { kind: 'order' }>): Promise<boolean> {
    switch (wanted.kind) {
      case 'usage': {
        const { event, component, quantity, value, ago, twice } = wanted;
        const at = later(this.clock.now, -ago);
        return this.use({ event, component, quantity, value, at }, twice ? 2 : 1);
      }
      case 'usage_again': {
        const sent = this.sent.get(wanted.event);
        return sent === undefined ? Promise.resolve(false) : this.use(sent, 1);
      }
      case 'one_time':
        return this.createOneTimeCharge(wanted);
      case 'withdraw_one_time':
        return this.withdrawOneTimeCharge(wanted.id);
      case 'pay_with':
      case 'remove_method':
      case 'receipt':
      case 'confirm':
        return this.contract.pay(wanted);
      case 'withdraw':
        return this.withdraw(wanted);
      case 'change':
        return this.change(wanted);
      case 'cancel': {
        const { credit, waive } = wanted;
        const more = { ...(credit === null ? {} : { credit }), ...(waive ? { waiveTerm: true } : {}) };
        const body = { kind: 'cancel' as const, ...more };
        return this.ask(wanted, body, body);
      }
      default: {
        const { kind, reason } = wanted;
        return this.ask(wanted, { kind, reason }, { kind, reason });
      }
    }
  }

  private get today(): string {
    return dateAt(this.clock.now, this.life.zone);
  }

  private idOf(name: string): string {
    return [...this.names].find(([, each]) => each === name)?.[0] ?? `nothing-${name}`;
  }

  private change(wanted: WantedOf<'change'>): Promise<boolean> {
    const { effective, variant } = wanted;
    const day = addDays(this.today, typeof effective === 'number' ? effective : 0);
    const add = wanted.add.map((wish) => bookingOf(wish, day));
    const set = wanted.set.map((each) => ({ ...each, subscription: this.idOf(each.subscription) }));
    const remove = wanted.remove.map((name) => this.idOf(name));
    const change = { kind: 'change' as const, ...(variant === null ? {} : { variant }) };
    return this.ask(
      wanted,
      { ...change, components: { add, set: [...wanted.set], remove: [...wanted.remove] } },
      { ...change, components: { add: add.map(unnamed), set, remove } },
      add,
    );
  }

  private withdraw({ id, command }: WantedOf<'withdraw'>): Promise<boolean> {
    const commandId = [...this.asked].find(([, each]) => each.name === command)?.[0];
    const place = this.places.get(commandId ?? '');
    if (commandId === undefined || place === undefined) return Promise.resolve(false);
    const body = { kind: 'withdraw' as const, command: place };
    return this.ask({ id, effective: 'now' }, body, { kind: 'withdraw', command: commandId });
  }

  private async ask(
    { id: name, effective }: { readonly id: string; readonly effective: When },
    body: Body,
    request: CommandRequest,
    bookings: readonly Booking[] = [],
  ): Promise<boolean> {
    const when = typeof effective === 'number' ? addDays(this.today, effective) : effective;
    const id = await this.contract.command(request, when);
    if (id === null) return false;
    this.asked.set(id, { name, body });
    this.bookings.set(id, bookings);
    return true;
  }

  private async use(reported: UsageReport, times: number): Promise<boolean> {
    const { event, at, quantity, value } = reported;
    const id = await this.contract.use(reported, times);
    if (id === null) return false;
    if (this.sent.has(event)) return true;
    this.sent.set(event, reported);
    this.life.usage.push({
      subscription: this.names.get(id) ?? id,
      at,
      recordedAt: this.clock.now,
      after: this.life.commands.length,
      quantity,
      value,
    });
    return true;
  }

  private async createOneTimeCharge(wanted: WantedOf<'one_time'>): Promise<boolean> {
    const serviceDate = this.today;
    const id = await this.contract.createOneTimeCharge({ ...wanted, serviceDate });
    if (id === null) return false;
    this.names.set(id, wanted.id);
    this.life.oneTime.push({
      id: wanted.id,
      at: this.clock.now,
      after: this.life.commands.length,
      quantity: wanted.quantity,
      unitPrice: wanted.unitPrice,
      serviceDate,
      when: wanted.now ? 'now' : 'next_invoice',
    });
    return true;
  }

  private async withdrawOneTimeCharge(name: string): Promise<boolean> {
    const charge = this.life.oneTime.find(({ id }) => id === name);
    if (charge === undefined || !(await this.contract.withdrawOneTimeCharge(this.idOf(name)))) return false;
    charge.withdrawnAt ??= this.clock.now;
    return true;
  }

  /** Names a booking after the request that is closest to it. Without a request, the variant includes it. */
  private giveName(booked: News['booked'][number], exact: boolean): void {
    const { subscription, component, by, quantity } = booked;
    if (this.names.has(subscription)) return;
    const open = by
      .flatMap((id) => this.bookings.get(id) ?? [])
      .filter((each) => each.component === component && !this.named(each.subscription))
      .filter((each) => !exact || each.quantity === quantity);
    const known = closest(open, booked, this.life.zone);
    if (known !== null) this.names.set(subscription, known.subscription);
    else if (!exact) this.nameIncluded(booked);
  }

  private named(name: string): boolean {
    return [...this.names.values()].includes(name);
  }

  /** Names a booking that a variant includes by the command that changed to the variant, as the model does. */
  private nameIncluded({ subscription, component, by }: News['booked'][number]): void {
    const places = by.map((id) => this.places.get(id) ?? -1);
    const changes = places.find((place) => {
      const body = this.life.commands[place]?.body;
      return body?.kind === 'change' && body.variant !== undefined;
    });
    this.names.set(subscription, includedName(component, String(changes ?? 'order')));
  }
}

/** The body of a command of collection, which only pauses and resumes. */
function ownOf(body: CommandBody): Body {
  if (body.kind === 'pause' || body.kind === 'resume') return { kind: body.kind, reason: body.reason };
  throw new Error(`nobody asked for ${JSON.stringify(body)}`);
}

const later = (at: string, seconds: number): string =>
  new Date(Date.parse(at) + seconds * 1000).toISOString();
