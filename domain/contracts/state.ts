import type { Instant, LocalDate } from '../arithmetic/calendar.ts';
import type { Pricing, Terms } from '../catalogue/terms.ts';

export type {
  Aggregation,
  Catalogue,
  ComponentTerms,
  ListedComponent,
  PaymentMode,
  Pricing,
  Proration,
  Terms,
} from '../catalogue/terms.ts';

/** The ids that a step makes come from outside, so that the domain stays pure. */
export type NewId = (
  kind: 'phase' | 'item' | 'subscription' | 'scheduledChange' | 'charge' | 'document' | 'oneTime',
) => string;

/** `ordered`: the order is not decided, or the start lies ahead. */
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

/** A recurring thing at one price and quantity, from an instant on; its successor of the same subject ends it. */
export interface Item {
  readonly id: string;
  /** `fee`, or the id of the component subscription. */
  readonly subject: string;
  readonly componentId: string | null;
  readonly revision: number;
  /** The item whose lines are its own, too: itself, unless a change in a pause was taken back in that pause. */
  readonly origin: string;
  readonly quantity: string;
  /** Its periods are anchor + n × the interval of its price. */
  readonly anchor: LocalDate;
  readonly effectiveAt: Instant;
  /** Where it ends by itself, or where its successor begins; null while neither is known. */
  readonly endsAt: Instant | null;
  /** The first units, free, in the variant that it is booked under; null: those of its price. */
  readonly included: string | null;
  readonly pricing: Pricing;
}

/** A row of `items`: like an item, but its quantity may be null, which ends its subject. */
export type ItemRow = Omit<Item, 'quantity'> & { readonly quantity: string | null };

/** Why a range became due or ceased to be. */
export type Why = 'renewal' | 'first_period' | 'change' | 'resume' | 'cancel' | 'end';

/** The tax that a line bears, kept with it for ever. */
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

/** A stored line that covers days from the window on. It is read as it is, never computed again. */
export interface CoveringLine {
  readonly chargeId: string;
  readonly itemId: string;
  /** That of its item. */
  readonly origin: string;
  readonly subject: string;
  readonly part: number;
  readonly text: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly quantity: string;
  readonly unitPrice: string;
  /** Exact, of the full period; decimal text. */
  readonly fullAmount: string;
  /** What `fullDays` counts: days, or seconds. */
  readonly unit: 'day' | 'second';
  readonly fullDays: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly uncovered: readonly Uncovered[];
}

/** `period_end`, `now`, or a local date of the contract's zone. */
export type Effective = string;

/** A new subscription of a component, from the day of the command or its own start, until an end where it has one. */
export interface Booking {
  readonly component: string;
  readonly quantity: string;
  readonly start?: LocalDate;
  /** The day after the last. */
  readonly end?: LocalDate;
}

/** What a `change` asks for: quantities are absolute, and 0 ends a subscription, as `remove` does. */
export interface Change {
  readonly kind: 'change';
  /** The variant to change to. */
  readonly variant?: string;
  readonly components?: {
    readonly add?: readonly Booking[];
    readonly set?: readonly { readonly subscription: string; readonly quantity: string }[];
    readonly remove?: readonly string[];
  };
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
  | { readonly kind: 'cancel'; readonly credit?: boolean; readonly waiveTerm?: boolean }
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
 * A change as it waits: with the version of its variant, and those of the components that it adds and that the variant
 * includes, as they were when it was accepted. Bodies that were stored before versions were pinned have none.
 */
export type ScheduledBody =
  | (Change & { readonly versions?: PinnedVersions })
  | Exclude<CommandBody, { kind: 'change' | 'order' | 'withdraw' | 'unreadable' }>;

/** A decided change that waits for its instant. */
export interface ScheduledChange {
  readonly id: string;
  readonly commandId: string;
  readonly dueAt: Instant;
  readonly body: ScheduledBody;
}

/** A span without service: from the day, or the instant, of the first reason to pause to that of the last one's end. */
interface Pause {
  readonly startsAt: Instant;
  readonly endsAt: Instant | null;
}

export type OneTimeState = 'waiting' | 'billed' | 'withdrawn';

/** A charge that is made once, and waits for the next document; its price mode is the contract's. */
export interface OneTimeCharge {
  readonly id: string;
  /** `setup`: of the variant that was ordered; it comes with the first bill. */
  readonly kind: 'charge' | 'setup';
  readonly text: string;
  readonly reference: string | null;
  readonly application: string | null;
  readonly serviceDate: LocalDate;
  readonly quantity: string;
  /** Below zero: a credit. */
  readonly unitPrice: string;
  readonly taxPolicyId: string;
  /** It comes with bills after this instant. */
  readonly madeAt: Instant;
}

/** The amount that was billed of one tier of a metered period, all its lines together. */
export interface RatedPart {
  readonly part: number;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
}

/** A metered period that was rated, and opened again by usage that came late. */
export interface ReopenedPeriod {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  /** When the last of the late usage was reported: it comes with bill runs after that. */
  readonly reportedAt: Instant;
  /** In whose terms it was rated. */
  readonly item: Item;
  readonly parts: readonly RatedPart[];
  /** The tax that it was rated at, also where it had no line; null: rated before that was stored. */
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

/** All that deciding about a contract needs, and nothing of its past that is closed. */
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
  readonly terms: Terms;
  /** The newest revision of the fee, also of one that has ended; 0 before the first. */
  readonly feeRevision: number;
  /** The newest revision of every subject that has not ended; one may lie ahead, or have its end behind it. */
  readonly items: readonly Item[];
  /** Revisions of post-paid and metered subjects that are over and not yet billed to their end. */
  readonly past: readonly Item[];
  /** Items that were in force when the pause began, and that a change in the pause has superseded or removed. */
  readonly suspended: readonly Item[];
  /** Pauses that reach into what is not yet billed. */
  readonly pauses: readonly Pause[];
  /** Where the term is counted from. */
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

/** The rows that a step adds about the contract itself; charges and documents come beside them. */
export interface Changes {
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

export const NO_CHANGES: Changes = {
  phases: [],
  subscriptions: [],
  items: [],
  scheduled: [],
  closed: [],
  oneTime: [],
};

/** Both, in order. */
export function joinChanges(a: Changes, b: Changes): Changes {
  return {
    phases: [...a.phases, ...b.phases],
    subscriptions: [...a.subscriptions, ...b.subscriptions],
    items: [...a.items, ...b.items],
    scheduled: [...a.scheduled, ...b.scheduled],
    closed: [...a.closed, ...b.closed],
    oneTime: [...a.oneTime, ...b.oneTime],
  };
}
