import type { Booking, Catalogue, Version } from './model.ts';
import type { PriceMode } from './model/taxes.ts';

/** An action on one contract. Subscriptions, commands, events and charges have the names that the life gave them. */
export type Wanted =
  | {
      readonly kind: 'order';
      readonly variant: string;
      /** In days from today. The anchor is in days from the first billed day. */
      readonly startIn: number;
      readonly anchorIn: number | null;
      readonly add: readonly Wish[];
      /** The token of the sandbox that pays for it. Null: receipts, or the payment method of the account. */
      readonly payment: string | null;
      /** Whether the customer of the first contract orders it. Otherwise a new customer does. */
      readonly again: boolean;
    }
  | {
      readonly kind: 'change';
      readonly id: string;
      readonly effective: When;
      readonly variant: string | null;
      readonly add: readonly Wish[];
      readonly set: readonly { readonly subscription: string; readonly quantity: string }[];
      readonly remove: readonly string[];
    }
  | {
      readonly kind: 'pause' | 'resume';
      readonly id: string;
      readonly effective: When;
      readonly reason: 'customer' | 'operator';
    }
  | {
      readonly kind: 'cancel';
      readonly id: string;
      readonly effective: When;
      readonly credit: boolean | null;
      readonly waive: boolean;
    }
  | { readonly kind: 'withdraw'; readonly id: string; readonly command: string }
  | {
      readonly kind: 'usage';
      readonly component: string;
      /** In seconds before now. */
      readonly ago: number;
      readonly quantity: string;
      readonly value: string;
      readonly event: string;
      /** Whether it is sent twice at once. */
      readonly twice: boolean;
    }
  | { readonly kind: 'usage_again'; readonly event: string }
  | {
      readonly kind: 'one_time';
      readonly id: string;
      readonly quantity: string;
      readonly unitPrice: string;
      readonly now: boolean;
    }
  | { readonly kind: 'withdraw_one_time'; readonly id: string }
  | Payment;

/** An action on payments: a payment method is set or removed, a receipt recorded, or a challenge answered. */
export type Payment =
  | { readonly kind: 'pay_with'; readonly payment: string; readonly of: 'contract' | 'account' }
  | { readonly kind: 'remove_method' }
  | { readonly kind: 'receipt'; readonly amount: string }
  | { readonly kind: 'confirm'; readonly declines: boolean };

/**
 * A step of a life: the clock of all contracts advances, a version is published, or one contract, given by its number, gets
 * a request.
 */
export type Action =
  | { readonly kind: 'advance'; readonly seconds: number }
  | { readonly kind: 'publish'; readonly version: Version }
  | { readonly kind: 'try'; readonly contract: number; readonly wanted: Wanted };

export type WantedOf<Kind extends Wanted['kind']> = Extract<Wanted, { kind: Kind }>;

/** `now`, `period_end`, or a number of days from today. */
export type When = 'now' | 'period_end' | number;

/** A booking; `start` and `end` in days from the day of the command. */
export interface Wish extends Pick<Booking, 'component' | 'quantity' | 'subscription'> {
  readonly start: number | null;
  readonly end: number | null;
}

/** The rate of the only tax policy, in percent. */
export const TAX_RATE = '19';

/** The beginning of a life: its catalogue, price mode, time zone and first instant. */
export interface Setting {
  readonly seed: number;
  readonly catalogue: Catalogue;
  readonly priceMode: PriceMode;
  readonly zone: string;
  /** The first instant of the clock. */
  readonly begin: string;
}

/** A whole life, which can be run again. */
export interface Plan extends Setting {
  readonly actions: readonly Action[];
}
