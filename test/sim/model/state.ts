import type { Revision, Subscription } from './arrears.ts';
import type { Step } from './book.ts';
import type { Range, Zone } from './dates.ts';
import type { LocalDate, Variant } from './types.ts';

/** The terms of a fee. `cuts` counts the changes of the interval before this phase. */
interface Phase {
  from: number;
  variant: Variant;
  cuts: number;
}

/** An item: the fee of a phase, or a revision of a booking. */
export type Item = Phase | Revision;

/** The instants up to which a component in arrears is billed when it is closed. */
export interface Closes {
  postPaid: number;
  metered: number;
}

export interface Fixed {
  zone: Zone;
  startDay: LocalDate;
  firstDay: LocalDate;
  /** Bills the open part of a component before its terms change. */
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
  /** Items that were superseded or removed in this step, or in this pause. */
  retired: Set<Item>;
  /** Whether the first billed day has begun. */
  begun: boolean;
  ended: boolean;
  /** Whether it ended without credit. */
  withheld: boolean;
}
