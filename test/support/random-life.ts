// Random lives of a contract: which wishes it gets on which day. The command for a wish depends on what is booked.
import * as fc from 'fast-check';
import type { CommandBody } from '../../domain/contracts/state.ts';
import { add, cancel, pause, remove, resume, set, toVariant } from './contract-builder.ts';
import type { Effect } from './oracle.ts';

export const dateOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
/** An instant that lies on that day in every zone of the lives. */
export const noonOf = (day: number): string => `${dateOf(day)}T12:00:00.000Z`;
const FROM = Date.parse('2023-01-01') / 86_400_000;

const wish = fc.oneof(
  fc.record({
    kind: fc.constant('variant' as const),
    id: fc.constantFrom('basic', 'pro', 'pro-year', 'free'),
  }),
  fc.record({ kind: fc.constant('seats' as const), quantity: fc.integer({ min: 0, max: 7 }) }),
  fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const) }),
  fc.record({ kind: fc.constant('cancel' as const), credit: fc.boolean() }),
);
const action = fc.record({
  gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 45 })),
  wishes: fc.oneof(
    wish.map((one) => [one]),
    fc.constant([{ kind: 'seats', quantity: 2 } as const]),
  ),
  atEnd: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

export const life = fc.record({
  start: fc.integer({ min: 0, max: 500 }).map((day) => FROM + day),
  variant: fc.constantFrom('basic', 'pro', 'pro-year', 'free'),
  zone: fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'America/Juneau',
    'Australia/Sydney',
    'Asia/Kolkata',
  ),
  actions: fc.array(action, { minLength: 5, maxLength: 9 }),
});
export type RandomLife = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** Days of trial that a variant grants. */
export const trialOf = (variant: string): number => (variant === 'basic' ? 14 : 0);

export interface Wanted {
  readonly body: CommandBody;
  readonly effects: Effect[];
  /** Whether it is scheduled. A booking is not, as the oracle knows only one subscription of seats. */
  readonly scheduled: boolean;
}

/** The command for a wish, given the subscription of seats. A change to Free removes the seats, too. Null: nothing to do. */
export function commandFor(effect: Effect, seat: string | undefined, atEnd: boolean): Wanted | null {
  const wanted = (body: CommandBody, effects: Effect[] = [effect], scheduled = atEnd): Wanted => ({
    body,
    effects,
    scheduled,
  });
  switch (effect.kind) {
    case 'variant': {
      const leaves = effect.id === 'free' && seat !== undefined;
      return leaves
        ? wanted(toVariant(effect.id, { remove: [seat] }), [{ kind: 'seats', quantity: 0 }, effect])
        : wanted(toVariant(effect.id));
    }
    case 'seats': {
      if (seat === undefined) {
        return effect.quantity === 0 ? null : wanted(add('seat', String(effect.quantity)), [effect], false);
      }
      return wanted(effect.quantity === 0 ? remove(seat) : set(seat, String(effect.quantity)));
    }
    case 'cancel':
      return wanted(cancel(effect.credit));
    default:
      return wanted(effect.kind === 'pause' ? pause() : resume());
  }
}
