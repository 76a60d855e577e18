import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Burst } from '../../bench/burst.ts';
import { type Measured, linesOf, tableOf, withTable } from '../../bench/report.ts';

const missed = (measured: Measured): string[] =>
  linesOf(measured)
    .filter(({ met }) => !met)
    .map(({ found }) => found);

const BURST: Burst = {
  contracts: 10_000,
  perSecond: 60,
  few: 1_000,
  fewPerSecond: [110, 130],
  ratio: 0.5,
  retries: 0,
  elsewhere: 12,
  bills: { fewest: 1, most: 1 },
};

it('a burst misses its target below half the rate of 1,000, with a retry, or unless each contract has one bill', () => {
  expect(missed({ burst: BURST })).toEqual([]);
  expect(missed({ burst: { ...BURST, perSecond: 59, ratio: 0.49 } })).toEqual(['59; ratio 0.49']);
  expect(missed({ burst: { ...BURST, retries: 1 } })).toEqual(['1; 1']);
  expect(missed({ burst: { ...BURST, bills: { fewest: 1, most: 2 } } })).toEqual(['1 to 2; 0']);
  expect(missed({ burst: { ...BURST, bills: { fewest: 0, most: 0 } } })).toEqual(['0; 0']);
});

it('contracts of one account miss their target below 0.70 of the rate of many accounts', () => {
  const oneAccount = { contracts: 2_000, comparedWith: 2_000, pairs: [], these: 70, those: 100, ratio: 0.7 };
  expect(missed({ oneAccount })).toEqual([]);
  expect(missed({ oneAccount: { ...oneAccount, these: 69, ratio: 0.69 } })).toEqual(['69; 100; ratio 0.69']);
});

it('the table has a row of CPU time, and no rows for values that were not measured', () => {
  const throughput = {
    pairs: [],
    ratio: 1,
    bare: 100,
    contracts: 100,
    cpuMs: {
      bare: { node: 4, postgres: 0.3, temporal: 6 },
      contracts: { node: 5, postgres: 2, temporal: 4 },
    },
    contractsDue: 1_000,
    times: 1,
  };
  expect(tableOf({ throughput }).split('\n')).toEqual([
    '| measured | result | target |',
    '|---|---|---|',
    '| Renewals per second, 1,000 contracts due at once | 100; bare workflow 100; ratio 1.00 | ratio ≥ 0.70 |',
    '| CPU per renewal, of all processes | 11.0 ms (Node 5.0, Temporal 4.0, Postgres 2.0); bare workflow 10.3 ms (Node 4.0, Temporal 6.0, Postgres 0.3) |  |',
  ]);
});

it('the results of earlier runs make a table together with those of a new run', () => {
  const stored = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Measured;
  expect(tableOf({ ...stored, burst: BURST })).toContain(
    '10,000 contracts due at once, compared with 1,000 | 60; ratio 0.50',
  );
});

it('README.md has the table of the headlines, and docs/performance.md the whole table of the stored results', () => {
  const stored = JSON.parse(readFileSync('bench/results.json', 'utf8')) as Measured;
  for (const [file, which] of [
    ['README.md', 'headlines'],
    ['docs/performance.md', 'all'],
  ] as const) {
    const text = readFileSync(file, 'utf8');
    expect(withTable(text, tableOf(stored, which))).toBe(text);
  }
  expect(() => withTable('no markers', '| a |')).toThrow('markers');
});
