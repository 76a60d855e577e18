import { addDays } from '../../domain/arithmetic/calendar.ts';
import type { Booking } from './model.ts';
import type { Wish } from './plan.ts';

/** What is wished for, by dates. */
export function bookingOf({ component, quantity, subscription, start, end }: Wish, day: string): Booking {
  return {
    component,
    quantity,
    subscription,
    ...(start === null ? {} : { start: addDays(day, start) }),
    ...(end === null ? {} : { end: addDays(day, end) }),
  };
}

/** A booking as it is asked for. */
export function unnamed({ component, quantity, start, end }: Booking): Omit<Booking, 'subscription'> {
  return {
    component,
    quantity,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}
