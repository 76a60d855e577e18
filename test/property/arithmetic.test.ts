import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays, addInterval, daysBetween } from '../../domain/arithmetic/calendar.ts';
import { allocate, cmp, dec, decText, formatMinor, parseAmount } from '../../domain/arithmetic/money.ts';
import { numberParts, periodKey } from '../../domain/books/numbering.ts';
import { checkPriceModel, price, roundParts, total } from '../../domain/catalogue/pricing.ts';
import type { PriceModel } from '../../domain/catalogue/pricing.ts';
import { creditLineMinor, prorate } from '../../domain/arithmetic/proration.ts';
import { intersect, merge, subtract } from '../../domain/arithmetic/ranges.ts';
import type { Range } from '../../domain/arithmetic/ranges.ts';
import { taxOf } from '../../domain/books/tax.ts';

const sum = (values: readonly bigint[]) => values.reduce((a, b) => a + b, 0n);
const size = (value: bigint) => (value < 0n ? -value : value);
const minor = fc.bigInt({ min: -10_000_000n, max: 10_000_000n });
/** A decimal text with up to four digits after the point. */
const decimal = (max: number) =>
  fc.integer({ min: 0, max: max * 10_000 }).map((n) => decText(dec((n / 10_000).toFixed(4))));

describe('money', () => {
  test('an amount that is printed and parsed is the same again', () => {
    fc.assert(
      fc.property(minor, fc.constantFrom('EUR', 'JPY', 'KWD', 'CLF'), (amount, currency) => {
        expect(parseAmount(formatMinor(amount, currency), currency)).toBe(amount);
      }),
    );
  });

  test('parts add up to the total, each is within one unit of its exact share, and a negative total has the negative parts', () => {
    const weights = fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(minor, weights, (amount, each) => {
        fc.pre(sum(each) > 0n);
        const parts = allocate(amount, each);
        expect(sum(parts)).toBe(amount);
        parts.forEach((part, index) => {
          const exact = amount * (each[index] ?? 0n);
          expect(size(part * sum(each) - exact) < sum(each)).toBe(true);
          expect(amount >= 0n ? part >= 0n : part <= 0n).toBe(true);
        });
        expect(allocate(-amount, each)).toEqual(parts.map((part) => -part));
      }),
    );
  });
});

describe('tax', () => {
  const rate = fc.constantFrom('0', '2.5', '8.1', '19', '20');
  const lines = fc.array(
    fc.record({ amount: minor, category: fc.constantFrom('standard', 'reduced'), rate }),
    { maxLength: 10 },
  );

  test('lines add up to groups and groups to the document, net or gross, and a credit of all has the negative net and tax', () => {
    fc.assert(
      fc.property(lines, fc.constantFrom('net' as const, 'gross' as const), (given, mode) => {
        const document = taxOf(given, mode);
        for (const key of ['net', 'tax', 'gross'] as const) {
          expect(sum(document.lines.map((line) => line[key]))).toBe(document[key]);
          expect(sum(document.groups.map((group) => group[key]))).toBe(document[key]);
        }
        expect(document.net + document.tax).toBe(document.gross);
        document.lines.forEach((line, index) => expect(line[mode]).toBe(given[index]?.amount));
        const credit = taxOf(
          given.map((line) => ({ ...line, amount: -line.amount })),
          mode,
        );
        expect([credit.net, credit.tax]).toEqual([-document.net, -document.tax]);
      }),
    );
  });
});

describe('proration', () => {
  test('the parts of a period differ from the whole by at most half a cent each', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 31 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(decimal(1000), cuts, (full, days) => {
        const of = days.reduce((a, b) => a + b, 0);
        const parts = days.map((each) => prorate(dec(full), each, of, 'EUR').minor);
        const whole = prorate(dec(full), of, of, 'EUR').minor;
        expect(size(sum(parts) - whole) <= BigInt(Math.ceil((days.length + 1) / 2))).toBe(true);
      }),
    );
  });

  test('credits of all days of a line add up to exactly the line, and never exceed it before', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 10 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(decimal(100), cuts, fc.boolean(), (price, days, negative) => {
        const fullExact = dec(negative && price !== '0' ? `-${price}` : price);
        const fullLength = days.reduce((a, b) => a + b, 0);
        const lineMinor = prorate(fullExact, fullLength, fullLength, 'EUR').minor;
        let [credited, leftUnits] = [0n, fullLength];
        for (const each of days) {
          const input = {
            lineMinor,
            alreadyCredited: credited,
            fullExact,
            units: each,
            fullLength,
            leftUnits,
          };
          credited -= creditLineMinor({ ...input, currency: 'EUR' });
          leftUnits -= each;
          expect(size(credited) <= size(lineMinor)).toBe(true);
        }
        expect(credited).toBe(lineMinor);
      }),
    );
  });
});

