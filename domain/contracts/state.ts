import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import type { Pricing, VariantTerms } from '../catalogue/terms.ts';

export type {
  Aggregation,
  Catalogue,
  ComponentTerms,
  ListedComponent,
  PaymentMode,
  Pricing,
  Proration,
  VariantTerms as Terms,
} from '../catalogue/terms.ts';

/** Makes an id. Ids come from outside, so that the domain stays pure. */
export type NewId = (
  kind: 'phase' | 'item' | 'subscription' | 'scheduledChange' | 'charge' | 'document' | 'oneTime',
) => string;

/** `ordered` means that the order is not decided, or that the start lies ahead. */
export type PhaseKind = 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';

/** The phases that may follow each phase. */
export const NEXT_PHASES: Readonly<Record<PhaseKind, readonly PhaseKind[]>> = {
  ordered: ['trial', 'normal', 'ended'],
  trial: ['normal', 'inactive', 'ended'],
  normal: ['inactive', 'ended'],
  inactive: ['trial', 'normal', 'ended'],
  ended: [],
};

export const PAUSE_REASONS = ['customer', 'operator', 'dunning', 'deactivated'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** A recurring thing at one price and quantity, from an instant on. Its successor of the same subject ends it. */
export interface Item {
  readonly id: string;
  /** `fee`, or the id of the component subscription. */
  readonly subject: string;
  readonly componentId: string | null;
  readonly revision: number;
  /** The item whose lines count as its own: itself, unless a change in a pause was taken back in the same pause. */
  readonly origin: string;
  readonly quantity: string;
  /** Its periods are anchor + n × the interval of its price. */
  readonly anchor: LocalDate;
  readonly effectiveAt: Instant;
  /** The instant at which it ends by itself, or its successor begins; null if neither is known. */
  readonly endsAt: Instant | null;
  /** The included units by the variant under which it is booked; null for those of its price. */
  readonly included: string | null;
  readonly pricing: Pricing;
}

/** A row of `items`: like an item, but its quantity may be null, which ends its subject. */
export type ItemRow = Omit<Item, 'quantity'> & { readonly quantity: string | null };

/** The reason for which a range became due, or is no longer due. */
export type Why = 'renewal' | 'first_period' | 'change' | 'resume' | 'cancel' | 'end';

/** The tax of a line. It is stored with the line and never changes. */
export interface LineTax {
  readonly category: string;
  /** Percent, decimal text. */
  readonly rate: string;
  readonly text: string;
  readonly country: string;
}

/** A part of a line that a credit has uncovered. */
interface Uncovered {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly amountMinor: bigint;
}

/** A stored line that covers days which a step may still bill or credit. It is never computed again. */
export interface CoveringLine {
  readonly chargeId: string;
  readonly itemId: string;
  /** The origin of its item. */
  readonly origin: string;
  readonly subject: string;
  readonly part: number;
  readonly text: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly quantity: string;
  readonly unitPrice: string;
  /** The exact amount of the full period; decimal text. */
  readonly fullAmount: string;
  /** The unit of `fullLength`. */
  readonly unit: 'day' | 'second';
  readonly fullLength: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly uncovered: readonly Uncovered[];
}

/** `period_end`, `now`, or a local date of the contract's zone. */
export type Effective = string;

/** A new component subscription, from the day of the command or from `start`, up to `end` if there is one. */
export interface Booking {
  readonly component: string;
  readonly quantity: string;
  readonly start?: LocalDate;
  /** The day after the last day. */
  readonly end?: LocalDate;
}

/** A command with it makes a document at once, also on a collective account. */
type BillNow = 'now';

/** The body of a `change`. Quantities are absolute, and 0 ends a subscription, as `remove` does. */
export interface Change {
  readonly kind: 'change';
  /** The variant to change to. */
  readonly variant?: string;
  readonly components?: {
    readonly add?: readonly Booking[];
    readonly set?: readonly { readonly subscription: string; readonly quantity: string }[];
    readonly remove?: readonly string[];
  };
  readonly bill?: BillNow;
}

export type CommandBody =
  | {
      readonly kind: 'order';
      readonly variant: string;
      readonly components: readonly Booking[];
    }
  | Change
  | { readonly kind: 'pause'; readonly reason: PauseReason }
  | { readonly kind: 'resume'; readonly reason: PauseReason }
  | {
      readonly kind: 'cancel';
      readonly credit?: boolean;
      readonly waiveTerm?: boolean;
      readonly bill?: BillNow;
    }
  | { readonly kind: 'withdraw'; readonly command: string }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** A stored command that waits to be decided. */
export interface PendingCommand {
  readonly id: string;
  readonly askedAt: Instant;
  readonly effective: Effective;
  readonly body: CommandBody;
}

/** Versions of components by the components' ids. */
type PinnedVersions = Readonly<Record<string, string>>;

/**
 * The body of a scheduled change, with the versions that it pinned when it was accepted. A body that was stored before
 * versions were pinned has none.
 */
export type ScheduledBody =
  | (Change & { readonly versions?: PinnedVersions })
  | Exclude<CommandBody, { kind: 'change' | 'order' | 'withdraw' | 'unreadable' }>;

/** A decided command that waits for its instant. */
export interface ScheduledChange {
  readonly id: string;
  readonly commandId: string;
  readonly dueAt: Instant;
  readonly body: ScheduledBody;
}

/** A span without service, from the first pause reason to the end of the last one; by days, or by instants. */
interface Pause {
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

/** The states of a one-time charge. */
export type OneTimeState = 'waiting' | 'billed' | 'withdrawn';

/** A charge that is billed once and waits for the next document. Its price mode is the contract's. */
export interface OneTimeCharge {
  readonly id: string;
  /** `setup` is the set-up fee of the ordered variant, which is billed with the first bill. */
  readonly kind: 'charge' | 'setup';
  readonly text: string;
  readonly reference: string | null;
  readonly application: string | null;
  readonly serviceDate: LocalDate;
  readonly quantity: string;
  /** Below zero for a one-time credit. */
  readonly unitPrice: string;
  readonly taxPolicyId: string;
  /** It is billed by a bill after this instant. */
  readonly madeAt: Instant;
}

/** The amount that was billed of one tier of a metered period, by all its lines together. */
export interface RatedPart {
  readonly part: number;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
}

/** A metered period that was rated and that late usage has reopened. */
export interface ReopenedPeriod {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** The instant at which the last late usage was reported. A bill run after it rates the period again. */
  readonly reportedAt: Instant;
  /** The item by whose price it was rated. */
  readonly item: Item;
  readonly parts: readonly RatedPart[];
  /** The tax at which it was rated, even if it had no line. Null if it was rated before the tax was stored. */
  readonly tax: LineTax | null;
}

export interface TaxRate {
  readonly taxPolicyId: string;
  readonly country: string;
  readonly validFrom: LocalDate;
  readonly category: string;
  readonly rate: string;
  readonly text: string;
}

/** Everything about a contract that decisions need. It has nothing of the contract's past that is closed. */
export interface ContractState {
  readonly contractId: string;
  readonly zone: string;
  readonly country: string;
  readonly currency: string;
  readonly priceMode: 'net' | 'gross';
  readonly startDate: LocalDate;
  readonly startsAt: Instant;
  readonly anchor: LocalDate;
  readonly trialEndsAt: Instant | null;
  readonly phase: PhaseKind;
  readonly pauseReasons: readonly PauseReason[];
  readonly settledThrough: Instant;
  readonly endedAt: Instant | null;
  readonly terms: VariantTerms;
  /** The number of the fee's newest revision, even if the fee has ended; 0 before the first. */
  readonly feeRevision: number;
  /** The newest revision of every subject that no row has ended. It may begin later, or have passed its own end. */
  readonly items: readonly Item[];
  /** Ended revisions of post-paid and metered subjects that are not billed to their end yet. */
  readonly past: readonly Item[];
  /** Items that were in force when the pause began, and that a change in the pause has superseded or removed. */
  readonly suspended: readonly Item[];
  /** Pauses that overlap time which is not billed yet. */
  readonly pauses: readonly Pause[];
  /** The date from which the term is counted. */
  readonly termStart: LocalDate;
  readonly oneTime: readonly OneTimeCharge[];
  readonly reopened: readonly ReopenedPeriod[];
  readonly lines: readonly CoveringLine[];
  /** In the order in which they are due. */
  readonly scheduled: readonly ScheduledChange[];
  /** Oldest first. */
  readonly commands: readonly PendingCommand[];
  readonly taxRates: readonly TaxRate[];
}

/** The rows that a step adds for the contract itself, without charges and documents. */
export interface ContractRows {
  readonly phases: readonly {
    readonly id: string;
    readonly kind: Exclude<PhaseKind, 'ordered'>;
    readonly variantVersionId: string;
    readonly startsAt: Instant;
  }[];
  readonly subscriptions: readonly { readonly id: string; readonly componentId: string }[];
  readonly items: readonly ItemRow[];
  readonly scheduled: readonly ScheduledChange[];
  readonly closed: readonly { readonly id: string; readonly state: 'done' | 'withdrawn' | 'void' }[];
  readonly oneTime: readonly OneTimeCharge[];
}

export const NO_ROWS: ContractRows = {
  phases: [],
  subscriptions: [],
  items: [],
  scheduled: [],
  closed: [],
  oneTime: [],
};

/** The rows of `a`, then those of `b`. */
export function joinRows(a: ContractRows, b: ContractRows): ContractRows {
  return {
    phases: [...a.phases, ...b.phases],
    subscriptions: [...a.subscriptions, ...b.subscriptions],
    items: [...a.items, ...b.items],
    scheduled: [...a.scheduled, ...b.scheduled],
    closed: [...a.closed, ...b.closed],
    oneTime: [...a.oneTime, ...b.oneTime],
  };
}
