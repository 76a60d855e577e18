import { addDays, startOfDay } from '../../domain/arithmetic/calendar.ts';
import type { News } from './backend.ts';
import type { Booking } from './model.ts';
import type { Wish } from './plan.ts';

/** The booking that a wish asks for, with dates. */
export function bookingOf({ component, quantity, subscription, start, end }: Wish, day: string): Booking {
  return {
    component,
    quantity,
    subscription,
    ...(start === null ? {} : { start: addDays(day, start) }),
    ...(end === null ? {} : { end: addDays(day, end) }),
  };
}

/** A booking as it is requested, without its name. */
export function unnamed({ component, quantity, start, end }: Booking): Omit<Booking, 'subscription'> {
  return {
    component,
    quantity,
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  };
}

/** The requested booking that is most like the one that was made, or null if none was requested. */
export function closest(
  bookings: readonly Booking[],
  { quantity, startsAt, endsAt }: Pick<News['booked'][number], 'quantity' | 'startsAt' | 'endsAt'>,
  zone: string,
): Booking | null {
  const alike = (each: Booking): number =>
    (each.quantity === quantity ? 4 : 0) +
    ((each.end === undefined ? null : startOfDay(each.end, zone)) === endsAt ? 2 : 0) +
    (each.start !== undefined && startOfDay(each.start, zone) === startsAt ? 1 : 0);
  return [...bookings].sort((a, b) => alike(b) - alike(a))[0] ?? null;
}
