import type { CommandBody } from '../../domain/contracts/state.ts';
import type { Body, Booking, Line, Version } from './model.ts';
import type { TaxedDocument } from './model/taxes.ts';
import type { Payment, WantedOf } from './plan.ts';

/** What is asked of a contract, with subscriptions and commands by the ids that the backend gave them. */
export type CommandRequest = Exclude<CommandBody, { kind: 'order' }>;

export interface OrderRequest extends Pick<WantedOf<'order'>, 'variant' | 'payment' | 'again'> {
  readonly start: string;
  readonly anchor: string | null;
  readonly components: readonly Booking[];
}

export interface UsageReport extends Pick<WantedOf<'usage'>, 'event' | 'component' | 'quantity' | 'value'> {
  readonly at: string;
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

/** A contract as it is now, and what is scheduled for it. */
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
  /** The commands that scheduled something. */
  readonly scheduled: readonly string[];
  /** One-time charges that wait for a document. */
  readonly charges: readonly string[];
  /** Null where nobody collects. */
  readonly payments: {
    /** Payment methods that its customer has. */
    readonly methods: number;
    /** Attempts on its account that wait for the customer. */
    readonly challenges: number;
  } | null;
}

/** A contract as who asks for more of it sees it, by the names of the life. */
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

/** A contract somewhere. Whatever is asked of it may be refused: then the answer is null, or false. */
export interface ContractBackend {
  /** Answers the command's id. */
  command(asked: CommandRequest, effective: string): Promise<string | null>;
  /** Usage, and as often as it is given; answers the subscription that it counts for. */
  use(usage: UsageReport, times: number): Promise<string | null>;
  /** Answers the charge's id. */
  chargeOnce(charge: WantedOf<'one_time'> & { readonly serviceDate: string }): Promise<string | null>;
  withdrawOnce(id: string): Promise<boolean>;
  /** Whether it could be done; where nobody collects, nothing of it can. */
  pay(payment: Payment): Promise<boolean>;
  /** Since it was last asked. */
  news(): Promise<News>;
  see(): Promise<ContractView>;
  /** Subjects are `fee`, `setup`, or ids of subscriptions and one-time charges. */
  lines(): Promise<Line[]>;
  /** Null where nobody makes documents. */
  documents(): Promise<TaxedDocument[] | null>;
}

/** Where a life is lived: contracts on one clock. */
export interface Backend {
  /** The instant of the clock. */
  readonly now: string;
  /** Answers the contract, and the order's command; null where it was refused. */
  order(
    order: OrderRequest,
  ): Promise<{ readonly contract: ContractBackend; readonly command: string } | null>;
  /** For what is asked from now on. */
  publish(version: Version): Promise<void>;
  advance(to: string): Promise<void>;
  /** What is wrong in its books after a step, said in words; of what is never edited only what is new, or all of it. */
  audit(all: boolean): Promise<string[]>;
}
