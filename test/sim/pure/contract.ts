import type { Charge } from '../../../domain/books/charge.ts';
import { oneTimeLine } from '../../../domain/books/one-time.ts';
import { later } from '../../../domain/arithmetic/calendar.ts';
import type {
  Catalogue as Sold,
  CommandBody,
  ContractState,
  ItemRow,
} from '../../../domain/contracts/state.ts';
import { type Step, nextStep } from '../../../domain/billing/steps.ts';
import { nextDue } from '../../../domain/contracts/next-due.ts';
import type {
  CommandRequest,
  Backend,
  ContractBackend,
  News,
  UsageReport,
  ContractView,
} from '../backend.ts';
import type { Line } from '../model.ts';
import type { WantedOf } from '../plan.ts';
import { POLICY } from './sold.ts';
import { PureUsage, bookedOf } from './usage.ts';

const MOST_STEPS = 5000;

type Rated = Step['periods'][number];

/** The catalogue and the clock. */
interface Shop extends Pick<Backend, 'now'> {
  readonly sold: Sold;
  /** Called with every step, and with the contract before it. */
  readonly watch: (before: ContractState, step: Step) => void;
}

/** A contract in memory. It uses only the decisions of the domain. */
export class PureContract implements ContractBackend {
  private readonly shop: Shop;
  private state: ContractState;
  private ids = 0;
  private unread: { applied: News['applied'][number][]; booked: News['booked'][number][] };
  private readonly decided = new Map<string, boolean>();
  /** The command of each scheduled change, by the id of the change. */
  private readonly scheduledBy = new Map<string, string>();
  private readonly rows: ItemRow[] = [];
  private readonly phases: { readonly kind: string; readonly startsAt: string }[] = [];
  private readonly usage = new PureUsage();
  private rated: Rated[] = [];
  private readonly charges: Charge[] = [];
  private readonly billed: Line[] = [];

  /** The state must have the order as its only command. */
  constructor(shop: Shop, state: ContractState) {
    this.shop = shop;
    this.state = state;
    this.unread = { applied: [], booked: [] };
    this.settle();
  }

  /** Whether a command was applied. */
  applied(command: string): boolean {
    return this.decided.get(command) ?? false;
  }

  /** Performs everything that is due, and decides all commands, up to now. */
  settle(): void {
    for (let steps = 0; ; steps++) {
      if (steps > MOST_STEPS)
        throw new Error(`never settled: ${nextDue(this.state)} is due at ${this.shop.now}`);
      const step = nextStep(this.state, this.shop.now, {
        catalogue: this.shop.sold,
        newId: (kind) => this.newId(kind),
        totals: (span) => this.usage.total(span),
      });
      if (step === null) return;
      this.take(step);
    }
  }

  command(asked: CommandRequest, effective: string): Promise<string | null> {
    if (this.state.phase === 'ended') return Promise.resolve(null);
    const askedAt = later(this.shop.now, this.state.settledThrough);
    const id = this.newId('command');
    const body: CommandBody = asked;
    this.state = { ...this.state, commands: [...this.state.commands, { id, askedAt, effective, body }] };
    this.settle();
    return Promise.resolve(this.applied(id) ? id : null);
  }

  use(reported: UsageReport, times: number): Promise<string | null> {
    const { state } = this;
    const timeline = {
      now: later(this.shop.now, state.settledThrough),
      startsAt: state.startsAt,
      ended: state.phase === 'ended',
      pauses: this.phases.flatMap(({ kind, startsAt }, n) =>
        kind === 'inactive' ? [{ startsAt, endsAt: this.phases[n + 1]?.startsAt ?? null }] : [],
      ),
      booked: bookedOf(this.rows),
    };
    const consumed = this.usage.report(timeline, reported, times);
    if (consumed === null) return Promise.resolve(null);
    const { at, subscriptionId } = consumed.event;
    const period = this.rated.find(
      (each) => each.subscriptionId === subscriptionId && each.startsAt <= at && at < each.endsAt,
    );
    if (consumed.fresh && period !== undefined) this.reopen(period);
    return Promise.resolve(subscriptionId);
  }

  createOneTimeCharge(
    charge: WantedOf<'one_time'> & { readonly serviceDate: string },
  ): Promise<string | null> {
    if (this.state.phase === 'ended') return Promise.resolve(null);
    const { quantity, unitPrice, serviceDate, now } = charge;
    const id = this.newId('oneTime');
    const waiting = {
      id,
      kind: 'charge' as const,
      text: charge.id,
      reference: null,
      application: null,
      serviceDate,
      quantity,
      unitPrice,
      taxPolicyId: POLICY,
      madeAt: this.shop.now,
    };
    if (now)
      this.bill(
        this.shop.now,
        oneTimeLine(this.state, waiting, () => id),
      );
    else this.state = { ...this.state, oneTime: [...this.state.oneTime, waiting] };
    return Promise.resolve(id);
  }

