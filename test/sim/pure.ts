import type { Charge } from '../../domain/billing/charge.ts';
import { oneTimeLine } from '../../domain/billing/one-time.ts';
import type { UsageSpan } from '../../domain/billing/metered.ts';
import { addDays, addInterval, dateAt, instant, startOfDay } from '../../domain/calendar.ts';
import type {
  Catalogue as Sold,
  CommandBody,
  ContractState,
  ItemRow,
  OneTimeCharge,
  Pricing,
  Terms,
} from '../../domain/contract/state.ts';
import { type Step, nextStep } from '../../domain/contract/steps.ts';
import { nextDue } from '../../domain/contract/when.ts';
import { add, cmp, dec, decText } from '../../domain/money.ts';
import type { Action, Plan, When, Wish } from './invent.ts';
import type { Body, Booking, Command, Component, Life, Line, OneTime, Usage, Variant } from './model.ts';

const CLOUD = 'policy';

function pricingOf(component: Component): Pricing {
  return {
    componentVersionId: component.id,
    variantVersionId: null,
    name: component.id,
    model: component.model,
    included: component.included,
    cap: component.cap,
    interval: component.interval,
    taxPolicyId: CLOUD,
    mode: component.mode,
    standalone: component.standalone,
    aggregation: component.aggregation ?? null,
  };
}

function termsOf(variant: Variant): Terms {
  const { id, fee, feeInterval, components, ...rest } = variant;
  return {
    ...rest,
    variantId: id,
    variantVersionId: `${id}-1`,
    planGroupId: 'group',
    planName: id,
    name: id,
    taxPolicyId: CLOUD,
    feeInterval,
    fee:
      fee === null
        ? null
        : {
            componentVersionId: null,
            variantVersionId: `${id}-1`,
            name: id,
            model: { kind: 'simple', price: fee },
            included: null,
            cap: null,
            interval: feeInterval,
            taxPolicyId: CLOUD,
            mode: 'pre_paid',
            standalone: false,
            aggregation: null,
          },
    components: components.map(({ id: componentId, ...listed }) => ({ componentId, ...listed })),
  };
}

/** A contract that lives in memory, through the decisions of the domain alone; and what of it was accepted. */
export class PureLife {
  readonly lines: Line[] = [];
  readonly life: Life;
  private readonly plan: Plan;
  private readonly sold: Sold;
  private state: ContractState;
  private now: string;
  private ids = 0;
  /** Names of subscriptions, by id; and commands by id, with their place in the life. */
  private readonly names = new Map<string, string>();
  private readonly places = new Map<string, number>();
  private readonly rows: ItemRow[] = [];
  private readonly events: (Usage & { readonly id: string })[] = [];
  private readonly rated: { subscriptionId: string; startsAt: string; endsAt: string; itemId: string }[] = [];
  private readonly charges: Charge[] = [];
  private included = 0;

  constructor(plan: Plan) {
    this.plan = plan;
    this.sold = {
      variants: plan.catalogue.variants.map(termsOf),
      components: plan.catalogue.components.map((each) => ({
        componentId: each.id,
        kind: each.kind,
        pricing: pricingOf(each),
      })),
    };
    this.now = instant(plan.begin);
    const terms = this.sold.variants.find((each) => each.variantId === plan.order.variant);
    if (terms === undefined) throw new RangeError('no such variant');
    const start = addDays(dateAt(this.now, plan.zone), plan.order.startIn);
    const trialEnd = terms.trial === null ? null : addInterval(start, terms.trial, 1);
    const anchor = plan.order.anchorIn === null ? null : addDays(trialEnd ?? start, plan.order.anchorIn);
    const components = plan.order.add.map((wish) => this.bookingOf(wish, start));
    this.state = {
      contractId: 'contract',
      zone: plan.zone,
      country: 'DE',
      currency: 'EUR',
      priceMode: 'net',
      startDate: start,
      startsAt: startOfDay(start, plan.zone),
      anchor: anchor ?? trialEnd ?? start,
      trialEndsAt: trialEnd === null ? null : startOfDay(trialEnd, plan.zone),
      phase: 'ordered',
      pauseReasons: [],
      settledThrough: this.now,
      endedAt: null,
      terms,
      feeRevision: 0,
      items: [],
      past: [],
      pauses: [],
      termStart: trialEnd ?? start,
      oneTime: [],
      reopened: [],
      lines: [],
      scheduled: [],
      commands: [
        {
          id: 'order',
          askedAt: this.now,
          effective: 'now',
          body: { kind: 'order', variant: terms.variantId, components: components.map(asked) },
        },
      ],
      taxRates: [
        {
          taxPolicyId: CLOUD,
          country: 'DE',
          validFrom: '2000-01-01',
          category: 'standard',
          rate: '19',
          text: '19 %',
        },
      ],
    };
    this.life = {
      zone: plan.zone,
      currencyDigits: 2,
      order: { variant: terms.variantId, start, anchor, at: this.now, components },
      commands: [],
      usage: [],
      oneTime: [],
      until: this.now,
    };
    this.pendingNames.set('order', components);
    this.settle();
  }

