import type { Revision, Subscription } from './arrears.ts';
import type { Step } from './book.ts';
import type { Range, Zone } from './dates.ts';
import type { LocalDate, Variant } from './types.ts';

/** What a fee is billed for; `cuts` counts the changes of the interval before it. */
interface Phase {
  from: number;
  variant: Variant;
  cuts: number;
}

/** What is billed by itself: the fee of a phase, or a revision of a booking. */
export type Item = Phase | Revision;

/** Where a component that is paid in arrears is closed. */
export interface Closes {
  postPaid: number;
  metered: number;
}

export interface Fixed {
  zone: Zone;
  startDay: LocalDate;
  firstDay: LocalDate;
  /** Bills what is open of a component, before its terms are changed. */
  close: (step: Step, one: Subscription, closes: Closes) => void;
}

export interface State {
  anchor: LocalDate;
  termStart: LocalDate;
  phases: Phase[];
  subscriptions: Subscription[];
  reasons: Set<string>;
  pauses: Range[];
  cuts: number;
  /** Items that were superseded or removed since they were last settled: in this step, or in this pause. */
  retired: Set<Item>;
  /** Whether the first day that is billed has begun. */
  begun: boolean;
  ended: boolean;
  /** Whether it ended without credit. */
  withheld: boolean;
}
