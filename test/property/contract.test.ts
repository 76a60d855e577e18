import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentPostings } from '../../domain/billing/document.ts';
import { difference } from '../../domain/billing/difference.ts';
import type { CommandBody } from '../../domain/contract/state.ts';
import {
  Life,
  type Order,
  add,
  cancel,
  pause,
  remove,
  resume,
  set,
  toVariant,
} from '../support/contract-builder.ts';
import { type Effect, type Event, oracle } from '../support/oracle.ts';

const dayOf = (date: string): number => Date.parse(`${date}T00:00:00Z`) / 86_400_000;
const dateOf = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);
const FROM = dayOf('2023-01-01');

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
const life = fc.record({
  start: fc.integer({ min: 0, max: 500 }),
  variant: fc.constantFrom('basic', 'pro', 'pro-year', 'free'),
  zone: fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'America/Juneau',
    'Australia/Sydney',
    'Asia/Kolkata',
  ),
  actions: fc.array(action, { maxLength: 9 }),
});
type Given = typeof life extends fc.Arbitrary<infer T> ? T : never;

/** The command that asks for a wish, given what is booked now; leaving for Free takes the seats along. */
function bodyOf(lived: Life, effect: Effect): { body: CommandBody; effects: Effect[] } | null {
  const seat = lived.state.items.find((item) => item.componentId === 'seat')?.subject;
  switch (effect.kind) {
    case 'variant': {
      const leaves = effect.id === 'free' && seat !== undefined;
      const effects: Effect[] = leaves ? [{ kind: 'seats', quantity: 0 }, effect] : [effect];
      return { body: toVariant(effect.id, leaves ? { remove: [seat] } : {}), effects };
    }
    case 'seats': {
      if (seat === undefined) {
        return effect.quantity === 0
          ? null
          : { body: add('seat', String(effect.quantity)), effects: [effect] };
      }
      return {
        body: effect.quantity === 0 ? remove(seat) : set(seat, String(effect.quantity)),
        effects: [effect],
      };
    }
    case 'cancel':
      return { body: cancel(effect.credit), effects: [effect] };
    default:
      return { body: effect.kind === 'pause' ? pause() : resume(), effects: [effect] };
  }
}

interface Lived {
  readonly order: Order;
  readonly life: Life;
  readonly until: string;
  readonly asked: { at: string; body: CommandBody; effective: string }[];
  readonly expected: number;
}

/** Lives a random life, a timer at a time, and has the oracle count what was accepted. */
function live(given: Given): Lived {
  const start = FROM + given.start;
  const order = { variant: given.variant, start: dateOf(start), zone: given.zone };
  const lived = new Life(order);
  const [events, asked]: [Event[], Lived['asked']] = [[], []];
  let day = start;
  for (const { gap, wishes, atEnd } of given.actions) {
    day += gap;
    for (const one of wishes) {
      lived.stepTo(`${dateOf(day)}T12:00:00.000Z`);
      const wanted = bodyOf(lived, one);
      if (wanted === null || lived.state.phase === 'ended') continue;
      // The oracle knows one subscription of seats, so that a booking may not wait beside another one.
      const books = wanted.body.kind === 'change' && wanted.body.components?.add !== undefined;
      const scheduled = atEnd && !books;
      const request = {
        at: `${dateOf(day)}T12:00:00.000Z`,
        body: wanted.body,
        effective: scheduled ? 'period_end' : 'now',
      };
      asked.push(request);
      if (lived.do(request.at, request.body, request.effective) === 'applied') {
        events.push({ day, effect: wanted.effects, atEnd: scheduled });
      }
    }
  }
  const until = day + 70;
  lived.stepTo(dateOf(until));
  const trial = given.variant === 'basic' ? 14 : 0;
  const expected = oracle(given.variant, start, trial, until, events);
  return { order, life: lived, until: dateOf(until), asked, expected };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
const RUNS = { numRuns: 500 };

test('what a life costs is what an independent count of its days says, to the cent (rule 9)', () => {
  fc.assert(
    fc.property(life, (given) => {
      const { life: lived, expected } = live(given);
      expect(sum(lived.charges.map((charge) => charge.amountMinor))).toBe(BigInt(expected));
    }),
    RUNS,
  );
});

test('credits of a line never exceed it, documents balance, and the same instant again adds nothing (rule 10)', () => {
  fc.assert(
    fc.property(life, (given) => {
      const { life: lived } = live(given);
      const charges = lived.charges;
      const lines = charges.filter((charge) => charge.kind === 'recurring');
      const exceeded = lines.filter((line) => {
        const credits = charges.filter((charge) => charge.reversesId === line.id);
        const taken = -sum(credits.map((charge) => charge.amountMinor));
        return taken < 0n || taken > line.amountMinor;
      });
      expect(exceeded).toEqual([]);
      const unbalanced = lived.documents.filter(
        (document) =>
          sum(documentPostings(document).map((posting) => posting.amountMinor)) !== 0n ||
          document.netMinor + document.taxMinor !== document.grossMinor ||
          sum(document.lines.map((line) => line.netMinor)) !== document.netMinor,
      );
      expect(unbalanced).toEqual([]);
      const steps = lived.steps.length;
      expect(lived.settle().steps).toHaveLength(steps);
      if (lived.state.phase === 'ended') return;
      expect(difference(lived.state, lived.state.settledThrough, String, { why: 'renewal' })).toEqual([]);
    }),
    RUNS,
  );
});

test('a contract that wakes late bills the same lines as one that wakes at every instant (rule 19)', () => {
  fc.assert(
    fc.property(life, (given) => {
      const { order, life: punctual, until, asked } = live(given);
      const late = new Life(order);
      for (const { at, body, effective } of asked) late.ask(at, body, effective);
      late.until(until);
      expect(late.charges).toEqual(punctual.charges);
      expect(late.decisions).toEqual(punctual.decisions);
      expect(late.printed).toEqual(punctual.printed);
    }),
    RUNS,
  );
});