  /** Whether the order was taken. */
  lives = true;

  private readonly pendingNames = new Map<string, Booking[]>();

  do(action: Action): void {
    switch (action.kind) {
      case 'advance':
        this.now = new Date(Date.parse(this.now) + action.seconds * 1000).toISOString();
        this.settle();
        this.life.until = this.now;
        return;
      case 'usage':
        return this.report(action);
      case 'one_time':
        return this.chargeOnce(action);
      case 'withdraw_one_time':
        return this.withdrawOnce(action.id);
      case 'withdraw': {
        const place = this.life.commands.length - action.back;
        const id = [...this.places].find(([, each]) => each === place)?.[0];
        if (id !== undefined)
          this.command({ kind: 'withdraw', command: id }, { kind: 'withdraw', command: place }, 'now');
        return;
      }
      case 'change':
        return this.change(action);
      case 'cancel': {
        const body = {
          kind: 'cancel' as const,
          ...(action.credit === null ? {} : { credit: action.credit }),
          ...(action.waive ? { waiveTerm: true } : {}),
        };
        return this.command(body, body, this.effective(action.effective));
      }
      default: {
        const body = { kind: action.kind, reason: action.reason };
        return this.command(body, body, this.effective(action.effective));
      }
    }
  }

  private today(): string {
    return dateAt(this.now, this.plan.zone);
  }

  private effective(when: When): string {
    return typeof when === 'number' ? addDays(this.today(), when) : when;
  }

  private bookingOf({ component, quantity, subscription, start, end }: Wish, day: string): Booking {
    return {
      component,
      quantity,
      subscription,
      ...(start === null ? {} : { start: addDays(day, start) }),
      ...(end === null ? {} : { end: addDays(day, end) }),
    };
  }

  private idOf(name: string): string {
    return [...this.names].find(([, each]) => each === name)?.[0] ?? `nothing-${name}`;
  }

  private change(action: Extract<Action, { kind: 'change' }>): void {
    const effective = this.effective(action.effective);
    const day = typeof action.effective === 'number' ? effective : this.today();
    const bookings = action.add.map((wish) => this.bookingOf(wish, day));
    const variant = action.variant === null ? {} : { variant: action.variant };
    const body: CommandBody = {
      kind: 'change',
      ...variant,
      components: {
        add: bookings.map(asked),
        set: action.set.map(({ subscription, quantity }) => ({
          subscription: this.idOf(subscription),
          quantity,
        })),
        remove: action.remove.map((name) => this.idOf(name)),
      },
    };
    const said: Body = {
      kind: 'change',
      ...variant,
      components: { add: bookings, set: [...action.set], remove: [...action.remove] },
    };
    this.command(body, said, effective, bookings);
  }

  private command(body: CommandBody, said: Body, effective: string, bookings: Booking[] = []): void {
    if (this.state.phase === 'ended') return;
    const id = `cmd-${++this.ids}`;
    const askedAt = this.now > this.state.settledThrough ? this.now : this.state.settledThrough;
    this.state = { ...this.state, commands: [...this.state.commands, { id, askedAt, effective, body }] };
    this.pendingNames.set(id, bookings);
    const place = this.life.commands.length;
    const command: Command = { at: askedAt, effective, body: said };
    this.life.commands.push(command);
    this.places.set(id, place);
    if (!this.settle(id)) {
      this.life.commands.pop();
      this.places.delete(id);
    }
  }

