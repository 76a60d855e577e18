import { expect } from 'vitest';
import { contractState } from '../../db/contracts/state-schema.ts';
import type { Charge } from '../../domain/books/charge.ts';
import { creditedOf } from './credited.ts';
import type { DocumentDraft } from '../../domain/books/document.ts';
import { type Bill, bill } from '../../domain/books/bill.ts';
import { addInterval, dateAt, startOfDay } from '../../domain/arithmetic/calendar.ts';
import type {
  Booking,
  Catalogue,
  Change,
  CommandBody,
  ContractState,
  OneTimeCharge,
  PauseReason,
  TaxRate,
} from '../../domain/contracts/state.ts';
import { type Decision, type Step, needsCatalogue, nextStep } from '../../domain/billing/steps.ts';
import { nextDue } from '../../domain/contracts/next-due.ts';
import { formatMinor } from '../../domain/arithmetic/money.ts';
import { NOTHING_SOLD } from '../../domain/catalogue/terms.ts';
import { CLOUD, TAX_RATES } from './sold.ts';

export interface Order {
  readonly variant: string;
  /** A local date. The order is placed at its first instant, unless `ordered` is given. */
  readonly start: string;
  readonly ordered?: string;
  readonly anchor?: string;
  readonly seats?: string;
  readonly components?: readonly Booking[];
  readonly zone?: string;
  readonly country?: string;
  readonly priceMode?: 'net' | 'gross';
  readonly catalogue?: Catalogue;
  readonly taxRates?: readonly TaxRate[];
}

function ordered(order: Order, catalogue: Catalogue): ContractState {
  const { start, zone = 'Europe/Berlin' } = order;
  const terms = catalogue.variants.find((each) => each.variantId === order.variant);
  if (terms === undefined) throw new RangeError(`no variant ${order.variant}`);
  const trialEnd = terms.trial === null ? null : addInterval(start, terms.trial, 1);
  const startsAt = startOfDay(start, zone);
  const at = order.ordered ?? startsAt;
  const seats = order.seats === undefined ? [] : [{ component: 'seat', quantity: order.seats }];
  const components = [...seats, ...(order.components ?? [])];
  const body = { kind: 'order' as const, variant: order.variant, components };
  return {
    contractId: 'contract',
    zone,
    country: order.country ?? 'DE',
    currency: 'EUR',
    priceMode: order.priceMode ?? 'net',
    startDate: start,
    startsAt,
    anchor: order.anchor ?? trialEnd ?? start,
    trialEndsAt: trialEnd === null ? null : startOfDay(trialEnd, zone),
    phase: 'ordered',
    pauseReasons: [],
    settledThrough: at,
    endedAt: null,
    terms,
    feeRevision: 0,
    items: [],
    past: [],
    suspended: [],
    pauses: [],
    termStart: trialEnd ?? start,
    oneTime: [],
    reopened: [],
    lines: [],
    scheduled: [],
    commands: [{ id: 'order', askedAt: at, effective: 'now', body }],
    taxRates: order.taxRates ?? TAX_RATES,
  };
}

/** A document as a test checks it: the local date of its step, its lines, and its totals. */
export type Printed = readonly [date: string, lines: string, net: string, tax: string, gross: string];

/** A contract in memory. `nextStep` and `bill` drive it step by step, as the activity `settle` does. */
export class Life {
  state: ContractState;
  now: string;
  catalogue: Catalogue;
  readonly steps: Step[] = [];
  readonly billed: Bill[] = [];
  readonly printed: Printed[] = [];
  readonly decisions: Decision[] = [];
  #ids = 0;
  #commands = 0;

  constructor(order: Order) {
    this.catalogue = order.catalogue ?? CLOUD;
    this.state = ordered(order, this.catalogue);
    this.now = this.state.settledThrough;
    this.settle();
  }

  get documents(): DocumentDraft[] {
    return this.billed.map((each) => each.document);
  }

  get charges(): Charge[] {
    return this.steps.flatMap((step) => [...step.charges]);
  }

  /** Moves the clock to an instant, or to the first instant of a local day, and performs everything that is due by then. */
  until(when: string): this {
    this.now = this.instant(when);
    return this.settle();
  }

  /** As `until`, but the clock stops at every instant at which something is due, as a timer would. */
  stepTo(when: string): this {
    const target = this.instant(when);
    for (let due = nextDue(this.state); due !== null && due <= target; due = nextDue(this.state)) {
      this.until(due > this.now ? due : this.now);
    }
    return this.until(target);
  }

  /** Stores a command at an instant. It stays undecided until the contract settles. */
  ask(when: string, body: CommandBody, effective = 'now'): string {
    const id = `command-${++this.#commands}`;
    const at = this.instant(when);
    const askedAt = at > this.state.settledThrough ? at : this.state.settledThrough;
    this.state = {
      ...this.state,
      commands: [...this.state.commands, { id, askedAt, effective, body }],
    };
    return id;
  }

