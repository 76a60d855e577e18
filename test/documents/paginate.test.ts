import { describe, expect, it } from 'vitest';
import { paginate } from '../../documents/pdf/paginate.ts';

/** 100 points for rows on the first page and 130 on further ones; a carried sum takes 10, the tail 30. */
const room = { first: 100, further: 130, carried: 10, tail: 30 };
const rows = (count: number): number[] => Array.from({ length: count }, () => 10);

describe('rows are divided among pages', () => {
  it.each([
    [1, [[0, 1]]],
    // 7 rows and the tail fill the first page.
    [7, [[0, 7]]],
    // 8 rows fit without the tail, so the last one goes with the tail.
    [
      8,
      [
        [0, 7],
        [7, 8],
      ],
    ],
    // 9 rows and the carried sum fill the first page.
    [
      12,
      [
        [0, 9],
        [9, 12],
      ],
    ],
    // Further pages have 120 points: 11 rows and the sum that is carried on, or 9 rows and the tail.
    [
      18,
      [
        [0, 9],
        [9, 18],
      ],
    ],
    [
      19,
      [
        [0, 9],
        [9, 18],
        [18, 19],
      ],
    ],
    [
      40,
      [
        [0, 9],
        [9, 20],
        [20, 31],
        [31, 40],
      ],
    ],
  ])('%d rows', (count, pages) => {
    expect(paginate(rows(count), room)).toEqual(pages);
  });

  it('a row that is higher than a page has a page of its own', () => {
    expect(paginate([10, 500, 10], room)).toEqual([
      [0, 1],
      [1, 2],
      [2, 3],
    ]);
  });

  it('a row that fits only without the tail leaves the tail to the next page', () => {
    expect(paginate([95], room)).toEqual([
      [0, 0],
      [0, 1],
      [1, 1],
    ]);
    expect(paginate([85], room)).toEqual([
      [0, 0],
      [0, 1],
    ]);
  });

  it('a document without rows has one page', () => {
    expect(paginate([], room)).toEqual([[0, 0]]);
  });
});