  /** Settles up to now; answers whether the command was applied. */
  private settle(asked = ''): boolean {
    let applied = false;
    for (let steps = 0; ; steps++) {
      if (steps > 5000) throw new Error(`never at rest: ${nextDue(this.state)} at ${this.now}`);
      const step = nextStep(this.state, this.now, {
        catalogue: this.sold,
        newId: (kind) => `${kind}-${String(++this.ids).padStart(6, '0')}`,
        totals: (span) => this.total(span),
      });
      if (step === null) return applied;
      this.take(step);
      if (step.decision?.commandId === 'order') this.lives = step.decision.state === 'applied';
      if (step.decision?.commandId === asked) applied = step.decision.state === 'applied';
    }
  }

  private take(step: Step): void {
    this.state = step.state;
    for (const { kind, startsAt } of step.changes.phases) this.phaseLog.push({ kind, from: startsAt });
    this.rows.push(...step.changes.items);
    this.charges.push(...step.charges);
    this.name(step);
    for (const period of step.periods) {
      const known = this.rated.findIndex(
        (each) => each.subscriptionId === period.subscriptionId && each.startsAt === period.startsAt,
      );
      if (known >= 0) this.rated.splice(known, 1);
      this.rated.push(period);
    }
    for (const charge of step.charges) this.lines.push(this.lineOf(step, charge));
  }

  /** New subscriptions get the names that the command gave them; those that came with the variant are said, too. */
  private name(step: Step): void {
    const done = step.changes.closed.filter((each) => each.state === 'done').map((each) => each.id);
    const commandIds = [step.decision?.commandId, ...done.map((id) => this.scheduledBy.get(id))];
    for (const { id, commandId } of step.changes.scheduled) this.scheduledBy.set(id, commandId);
    const fresh = [...step.changes.subscriptions];
    for (const commandId of commandIds) {
      if (commandId === undefined || step.changes.scheduled.some((each) => each.commandId === commandId))
        continue;
      for (const booking of this.pendingNames.get(commandId) ?? []) {
        const found = fresh.findIndex((each) => each.componentId === booking.component);
        if (found < 0) continue;
        this.names.set(fresh[found]?.id ?? '', booking.subscription);
        fresh.splice(found, 1);
      }
    }
    const last = commandIds.findLast((id) => id !== undefined);
    for (const { id, componentId } of fresh) {
      const subscription = `i${this.included++}`;
      this.names.set(id, subscription);
      const quantity = step.changes.items.find((row) => row.subject === id)?.quantity ?? '1';
      this.say(last ?? '', { component: componentId, quantity, subscription });
    }
  }

  private readonly scheduledBy = new Map<string, string>();

  private say(commandId: string, booking: Booking): void {
    if (commandId === 'order') {
      this.life.order.components.push(booking);
      return;
    }
    const body = this.life.commands[this.places.get(commandId) ?? -1]?.body;
    if (body?.kind === 'change') body.components?.add?.push(booking);
  }

  private lineOf(step: Pick<Step, 'at'>, charge: Charge): Line {
    const setup = charge.derivation.why === 'setup';
    return {
      at: step.at,
      subject: setup ? 'setup' : (this.names.get(charge.subject) ?? charge.subject),
      kind: charge.kind,
      from: charge.from,
      to: charge.to,
      tier: null,
      minor: charge.amountMinor,
    };
  }

  // ---- usage

  private total({ subscriptionId, startsAt, endsAt, aggregation }: UsageSpan): string {
    const events = this.events.filter(
      (each) =>
        each.subscription === this.names.get(subscriptionId) && each.at >= startsAt && each.at < endsAt,
    );
    const sum = (of: readonly Usage[]) => of.reduce((all, each) => add(all, dec(each.quantity)), dec(0));
    if (aggregation === 'sum') return decText(sum(events));
    if (aggregation === 'max') {
      return (
        events
          .map((each) => each.quantity)
          .reduce((a, b) => (a === '' || cmp(dec(a), dec(b)) < 0 ? b : a), '') || '0'
      );
    }
    if (aggregation === 'last')
      return (
        events.reduce<Usage | null>((a, b) => (a !== null && a.at > b.at ? a : b), null)?.quantity ?? '0'
      );
    const values = [...new Set(events.map((each) => each.value))];
    return String(
      values.filter((value) => cmp(sum(events.filter((each) => each.value === value)), dec(0)) > 0).length,
    );
  }