  /** Sends a command at noon UTC of a day, or at an instant, and settles. Returns `applied` or the code of the refusal. */
  do(when: string, body: CommandBody, effective = 'now'): string {
    const at = when.length === 10 ? `${when}T12:00:00.000Z` : when;
    this.stepTo(at);
    const id = this.ask(at, body, effective);
    this.settle();
    const decision = this.decisions.find((each) => each.commandId === id);
    return decision?.code ?? decision?.state ?? 'pending';
  }

  /** Makes a one-time charge that waits for the next document. */
  createOneTimeCharge(unitPrice: string): void {
    const charge: OneTimeCharge = {
      id: `once-${++this.#ids}`,
      kind: 'charge',
      text: 'Once',
      reference: null,
      application: null,
      serviceDate: dateAt(this.now, this.state.zone),
      quantity: '1',
      unitPrice,
      taxPolicyId: this.state.terms.taxPolicyId,
      madeAt: this.now,
    };
    this.state = { ...this.state, oneTime: [...this.state.oneTime, charge] };
  }

  /** Replaces the catalogue from now on. */
  sell(catalogue: Catalogue): void {
    this.catalogue = catalogue;
  }

  /** The id of the newest command. */
  get asked(): string {
    return `command-${this.#commands}`;
  }

  subscription(componentId: string): string {
    const found = this.state.items.find((item) => item.componentId === componentId);
    if (found === undefined) throw new RangeError(`no ${componentId} is booked`);
    return found.subject;
  }

  settle(): this {
    const newId = (kind: string): string => `${kind}-${String(++this.#ids).padStart(6, '0')}`;
    for (let steps = 0; ; steps++) {
      if (steps > 2000) throw new RangeError('the contract has not settled after 2000 steps');
      const sold = needsCatalogue(this.state) ? this.catalogue : NOTHING_SOLD;
      const step = nextStep(this.state, this.now, { catalogue: sold, newId, totals: () => '0' });
      if (step === null) return this.checked();
      this.state = step.state;
      this.steps.push(step);
      if (step.decision !== null) this.decisions.push(step.decision);
      const finalisedAt = step.at > this.now ? step.at : this.now;
      const credits = step.charges.some(({ reversesId }) => reversesId !== null);
      const credited = credits ? creditedOf(this.documents) : [];
      const billed = bill(step, finalisedAt, { ...ACCOUNT, credited }, newId);
      if (billed === null) continue;
      this.billed.push(billed);
      this.printed.push(print(billed.document, dateAt(step.at, this.state.zone)));
    }
  }

  /** Checks that the state has all fields that the loader reads. A step leaves more in it, as it keeps whole charges. */
  private checked(): this {
    const issues = contractState.safeParse(this.state).error?.issues ?? [];
    expect(issues.filter(({ code }) => code !== 'unrecognized_keys')).toEqual([]);
    return this;
  }

  private instant(when: string): string {
    return when.length === 10 ? startOfDay(when, this.state.zone) : when;
  }
}

const ACCOUNT = {
  issuer: { zone: 'Europe/Berlin' },
  paymentTermDays: 14,
  language: 'en',
  invoiceTitle: null,
  credits: [],
  openReceivables: [],
  paymentMethod: { id: 'card', provider: 'sandbox' },
};

function print(document: DocumentDraft, date: string): Printed {
  const text = (minor: bigint): string => formatMinor(minor, 'EUR');
  const lines = document.lines.map(({ charge }) => text(charge.amountMinor)).join(', ');
  return [date, lines, text(document.netMinor), text(document.taxMinor), text(document.grossMinor)];
}

/** The documents of a contract, each as `date: lines`. */
export const billed = (life: Life): string[] => life.printed.map(([date, lines]) => `${date}: ${lines}`);

export const toVariant = (id: string, components: Change['components'] = {}): Change => ({
  kind: 'change',
  variant: id,
  components,
});
export const add = (componentId: string, quantity = '1'): Change => ({
  kind: 'change',
  components: { add: [{ component: componentId, quantity }] },
});
export const set = (subscription: string, quantity: string): Change => ({
  kind: 'change',
  components: { set: [{ subscription, quantity }] },
});
export const remove = (...subscriptions: string[]): Change => ({
  kind: 'change',
  components: { remove: subscriptions },
});
export const pause = (reason: PauseReason = 'customer'): CommandBody => ({ kind: 'pause', reason });
export const resume = (reason: PauseReason = 'customer'): CommandBody => ({ kind: 'resume', reason });
export const cancel = (credit?: boolean): CommandBody => ({
  kind: 'cancel',
  ...(credit === undefined ? {} : { credit }),
});
export const leaveEarly: CommandBody = { kind: 'cancel', waiveTerm: true };
export const withdraw = (command: string): CommandBody => ({ kind: 'withdraw', command });
