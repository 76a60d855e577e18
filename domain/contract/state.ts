import type { Instant, Interval, LocalDate } from '../calendar.ts';
import type { PriceModel } from '../pricing.ts';

/** The ids that a step makes come from outside, so that the domain stays pure. */
export type NewId = (
  kind: 'phase' | 'item' | 'subscription' | 'scheduledChange' | 'charge' | 'document',
) => string;

/** `ordered`: the order is not decided, or the start lies ahead. */
export type PhaseKind = 'ordered' | 'trial' | 'normal' | 'inactive' | 'ended';

export const PAUSE_REASONS = ['customer', 'operator', 'dunning', 'deactivated'] as const;
export type PauseReason = (typeof PAUSE_REASONS)[number];

/** How one recurring thing is priced: an immutable version of the catalogue. */
export interface Pricing {
  /** The component's version, or null for the fee of a variant. */
  readonly componentVersionId: string | null;
  readonly variantVersionId: string | null;
  /** What its line prints. */
  readonly name: string;
  readonly model: PriceModel;
  /** First units that are free, and the most that a period costs; decimal texts. */
  readonly included: string | null;
  readonly cap: string | null;
  readonly interval: Interval;
  readonly taxPolicyId: string;
}

/** A component as it can be booked now. */
export interface ComponentTerms {
  readonly componentId: string;
  readonly kind: 'bookable' | 'on_off' | 'metered';
  readonly pricing: Pricing;
}

/** A published version of a variant. */
export interface Terms {
  readonly variantId: string;
  readonly variantVersionId: string;
  readonly planGroupId: string;
  readonly planName: string;
  /** What the fee's line prints. */
  readonly name: string;
  /** Null: no fee, nothing is ever due for it. */
  readonly fee: Pricing | null;
  readonly feeInterval: Interval;
  readonly billingInterval: Interval;
  readonly trial: Interval | null;
  readonly creditOnCancel: boolean;
  /** What may be booked with it; a component that is not listed is not allowed. */
  readonly components: readonly {
    readonly componentId: string;
    readonly rule: 'included' | 'optional';
    readonly quantity: string;
  }[];
}

/** What can be booked in a plan group now: its variants and components in their newest versions. */
export interface Catalogue {
  readonly variants: readonly Terms[];
  readonly components: readonly ComponentTerms[];
}

/** A recurring thing at one price and quantity, from an instant on; its successor of the same subject ends it. */
export interface Item {
  readonly id: string;
  /** `fee`, or the id of the component subscription. */
  readonly subject: string;
  readonly componentId: string | null;
  readonly revision: number;
  readonly quantity: string;
  /** Its periods are anchor + n × the interval of its price. */
  readonly anchor: LocalDate;
  readonly effectiveAt: Instant;
  readonly pricing: Pricing;
}

/** A row of `items`: like an item, but its quantity may be null, which ends its subject. */
export type ItemRow = Omit<Item, 'quantity'> & { readonly quantity: string | null };

/** What tax a line bears, kept with it for ever. */
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
  readonly subject: string;
  readonly part: number;
  readonly text: string;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly quantity: string;
  readonly unitPrice: string;
  /** Exact, of the full period; decimal text. */
  readonly fullAmount: string;
  readonly fullDays: number;
  readonly amountMinor: bigint;
  readonly tax: LineTax;
  readonly uncovered: readonly Uncovered[];
}

/** `period_end`, `now`, or a local date of the contract's zone. */
export type Effective = string;

/** What a `change` asks for: quantities are absolute. */
export interface Change {
  readonly kind: 'change';
  /** The variant to change to. */
  readonly variant?: string;
  readonly components?: {
    readonly add?: readonly { readonly component: string; readonly quantity: string }[];
    readonly set?: readonly { readonly subscription: string; readonly quantity: string }[];
    readonly remove?: readonly string[];
  };
}

export type CommandBody =
  | {
      readonly kind: 'order';
      readonly variant: string;
      readonly components: readonly { readonly component: string; readonly quantity: string }[];
    }
  | Change
  | { readonly kind: 'pause'; readonly reason: PauseReason }
  | { readonly kind: 'resume'; readonly reason: PauseReason }
  | { readonly kind: 'cancel'; readonly credit?: boolean }
  | { readonly kind: 'withdraw'; readonly command: string }
  | { readonly kind: 'unreadable'; readonly problem: string };

/** A stored command that waits to be decided. */
export interface PendingCommand {
  readonly id: string;
  readonly askedAt: Instant;
  readonly effective: Effective;
  readonly body: CommandBody;
}

/** A decided change that waits for its instant. */
export interface ScheduledChange {
  readonly id: string;
  readonly commandId: string;
  readonly dueAt: Instant;
  readonly body: Exclude<CommandBody, { kind: 'order' | 'withdraw' | 'unreadable' }>;
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
  /** The current revision of every subject. */
  readonly items: readonly Item[];
  readonly lines: readonly CoveringLine[];
  /** In the order in which they are due. */
  readonly scheduled: readonly ScheduledChange[];
  /** Oldest first. */
  readonly commands: readonly PendingCommand[];
  readonly taxRates: readonly TaxRate[];
}

/** What a step writes about the contract itself, as rows to add; charges and documents come beside it. */
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
}

export const NO_CHANGES: Changes = { phases: [], subscriptions: [], items: [], scheduled: [], closed: [] };

/** Both, in order. */
export function joinChanges(a: Changes, b: Changes): Changes {
  return {
    phases: [...a.phases, ...b.phases],
    subscriptions: [...a.subscriptions, ...b.subscriptions],
    items: [...a.items, ...b.items],
    scheduled: [...a.scheduled, ...b.scheduled],
    closed: [...a.closed, ...b.closed],
  };
}