  private report(action: Extract<Action, { kind: 'usage' }>): void {
    const at = new Date(Date.parse(this.now) - action.ago * 1000).toISOString();
    const id = this.idOf(action.subscription);
    const own = this.rows.filter((row) => row.subject === id).sort((a, b) => a.revision - b.revision);
    const [first] = own;
    if (first === undefined || first.pricing.aggregation === null || this.state.phase === 'ended') return;
    if (this.state.phase === 'ordered' || at < this.state.startsAt) return;
    const end = own.reduce<string | null>((known, row) => {
      const its = row.quantity === null ? row.effectiveAt : row.endsAt;
      return its !== null && (known === null || its < known) ? its : known;
    }, null);
    if (at < first.effectiveAt || (end !== null && at >= end)) return;
    if (this.pausedAt(at) || this.events.some((each) => each.id === action.event)) return;
    const event = {
      id: action.event,
      subscription: action.subscription,
      at,
      recordedAt: this.now,
      after: this.life.commands.length,
      quantity: action.quantity,
      value: action.value,
    };
    this.events.push(event);
    this.life.usage.push(event);
    const period = this.rated.find(
      (each) => each.subscriptionId === id && each.startsAt <= at && at < each.endsAt,
    );
    if (period !== undefined) this.reopen(period);
  }

  private pausedAt(at: string): boolean {
    return this.phases().some(
      ({ kind, from, to }) => kind === 'inactive' && from <= at && (to === null || at < to),
    );
  }

  private readonly phaseLog: { kind: string; from: string }[] = [];

  private phases(): { kind: string; from: string; to: string | null }[] {
    return this.phaseLog.map((each, n) => ({ ...each, to: this.phaseLog[n + 1]?.from ?? null }));
  }

  private reopen(period: (typeof this.rated)[number]): void {
    const row = this.rows.find((each) => each.id === period.itemId);
    if (row === undefined) return;
    const others = this.state.reopened.filter(
      (each) => each.item.subject !== row.subject || each.startsAt !== period.startsAt,
    );
    const billed = this.charges.filter(
      (each) => each.kind === 'usage' && each.subject === row.subject && each.startsAt === period.startsAt,
    );
    const parts = [...new Set(billed.map((each) => each.part))].map((part) => {
      const all = billed.filter((each) => each.part === part);
      const last = all.at(-1);
      if (last === undefined || !('usage' in last.derivation)) throw new Error('no usage line');
      return {
        part,
        quantity: last.derivation.part.quantity,
        unitPrice: last.derivation.part.unitPrice,
        amountMinor: all.reduce((sum, each) => sum + each.amountMinor, 0n),
        tax: last.tax,
      };
    });
    const { startsAt, endsAt } = period;
    const item = { ...row, quantity: row.quantity ?? '1' };
    const late = { startsAt, endsAt, item, parts, reportedAt: this.now };
    this.state = { ...this.state, reopened: [...others, late] };
  }

  // ---- one-time charges

  private readonly once = new Map<string, OneTime>();

  private chargeOnce({ id, quantity, unitPrice, now }: Extract<Action, { kind: 'one_time' }>): void {
    if (this.state.phase === 'ended') return;
    const charge: OneTimeCharge = {
      id,
      kind: 'charge',
      text: id,
      reference: null,
      application: null,
      serviceDate: this.today(),
      quantity,
      unitPrice,
      taxPolicyId: CLOUD,
      madeAt: this.now,
    };
    const said: OneTime = {
      id,
      at: this.now,
      after: this.life.commands.length,
      quantity,
      unitPrice,
      serviceDate: charge.serviceDate,
      when: now ? 'now' : 'next_invoice',
    };
    this.life.oneTime.push(said);
    if (now)
      this.lines.push(
        this.lineOf(
          { at: this.now },
          oneTimeLine(this.state, charge, () => id),
        ),
      );
    else {
      this.once.set(id, said);
      this.state = { ...this.state, oneTime: [...this.state.oneTime, charge] };
    }
  }

  private withdrawOnce(id: string): void {
    const said = this.once.get(id);
    if (said === undefined || !this.state.oneTime.some((each) => each.id === id)) return;
    said.withdrawnAt = this.now;
    this.state = { ...this.state, oneTime: this.state.oneTime.filter((each) => each.id !== id) };
  }
}

const asked = ({ component, quantity, start, end }: Booking): Omit<Booking, 'subscription'> => ({
  component,
  quantity,
  ...(start === undefined ? {} : { start }),
  ...(end === undefined ? {} : { end }),
});
