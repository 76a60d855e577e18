import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { documentPostings } from '../../domain/books/document.ts';
import { difference } from '../../domain/billing/difference.ts';
import { stepContext } from '../../domain/billing/due.ts';
import type { CommandBody } from '../../domain/contracts/state.ts';
import { Life, type Order } from '../support/contract-builder.ts';
import { type Event, oracle } from '../support/oracle.ts';
import { type RandomLife, commandFor, dateOf, life, noonOf, trialOf } from '../support/random-life.ts';

interface Lived {
  readonly order: Order;
  readonly life: Life;
  readonly until: string;
  readonly requests: { at: string; body: CommandBody; effective: string }[];
  readonly expected: number;
}

/** Runs a random life in memory, one timer at a time. The oracle computes the total of the commands that were accepted. */
function live(given: RandomLife): Lived {
  const { start, variant, zone } = given;
  const order = { variant, start: dateOf(start), zone };
  const lived = new Life(order);
  const [events, requests]: [Event[], Lived['requests']] = [[], []];
  let day = start;
  for (const { gap, wishes, atEnd } of given.actions) {
    day += gap;
    for (const one of wishes) {
      lived.stepTo(noonOf(day));
      const seat = lived.state.items.find((item) => item.componentId === 'seat')?.subject;
      const wanted = commandFor(one, seat, atEnd);
      if (wanted === null || lived.state.phase === 'ended') continue;
      const { body, effects, scheduled } = wanted;
      const request = { at: noonOf(day), body, effective: scheduled ? 'period_end' : 'now' };
      requests.push(request);
      if (lived.do(request.at, request.body, request.effective) === 'applied') {
        events.push({ day, effect: effects, atEnd: scheduled });
      }
    }
  }
  const until = day + 70;
  lived.stepTo(dateOf(until));
  const expected = oracle(variant, start, trialOf(variant), until, events);
  return { order, life: lived, until: dateOf(until), requests, expected };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);
const RUNS = { numRuns: 500 };

test('the charges of a random contract add up to an independent count of its days, to the cent (rule 9)', () => {
  fc.assert(
    fc.property(life, (given) => {
      const { life: lived, expected } = live(given);
      expect(sum(lived.charges.map((charge) => charge.amountMinor))).toBe(BigInt(expected));
    }),
    RUNS,
  );
});

test('credits of a line never exceed it, documents balance, and settling again at the same instant adds nothing (rule 10)', () => {
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
      const window = stepContext(lived.state, lived.state, lived.state.settledThrough, lived.catalogue);
      expect(difference(window, String, { why: 'renewal', creditsUnused: true })).toEqual([]);
    }),
    RUNS,
  );
});

test('a contract that wakes late bills the same lines as one that wakes at every instant (rule 19)', () => {
  fc.assert(
    fc.property(life, (given) => {
      const { order, life: punctual, until, requests } = live(given);
      const late = new Life(order);
      for (const { at, body, effective } of requests) late.ask(at, body, effective);
      late.until(until);
      expect(late.charges).toEqual(punctual.charges);
      expect(late.decisions).toEqual(punctual.decisions);
      expect(late.printed).toEqual(punctual.printed);
    }),
    RUNS,
  );
});
