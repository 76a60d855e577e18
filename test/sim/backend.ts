import type { CommandBody } from '../../domain/contracts/state.ts';
import type { Body, Booking, Line, Version } from './model.ts';
import type { TaxedDocument } from './model/taxes.ts';
import type { Payment, WantedOf } from './plan.ts';

/** A command for a contract. Subscriptions and commands have the ids that the backend gave them. */
export type CommandRequest = Exclude<CommandBody, { kind: 'order' }>;

export interface OrderRequest extends Pick<WantedOf<'order'>, 'variant' | 'payment' | 'again'> {
  readonly start: string;
  readonly anchor: string | null;
  readonly components: readonly Booking[];
}

export interface UsageReport extends Pick<WantedOf<'usage'>, 'event' | 'component' | 'quantity' | 'value'> {
  readonly at: string;
}

/** The commands and bookings that a contract has decided since the last look, in order. */
export interface News {
  /** Commands that were applied, including the order and the commands of collection. */
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
    /** The commands that were decided or performed by the step that made the booking. */
    readonly by: readonly string[];
  }[];
}

/** The present state of a contract, with its scheduled changes. */
export interface ContractView {
  readonly phase: 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';
  readonly variant: string;
  readonly pauseReasons: readonly string[];
  readonly subscriptions: readonly {
    readonly id: string;
    readonly component: string;
    readonly quantity: string;
    readonly since: string;
  }[];
  /** The commands that have a scheduled change. */
  readonly scheduled: readonly string[];
  /** One-time charges that wait for a document. */
  readonly charges: readonly string[];
  /** Null if the backend collects no payments. */
  readonly payments: {
    /** How many payment methods its customer has. */
    readonly methods: number;
    /** How many attempts on its account wait for the customer. */
    readonly challenges: number;
  } | null;
}

/** The state of a contract from which the next action is invented. Its names are those of the life. */
export interface LifeView extends Omit<ContractView, 'subscriptions' | 'scheduled'> {
  readonly now: string;
  readonly booked: readonly {
    readonly name: string;
    readonly component: string;
    readonly quantity: string;
    readonly since: string;
  }[];
  readonly scheduled: readonly { readonly command: string; readonly body: Body }[];
  /** Usage events that were consumed. */
  readonly events: readonly string[];
}

/** A contract of a backend. If it refuses a request, the result is null or false. */
export interface ContractBackend {
  /** Returns the id of the command. */
  command(asked: CommandRequest, effective: string): Promise<string | null>;
  /** Reports a usage event `times` times at once. Returns the subscription that it counts for. */
  use(usage: UsageReport, times: number): Promise<string | null>;
  /** Returns the id of the charge. */
  createOneTimeCharge(
    charge: WantedOf<'one_time'> & { readonly serviceDate: string },
  ): Promise<string | null>;
  withdrawOneTimeCharge(id: string): Promise<boolean>;
  /** Returns false if there was nothing to do, or if the backend collects no payments. */
  pay(payment: Payment): Promise<boolean>;
  /** The news since the last call. */
  news(): Promise<News>;
  see(): Promise<ContractView>;
  /** Subjects are `fee`, `setup`, or ids of subscriptions and one-time charges. */
  lines(): Promise<Line[]>;
  /** Null if the backend makes no documents. */
  documents(): Promise<TaxedDocument[] | null>;
}

/** The system that a life is run on: contracts on one clock, in memory or behind the API. */
export interface Backend {
  /** The instant of the clock. */
  readonly now: string;
  /** Returns the contract and the id of the order's command, or null if the order was refused. */
  order(
    order: OrderRequest,
  ): Promise<{ readonly contract: ContractBackend; readonly command: string } | null>;
  /** Publishes a version for all later requests. */
  publish(version: Version): Promise<void>;
  advance(to: string): Promise<void>;
  /** The findings in its books after a step. Rows that are never edited are checked once, or again if `all` is true. */
  audit(all: boolean): Promise<string[]>;
}