describe('prices', () => {
  const bounds = fc
    .uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 4 })
    .map((each) => [...each.sort((a, b) => a - b).map(String), null]);
  const tiers = bounds.chain((each) =>
    fc.tuple(...each.map((upTo) => fc.record({ upTo: fc.constant(upTo), price: decimal(20) }))),
  );
  const graduated = tiers.map((each): PriceModel => ({ kind: 'graduated', tiers: each }));
  const buckets = tiers.map((each): PriceModel => ({
    kind: 'buckets',
    tiers: each.map((tier) =>
      tier.upTo === null ? { upTo: null, price: tier.price } : { upTo: tier.upTo, flat: tier.price },
    ),
  }));
  const simple = decimal(20).map((each): PriceModel => ({ kind: 'simple', price: each }));
  const monotone = fc.oneof(simple, graduated, buckets);

  test('with simple, graduated and bucket prices, more units never cost less', () => {
    fc.assert(
      fc.property(monotone, decimal(600), decimal(50), decimal(100), (model, quantity, more, included) => {
        checkPriceModel(model);
        const larger = decText(dec((Number(quantity) + Number(more)).toFixed(4)));
        const [a, b] = [price(model, quantity, { included }), price(model, larger, { included })];
        expect(cmp(total(a), total(b))).toBeLessThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  test('a graduated price is the sum of the units in each tier × the price of the tier', () => {
    fc.assert(
      fc.property(
        tiers,
        fc.integer({ min: 0, max: 800 }),
        fc.integer({ min: 0, max: 100 }),
        (each, quantity, included) => {
          let expected = 0n;
          for (let unit = included + 1; unit <= quantity; unit += 1) {
            const tier = each.find(({ upTo }) => upTo === null || unit <= Number(upTo));
            expected += parseAmount(tier?.price ?? '', 'CLF');
          }
          const parts = price({ kind: 'graduated', tiers: each }, String(quantity), {
            included: String(included),
          });
          expect(decText(total(parts))).toBe(decText(dec(formatMinor(expected, 'CLF'))));
        },
      ),
    );
  });

  test('the units of all parts add up to the quantity, and no part is below zero', () => {
    fc.assert(
      fc.property(fc.oneof(simple, graduated), decimal(600), decimal(100), (model, quantity, included) => {
        const parts = price(model, quantity, { included });
        const units = parts.reduce((all, part) => all + parseAmount(part.quantity, 'CLF'), 0n);
        expect(units).toBe(parseAmount(quantity, 'CLF'));
        expect(parts.every((part) => cmp(part.amount, dec(0)) >= 0)).toBe(true);
      }),
    );
  });

  test('a price never exceeds its cap, rounded or not, and has a part for the cap only if it would exceed it', () => {
    fc.assert(
      fc.property(monotone, decimal(600), fc.integer({ min: 0, max: 5000 }), (model, quantity, euros) => {
        const cap = String(euros);
        const parts = price(model, quantity, { cap });
        expect(cmp(total(parts), dec(cap))).toBeLessThanOrEqual(0);
        const rounded = roundParts(parts, 'EUR', cap);
        expect(sum(rounded.map((part) => part.minor)) <= BigInt(euros) * 100n).toBe(true);
        expect(cmp(total(price(model, quantity)), dec(cap)) > 0).toBe(parts.at(-1)?.kind === 'cap');
      }),
      { numRuns: 300 },
    );
  });
});

describe('ranges', () => {
  const point = fc.integer({ min: 0, max: 12 });
  const ranges = fc.array(
    fc
      .tuple(point, point)
      .map(([a, b]): Range => ({ start: addDays('2024-01-01', a), end: addDays('2024-01-01', b) })),
    { maxLength: 5 },
  );
  const days = Array.from({ length: 13 }, (_, index) => addDays('2024-01-01', index));
  const covers = (cover: readonly Range[], day: string) =>
    cover.some(({ start, end }) => start <= day && day < end);

  test('merge, subtract and intersect cover the days of the union, the difference and the intersection', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        for (const day of days) {
          expect(covers(merge(a), day)).toBe(covers(a, day));
          expect(covers(subtract(a, b), day)).toBe(covers(a, day) && !covers(b, day));
          expect(covers(intersect(a, b), day)).toBe(covers(a, day) && covers(b, day));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('results are merged, and the difference and the intersection together are the whole', () => {
    fc.assert(
      fc.property(ranges, ranges, (a, b) => {
        for (const result of [subtract(a, b), intersect(a, b)]) expect(merge(result)).toEqual(result);
        expect(merge([...subtract(a, b), ...intersect(a, b)])).toEqual(merge(a));
        expect(subtract(a, a)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

test('two documents of one series never have the same number', () => {
  const pattern = fc.constantFrom(
    '{YYYY}{MM}{#}',
    '{#}{MM}',
    'R{##}-{YY}',
    '{YYYY}-{##/YYYY}',
    '{##/MM}{MM}{YYYY}',
  );
  const issued = fc.record({
    date: fc.integer({ min: 0, max: 1500 }).map((n) => addDays('2023-01-01', n)),
    counter: fc.integer({ min: 1, max: 2000 }),
  });
  fc.assert(
    fc.property(pattern, issued, issued, (each, a, b) => {
      const taken = (document: typeof a) => `${periodKey(each, document.date)} ${document.counter}`;
      fc.pre(taken(a) !== taken(b));
      const number = ({ date, counter }: typeof a): string => {
        const { prefix, width, suffix } = numberParts(each, date);
        return `${prefix}${String(counter).padStart(width, '0')}${suffix}`;
      };
      expect(number(a)).not.toBe(number(b));
    }),
    { numRuns: 500 },
  );
});

test('twelve months in a row have as many days as the year from the same anchor, and each has 28 to 31 days', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3000 }).map((n) => addDays('2020-01-01', n)),
      (anchor) => {
        const bounds = Array.from({ length: 13 }, (_, n) =>
          addInterval(anchor, { unit: 'month', count: 1 }, n),
        );
        const days = bounds.slice(1).map((end, index) => daysBetween(bounds[index] ?? '', end));
        expect(days.reduce((a, b) => a + b, 0)).toBe(
          daysBetween(anchor, addInterval(anchor, { unit: 'year', count: 1 }, 1)),
        );
        expect(days.every((each) => each >= 28 && each <= 31)).toBe(true);
      },
    ),
  );
});
