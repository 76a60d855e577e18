import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommandBody } from '../../domain/contracts/state.ts';
import {
  Life,
  add,
  cancel,
  pause,
  remove,
  resume,
  set,
  toVariant,
  withdraw,
} from '../support/contract-builder.ts';
import { dateOf, noonOf } from '../support/random-life.ts';

const variantId = fc.constantFrom('basic', 'pro', 'pro-year', 'kept', 'bundle', 'free');
const reason = fc.constantFrom('customer' as const, 'operator' as const);
/** A random command. `which` picks one of the existing subscriptions or scheduled changes. */
const wish = fc.record({
  gap: fc.integer({ min: 0, max: 20 }),
  which: fc.nat(3),
  quantity: fc.integer({ min: 1, max: 5 }),
  effective: fc.oneof(fc.constantFrom('now', 'period_end'), fc.integer({ min: 0, max: 80 })),
  ask: fc.oneof(
    fc.record({ kind: fc.constant('variant' as const), id: variantId, clean: fc.boolean() }),
    fc.record({ kind: fc.constant('add' as const), component: fc.constantFrom('seat', 'support') }),
    fc.record({ kind: fc.constantFrom('set' as const, 'remove' as const, 'withdraw' as const) }),
    fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const), reason }),
    fc.record({ kind: fc.constant('cancel' as const), credit: fc.boolean() }),
  ),
});
type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

function bodyOf(life: Life, { ask, which, quantity }: Wish): CommandBody {
  const booked = life.state.items.filter((item) => item.componentId !== null).map((item) => item.subject);
  const picked = booked[which % Math.max(booked.length, 1)] ?? 'none';
  switch (ask.kind) {
    case 'variant':
      return toVariant(ask.id, ask.clean ? { remove: booked } : {});
    case 'add':
      return add(ask.component, ask.component === 'support' ? '1' : String(quantity));
    case 'set':
      return set(picked, String(quantity));
    case 'remove':
      return remove(picked);
    case 'withdraw':
      return withdraw(life.state.scheduled[which]?.commandId ?? 'none');
    case 'cancel':
      return cancel(ask.credit);
    default:
      return ask.kind === 'pause' ? pause(ask.reason) : resume(ask.reason);
  }
}

test('a scheduled change that was accepted is applied on its day or withdrawn, and never blocks its contract (rule 21)', () => {
  const start = 19_700;
  fc.assert(
    fc.property(variantId, fc.array(wish, { minLength: 3, maxLength: 12 }), (variant, wishes) => {
      const life = new Life({ variant, start: dateOf(start) });
      let day = start;
      for (const each of wishes) {
        day += each.gap;
        const { effective } = each;
        life.stepTo(noonOf(day));
        const when = typeof effective === 'number' ? dateOf(day + effective) : effective;
        life.do(noonOf(day), bodyOf(life, each), when);
      }
      // A change that cannot be applied on its day throws here.
      life.stepTo(dateOf(day + 460));
      expect(life.state.scheduled).toEqual([]);
    }),
    { numRuns: 600 },
  );
});