  withdrawOneTimeCharge(id: string): Promise<boolean> {
    const left = this.state.oneTime.filter((each) => each.id !== id);
    const withdrawn = left.length < this.state.oneTime.length;
    this.state = { ...this.state, oneTime: left };
    return Promise.resolve(withdrawn);
  }

  /** No payments are collected. */
  pay(): Promise<boolean> {
    return Promise.resolve(false);
  }

  news(): Promise<News> {
    const news = this.unread;
    this.unread = { applied: [], booked: [] };
    return Promise.resolve(news);
  }

  see(): Promise<ContractView> {
    const { phase, terms, pauseReasons, scheduled, settledThrough, oneTime } = this.state;
    const newest = new Map(this.rows.map((row) => [row.subject, row]));
    const booked = [...newest.values()].filter(
      ({ subject, quantity, endsAt }) =>
        subject !== 'fee' && quantity !== null && (endsAt === null || endsAt > settledThrough),
    );
    return Promise.resolve({
      phase,
      variant: terms.variantId,
      pauseReasons,
      scheduled: scheduled.map((each) => each.commandId),
      charges: oneTime.filter(({ kind }) => kind === 'charge').map(({ id }) => id),
      payments: null,
      subscriptions: booked.map(({ subject, componentId, quantity, effectiveAt }) => ({
        id: subject,
        component: componentId ?? '',
        quantity: quantity ?? '',
        since: effectiveAt,
      })),
    });
  }

  lines(): Promise<Line[]> {
    return Promise.resolve(this.billed);
  }

  documents(): Promise<null> {
    return Promise.resolve(null);
  }

  private newId(kind: string): string {
    return `${kind}-${String(++this.ids).padStart(6, '0')}`;
  }

  private take(step: Step): void {
    const { at, state, rows, charges, periods, decision } = step;
    const before = this.state;
    this.shop.watch(before, step);
    this.state = state;
    this.phases.push(...rows.phases);
    this.rows.push(...rows.items);
    const command = before.commands.find((each) => each.id === decision?.commandId);
    if (command !== undefined) {
      const applied = decision?.state === 'applied';
      this.decided.set(command.id, applied);
      const { id, askedAt, effective, body } = command;
      if (applied) this.unread.applied.push({ id, at: askedAt, effective, body });
    }
    for (const { id, commandId } of rows.scheduled) this.scheduledBy.set(id, commandId);
    const done = rows.closed.filter((each) => each.state === 'done');
    const by = [command?.id, ...done.map(({ id }) => this.scheduledBy.get(id))];
    this.noteBooked(
      rows,
      by.filter((each) => each !== undefined),
    );
    const again = (known: Rated): boolean =>
      periods.some(
        (each) => each.subscriptionId === known.subscriptionId && each.startsAt === known.startsAt,
      );
    this.rated = [...this.rated.filter((known) => !again(known)), ...periods];
    for (const charge of charges) this.bill(at, charge);
  }

  private noteBooked({ subscriptions, items }: Step['rows'], by: readonly string[]): void {
    for (const { id: subscription, componentId: component } of subscriptions) {
      const first = items.find((row) => row.subject === subscription);
      if (first === undefined) throw new Error(`${subscription} has no item`);
      const { quantity, effectiveAt: startsAt, endsAt } = first;
      this.unread.booked.push({ subscription, component, quantity: quantity ?? '1', startsAt, endsAt, by });
    }
  }

  private bill(at: string, charge: Charge): void {
    this.charges.push(charge);
    const { kind, from, to, subject, amountMinor: minor } = charge;
    const setup = charge.derivation.why === 'setup';
    this.billed.push({ at, subject: setup ? 'setup' : subject, kind, from, to, tier: null, minor });
  }

  /** Reopens a rated period, with the amounts that were billed for it, part by part. */
  private reopen({ itemId, startsAt, endsAt, tax }: Rated): void {
    const row = this.rows.find((each) => each.id === itemId);
    if (row === undefined) throw new Error(`no item ${itemId}`);
    const billed = this.charges.filter(
      (each) => each.kind === 'usage' && each.subject === row.subject && each.startsAt === startsAt,
    );
    const parts = [...new Set(billed.map((each) => each.part))].map((part) => {
      const all = billed.filter((each) => each.part === part);
      const last = all.at(-1);
      if (last === undefined || !('usage' in last.derivation)) throw new Error('no usage line');
      const { quantity, unitPrice } = last.derivation.part;
      const amountMinor = all.reduce((sum, each) => sum + each.amountMinor, 0n);
      return { part, quantity, unitPrice, amountMinor, tax: last.tax };
    });
    const item = { ...row, quantity: row.quantity ?? '1' };
    const others = this.state.reopened.filter(
      (each) => each.item.subject !== row.subject || each.startsAt !== startsAt,
    );
    const late = { startsAt, endsAt, item, parts, tax, reportedAt: this.shop.now };
    this.state = { ...this.state, reopened: [...others, late] };
  }
}
