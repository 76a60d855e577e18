import { expect, test } from 'vitest';
import { intersect, isEmpty, merge, subtract } from '../../../domain/arithmetic/ranges.ts';
import type { Range } from '../../../domain/arithmetic/ranges.ts';

/** Reads ranges of letters: 'b-d f-h' is two ranges. */
const ranges = (text: string): Range[] =>
  text === '' ? [] : text.split(' ').map((each) => ({ start: each[0] ?? '', end: each[2] ?? '' }));

test('a range that ends where it starts covers nothing', () => {
  expect(ranges('a-a b-a a-b').map(isEmpty)).toEqual([true, true, false]);
});

test.each([
  ['', ''],
  ['a-c b-d', 'a-d'],
  ['a-b b-c', 'a-c'],
  ['d-e a-b', 'a-b d-e'],
  ['a-d b-c', 'a-d'],
  ['b-b c-a', ''],
])('%j merges to %j', (given, expected) => expect(merge(ranges(given))).toEqual(ranges(expected)));

test.each([
  ['a-e', '', 'a-e'],
  ['a-e', 'b-c', 'a-b c-e'],
  ['a-e', 'a-b d-e', 'b-d'],
  ['a-e', 'a-e', ''],
  ['a-c', 'c-e', 'a-c'],
  ['b-d', 'a-e', ''],
  ['a-c e-g', 'b-f', 'a-b f-g'],
  ['a-g', 'b-c d-e', 'a-b c-d e-g'],
  ['a-c', 'b-b', 'a-c'],
])('%j without %j is %j', (a, b, expected) =>
  expect(subtract(ranges(a), ranges(b))).toEqual(ranges(expected)),
);

test.each([
  ['a-c', 'b-d', 'b-c'],
  ['a-c', 'c-d', ''],
  ['a-g', 'b-c d-e', 'b-c d-e'],
  ['a-c e-g', 'b-f', 'b-c e-f'],
])('%j and %j have %j in common', (a, b, expected) => {
  expect(intersect(ranges(a), ranges(b))).toEqual(ranges(expected));
});

test('ranges may be of instants: if January is due and covered until the 15th, the 16th to the 31st is left', () => {
  const due = [{ start: '2024-01-01T00:00:00.000Z', end: '2024-02-01T00:00:00.000Z' }];
  const covered = [{ start: '2024-01-01T00:00:00.000Z', end: '2024-01-16T00:00:00.000Z' }];
  expect(subtract(due, covered)).toEqual([
    { start: '2024-01-16T00:00:00.000Z', end: '2024-02-01T00:00:00.000Z' },
  ]);
});
